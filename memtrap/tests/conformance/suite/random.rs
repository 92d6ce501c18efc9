//! Reproducible randomness: one stream for each instance, so that any instance can be made again alone.

/// SplitMix64: tiny, and every seed gives a full-period stream.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of instance `index` of form `form` under `seed`.
    pub(crate) fn of(seed: u64, form: u64, index: u64) -> Self {
        let mut mixed = Self(seed);
        for part in [form, index] {
            mixed.0 = mixed.next() ^ part.wrapping_mul(0xd134_2543_de82_ef95);
        }
        mixed
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    /// Whether an event of probability 1 in `n` happens.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// An integer of a kind that arithmetic treats specially about as often as not.
    pub(crate) fn integer(&mut self) -> u64 {
        match self.below(8) {
            0 => self.next() & 0xff,
            1 => (self.next() & 0xff).wrapping_neg(),
            2 => 1 << self.below(64),
            3 => (1 << self.below(64)) - 1,
            4 => self.pick(&[0, u64::MAX, 1 << 63, (1 << 63) - 1, 0x8000_0000, 0x7fff_ffff, 0x8000, 0x80]),
            _ => self.next(),
        }
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
