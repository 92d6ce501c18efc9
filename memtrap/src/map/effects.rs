//! The policies of a register's bits, as one mask for each thing an access can do.

use super::{Field, Policy, ReadEffect, WriteEffect};

/// What accesses do to the bits of one register. Every bit is in one mask for reads and in one for writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Bits that a read clears.
    read_clears: u64,
    /// Bits that a read sets.
    read_sets: u64,
    /// Bits that read as zero.
    unreadable: u64,
    /// Bits that take the written value.
    pub(super) stores: u64,
    /// Bits that any write clears.
    clears: u64,
    /// Bits that any write sets.
    sets: u64,
    one_clears: u64,
    one_sets: u64,
    one_toggles: u64,
    pub(super) zero_clears: u64,
    pub(super) zero_sets: u64,
    pub(super) zero_toggles: u64,
    /// Bits that the first write after reset stores.
    pub(super) once: u64,
}

impl Effects {
    /// The effects of a register with `policy`, except in those of its `fields` that have their own.
    pub const fn new(policy: Policy, fields: &[Field]) -> Self {
        let mut own = 0;
        let mut effects = Self {
            read_clears: 0,
            read_sets: 0,
            unreadable: 0,
            stores: 0,
            clears: 0,
            sets: 0,
            one_clears: 0,
            one_sets: 0,
            one_toggles: 0,
            zero_clears: 0,
            zero_sets: 0,
            zero_toggles: 0,
            once: 0,
        };
        let mut index = 0;
        while index < fields.len() {
            if let Some(policy) = fields[index].policy {
                effects = effects.with(policy, fields[index].mask());
                own |= fields[index].mask();
            }
            index += 1;
        }
        effects.with(policy, !own)
    }

    /// The same effects, but for `bits` those of `policy`; they must not have any yet.
    pub(crate) const fn with(mut self, policy: Policy, bits: u64) -> Self {
        match policy.read {
            ReadEffect::Pure => {}
            ReadEffect::Clear => self.read_clears |= bits,
            ReadEffect::Set => self.read_sets |= bits,
            ReadEffect::Unreadable => self.unreadable |= bits,
        }
        match policy.write {
            WriteEffect::Ignored => {}
            WriteEffect::Store => self.stores |= bits,
            WriteEffect::Clear => self.clears |= bits,
            WriteEffect::Set => self.sets |= bits,
            WriteEffect::OneClears => self.one_clears |= bits,
            WriteEffect::OneSets => self.one_sets |= bits,
            WriteEffect::OneToggles => self.one_toggles |= bits,
            WriteEffect::ZeroClears => self.zero_clears |= bits,
            WriteEffect::ZeroSets => self.zero_sets |= bits,
            WriteEffect::ZeroToggles => self.zero_toggles |= bits,
            WriteEffect::Once => self.once |= bits,
        }
        self
    }

    /// The bits on which a write of `value` acts although it may be what was read.
    pub const fn writing_back_acts(&self, value: u64) -> u64 {
        (self.one_clears | self.one_toggles) & value | (self.zero_sets | self.zero_toggles) & !value
    }

    /// The value that leaves every bit of a register that holds `stored` alone when it is written, except those that act
    /// whatever is written.
    pub const fn left_alone(&self, stored: u64) -> u64 {
        stored & !(self.one_clears | self.one_sets | self.one_toggles)
            | self.zero_clears
            | self.zero_sets
            | self.zero_toggles
    }

    /// Whether a read changes a bit.
    pub const fn read_has_effect(&self) -> bool {
        self.read_clears | self.read_sets != 0
    }

    /// Whether the first write differs from later ones.
    pub const fn has_once(&self) -> bool {
        self.once != 0
    }

    /// What a read of a register that holds `stored` returns, and what the register holds then.
    #[must_use]
    pub const fn read(&self, stored: u64) -> (u64, u64) {
        (stored & !self.unreadable, stored & !self.read_clears | self.read_sets)
    }

    /// What a register that held `stored` holds after `value` was written. `written` says whether it was written before,
    /// since its reset.
    #[must_use]
    pub const fn write(&self, stored: u64, value: u64, written: bool) -> u64 {
        let stores = if written { self.stores } else { self.stores | self.once };
        let cleared = self.clears | self.one_clears & value | self.zero_clears & !value;
        let set = self.sets | self.one_sets & value | self.zero_sets & !value;
        let toggled = self.one_toggles & value | self.zero_toggles & !value;
        ((stored & !cleared | set) ^ toggled) & !stores | value & stores
    }
}

/// The bits of fields that act on a one that is written, and of those that act on a zero.
pub const fn acting_bits(fields: &[Field]) -> (u64, u64) {
    let (mut ones, mut zeros, mut index) = (0, 0, 0);
    while index < fields.len() {
        if let Some(policy) = fields[index].policy {
            match policy.write {
                WriteEffect::OneClears | WriteEffect::OneSets | WriteEffect::OneToggles => ones |= fields[index].mask(),
                WriteEffect::ZeroClears | WriteEffect::ZeroSets | WriteEffect::ZeroToggles => {
                    zeros |= fields[index].mask();
                }
                _ => {}
            }
        }
        index += 1;
    }
    (ones, zeros)
}
