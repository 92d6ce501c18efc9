//! Accesses as they are recorded: 40 bytes each, written by the thread that holds the device and read by any.

use super::{
    event::Direction,
    tally::{Seen, Spot},
};
use crate::{
    bus::shape::{Asked, Head},
    mmio::{AtomicLocation, PackedLocation},
};
use std::{
    iter,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

/// Accesses in the first chunk of a region, and in the largest.
const SMALLEST: usize = 16;
pub(super) const LARGEST: usize = 512;

/// One access. What is equal for all accesses of a region is not in it.
///
/// It is written in place: before the device is asked, but for the value.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// A [`Head`].
    head: AtomicU64,
    value: AtomicU64,
    offset: AtomicUsize,
    /// Nanoseconds.
    time: AtomicU64,
    location: AtomicLocation,
}

impl From<&Asked> for Record {
    fn from(asked: &Asked) -> Self {
        let record = Self::default();
        record.begin(asked);
        record
    }
}

impl Record {
    /// Says what the device is asked for.
    #[inline(always)]
    pub(crate) fn begin(&self, asked: &Asked) {
        self.head.store(asked.head.0, Ordering::Relaxed);
        self.offset.store(asked.offset, Ordering::Relaxed);
        self.time.store(asked.time, Ordering::Relaxed);
        self.location.set(asked.location);
    }

    /// Says what was read or written.
    #[inline(always)]
    pub(crate) fn answer(&self, value: u64) {
        self.value.store(value, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn head(&self) -> Head {
        Head(self.head.load(Ordering::Relaxed))
    }

    #[inline(always)]
    pub(crate) fn offset(&self) -> usize {
        self.offset.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn location(&self) -> PackedLocation {
        self.location.get()
    }

    #[inline(always)]
    pub(crate) fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    /// Becomes a copy of another.
    pub(crate) fn copy(&self, other: &Self) {
        self.begin(&other.asked());
        self.answer(other.value());
    }

    /// What the device was asked for.
    #[inline(always)]
    pub(crate) fn asked(&self) -> Asked {
        let time = self.time.load(Ordering::Relaxed);
        Asked { head: self.head(), offset: self.offset(), time, location: self.location() }
    }

    /// The accesses at the start of `records` that are of one place: what that is, unless they failed, what was seen there, and
    /// how many records they are.
    fn run(records: &[Self]) -> Option<(Option<Spot>, Seen, usize)> {
        let first = records.first()?;
        let (head, offset) = (first.head(), first.offset());
        let (mut ones, mut zeros, mut length) = (0, 0, 0);
        for record in records {
            if !record.head().is_alike(head) || record.offset() != offset {
                break;
            }
            let value = record.value();
            (ones, zeros, length) = (ones | value, zeros | !value, length + 1);
        }
        let shape = head.shape();
        let is_write = shape.direction() == Direction::Write;
        let spot = Spot { offset, width: shape.width(), is_write, bank: head.bank() };
        Some(((!shape.has_failed()).then_some(spot), Seen { count: length as u64, ones, zeros }, length))
    }
}

/// A recorded access, read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    /// The access. If it failed, why is kept elsewhere.
    pub(super) asked: Asked,
    pub(super) value: u64,
}

/// Accesses of one region, in order. There is one writer, a [`Lane`]; what it has completed does not change until the
/// chunk is used again.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Number of records that are complete.
    length: AtomicUsize,
    /// Behind a copy of the access before the first.
    records: Box<[Record]>,
    /// Accesses that were not recorded because the trace was off.
    skipped: AtomicU64,
    /// There is no writer any more.
    closed: AtomicBool,
}

impl Chunk {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        let records = (0..=capacity).map(|_| Record::default()).collect();
        let (length, skipped, closed) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { length, records, skipped, closed })
    }

    pub(super) fn smallest() -> Arc<Self> {
        Self::new(SMALLEST)
    }

    /// One to go on with when this one is full.
    pub(super) fn next_capacity(&self) -> usize {
        (4 * self.capacity()).min(LARGEST)
    }

    pub(super) fn capacity(&self) -> usize {
        self.records.len() - 1
    }

    /// Becomes the one that goes on where `other` ends, which is full.
    pub(super) fn follow(&self, other: &Self) {
        self.records[0].copy(&other.records[other.capacity()]);
    }

    pub(super) fn length(&self) -> usize {
        self.length.load(Ordering::Acquire)
    }

    pub(super) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Makes the chunk as new.
    pub(super) fn reuse(&mut self) {
        *self.length.get_mut() = 0;
        *self.skipped.get_mut() = 0;
        *self.closed.get_mut() = false;
    }

    pub(super) fn sequence(&self, index: usize) -> u64 {
        self.records[1 + index].head().sequence()
    }

    /// What the accesses in `range` cover; those that failed do not count. Drivers access one place again and again: a run of
    /// such accesses is one element.
    pub(super) fn spots(&self, range: Range<usize>) -> impl Iterator<Item = (Spot, Seen)> {
        let mut rest = &self.records[1..][range];
        let runs = iter::from_fn(move || {
            let (spot, seen, length) = Record::run(rest)?;
            rest = &rest[length..];
            Some(spot.map(|spot| (spot, seen)))
        });
        runs.flatten()
    }

    /// The access at `index`, which is less than a length that was asked for before.
    pub(super) fn get(&self, index: usize) -> Recorded {
        let record = &self.records[1 + index];
        Recorded { asked: record.asked(), value: record.value() }
    }
}

/// Where the accesses of one region are recorded. Whoever holds the device has it.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Number of the region in its log.
    pub(super) track: usize,
    pub(super) chunk: Arc<Chunk>,
    /// Number of records that are complete.
    pub(super) length: usize,
}

impl Lane {
    pub(super) fn new(track: usize, chunk: Arc<Chunk>) -> Self {
        Self { track, chunk, length: 0 }
    }

    /// The last record, and that of the access which is next: nobody reads it before it is [complete](Self::complete). `None` if
    /// the log must take the records before.
    #[inline(always)]
    pub(crate) fn pair(&self) -> Option<&[Record; 2]> {
        self.chunk.records.get(self.length..)?.first_chunk()
    }

    /// The record that was completed last.
    pub(crate) fn last(&self) -> &Record {
        &self.chunk.records[self.length]
    }

    /// Completes the next record; whether the log must take the records before there is another.
    #[inline(always)]
    #[must_use]
    pub(crate) fn complete(&mut self) -> bool {
        let length = self.length + 1;
        self.length = length;
        self.chunk.length.store(length, Ordering::Release);
        length + 1 == self.chunk.records.len()
    }

    /// Counts an access that is not recorded.
    #[inline(always)]
    pub(crate) fn skip(&self) {
        self.chunk.skipped.store(self.chunk.skipped.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.chunk.closed.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bus::{CodeLocation, shape::Origin},
        map::Width,
    };

    #[test]
    fn what_is_pushed_is_read_back() {
        let mut lane = Lane::new(0, Chunk::new(3));
        let here = Origin::new(CodeLocation::Instruction(0x1234));
        let (shape, location) = (here.shape(Direction::Read, Width::U16), here.packed());
        let read = Asked { head: Head::new(1, 0, shape), offset: 0x18, time: 100, location };
        let shape = here.read_modify_write(true).locked(true).shape(Direction::Write, Width::U64);
        let write = Asked { head: Head::new(1 << 50, 15, shape).failed(true), offset: 1 << 40, ..read };
        let mut push = |asked, value| {
            let [_, record] = lane.pair().expect("the chunk has room");
            record.begin(asked);
            record.answer(value);
            assert_eq!(record.asked(), *asked);
            lane.complete()
        };
        assert!(!push(&read, 0xabcd));
        assert!(!push(&write, u64::MAX));
        assert!(push(&read, 0xabcd), "the chunk is full");
        assert!(lane.pair().is_none());
        assert_eq!(lane.chunk.length(), 3);
        assert_eq!(lane.chunk.get(0), Recorded { asked: read, value: 0xabcd });
        assert_eq!(lane.chunk.get(1), Recorded { asked: write, value: u64::MAX });
    }

    #[test]
    fn a_record_takes_40_bytes() {
        assert_eq!(size_of::<Record>(), 40);
    }
}
