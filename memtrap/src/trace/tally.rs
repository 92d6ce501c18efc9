//! What the accesses of one region have covered, when they are no longer remembered.

use crate::map::Width;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Accesses that count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) offset: usize,
    pub(super) width: Width,
    pub(super) is_write: bool,
    /// The fields that conditions of the block name, as they were.
    pub(super) bank: u8,
}

/// How many there were, and which bits were seen as 1 and as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) ones: u64,
    pub(super) zeros: u64,
}

/// Accesses by what they accessed.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    spots: HashMap<Spot, Seen, BuildHasherDefault<Mix>>,
}

impl Tally {
    /// Counts accesses.
    pub(super) fn add(&mut self, accesses: impl Iterator<Item = (Spot, Seen)>) {
        accesses.for_each(|(spot, seen)| self.spots.entry(spot).or_default().add(seen));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Spot, Seen)> {
        self.spots.iter().map(|(spot, seen)| (*spot, *seen))
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.ones |= other.ones;
        self.zeros |= other.zeros;
    }
}

/// Hashes a few integers in as many multiplications: the keys are offsets, which nobody chooses to do harm.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        self.0 = (self.0.rotate_left(26) ^ value).wrapping_mul(ODD);
    }
}
