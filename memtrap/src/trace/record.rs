//! Accesses as they are recorded: 40 bytes each, written by the thread that holds the device and read by any.

use super::{
    event::Direction,
    tally::{Seen, Spot},
};
use crate::{
    bus::{Access, CodeLocation},
    map::Width,
    mmio::CodeWord,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Accesses in the first chunk of a region, and in the largest.
const SMALLEST: usize = 16;
pub(super) const LARGEST: usize = 512;

/// One access. What is equal for all accesses of a region is not in it.
#[derive(Debug, Default)]
struct Record {
    /// The sequence number, above [`FLAGS`] bits that say what kind of access it was.
    head: AtomicU64,
    value: AtomicU64,
    offset: AtomicUsize,
    /// Nanoseconds.
    time: AtomicU64,
    location: CodeWord,
}

const FLAGS: u32 = 10;
const WIDTH: u64 = 0b11;
const WRITE: u64 = 1 << 2;
const READ_MODIFY_WRITE: u64 = 1 << 3;
const LOCKED: u64 = 1 << 4;
const FAILED: u64 = 1 << 5;
/// Where the bits of the fields that conditions name are: four at most.
const BANK: u32 = 6;

/// A recorded access, read back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Recorded {
    pub(super) direction: Direction,
    pub(super) access: Access,
    pub(super) value: u64,
    /// The fields that conditions of the block name, as they were.
    pub(super) bank: u8,
    /// The device refused it; why is kept elsewhere.
    pub(super) failed: bool,
}

/// Accesses of one region, in order. There is one writer, a [`Lane`]; what it has completed does not change until the
/// chunk is used again.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Number of records that are complete.
    length: AtomicUsize,
    records: Box<[Record]>,
    /// Accesses that were not recorded because the trace was off.
    skipped: AtomicU64,
    /// There is no writer any more.
    closed: AtomicBool,
}

impl Chunk {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        let records = (0..capacity).map(|_| Record::default()).collect();
        let (length, skipped, closed) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { length, records, skipped, closed })
    }

    pub(super) fn smallest() -> Arc<Self> {
        Self::new(SMALLEST)
    }

    /// One to go on with when this one is full.
    pub(super) fn next_capacity(&self) -> usize {
        (4 * self.records.len()).min(LARGEST)
    }

    pub(super) fn capacity(&self) -> usize {
        self.records.len()
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
        self.records[index].head.load(Ordering::Relaxed) >> FLAGS
    }

    /// What matters of the access at `index` for what it covers: nothing if it failed.
    pub(super) fn spot(&self, index: usize) -> Option<(Spot, Seen)> {
        let record = &self.records[index];
        let head = record.head.load(Ordering::Relaxed);
        let offset = record.offset.load(Ordering::Relaxed);
        let value = record.value.load(Ordering::Relaxed);
        let spot = Spot { offset, width: width(head), is_write: head & WRITE != 0, bank: bank(head) };
        (head & FAILED == 0).then_some((spot, Seen { count: 1, ones: value, zeros: !value }))
    }

    /// The access at `index`, which is less than a length that was asked for before.
    pub(super) fn get(&self, index: usize) -> Recorded {
        let record = &self.records[index];
        let head = record.head.load(Ordering::Relaxed);
        let access = Access {
            offset: record.offset.load(Ordering::Relaxed),
            width: width(head),
            read_modify_write: head & READ_MODIFY_WRITE != 0,
            locked: head & LOCKED != 0,
            sequence: head >> FLAGS,
            time: Duration::from_nanos(record.time.load(Ordering::Relaxed)),
            location: record.location.get(),
        };
        Recorded {
            direction: if head & WRITE == 0 { Direction::Read } else { Direction::Write },
            access,
            value: record.value.load(Ordering::Relaxed),
            bank: bank(head),
            failed: head & FAILED != 0,
        }
    }
}

fn width(head: u64) -> Width {
    match head & WIDTH {
        0 => Width::U8,
        1 => Width::U16,
        2 => Width::U32,
        _ => Width::U64,
    }
}

fn bank(head: u64) -> u8 {
    (head >> BANK) as u8 & 0xf
}

/// An access that is complete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    pub(crate) direction: Direction,
    pub(crate) offset: usize,
    pub(crate) width: Width,
    pub(crate) read_modify_write: bool,
    pub(crate) locked: bool,
    pub(crate) sequence: u64,
    /// Nanoseconds since the bus was made.
    pub(crate) time: u64,
    pub(crate) location: CodeLocation,
    pub(crate) value: u64,
    /// The fields that conditions of the block name, as they were: less than 16.
    pub(crate) bank: u8,
    /// The device refused it.
    pub(crate) failed: bool,
}

/// Where the accesses of one region are recorded. Whoever holds the device has it.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Number of the region in its log.
    pub(super) track: usize,
    pub(super) chunk: Arc<Chunk>,
    pub(super) length: usize,
}

impl Lane {
    pub(super) fn new(track: usize, chunk: Arc<Chunk>) -> Self {
        Self { track, chunk, length: 0 }
    }

    /// Records an access; whether the log must take the records before the next one.
    #[inline(always)]
    #[must_use]
    pub(crate) fn push(&mut self, done: &Done) -> bool {
        let Some(record) = self.chunk.records.get(self.length) else { return true };
        // In the order of their declaration, as `get` has them.
        let flags = done.width as u64
            | if done.direction == Direction::Write { WRITE } else { 0 }
            | if done.read_modify_write { READ_MODIFY_WRITE } else { 0 }
            | if done.locked { LOCKED } else { 0 }
            | if done.failed { FAILED } else { 0 }
            | u64::from(done.bank) << BANK;
        record.head.store(done.sequence << FLAGS | flags, Ordering::Relaxed);
        record.value.store(done.value, Ordering::Relaxed);
        record.offset.store(done.offset, Ordering::Relaxed);
        record.time.store(done.time, Ordering::Relaxed);
        record.location.set(done.location);
        self.length += 1;
        self.chunk.length.store(self.length, Ordering::Release);
        self.length == self.chunk.records.len()
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

    #[test]
    fn what_is_pushed_is_read_back() {
        let mut lane = Lane::new(0, Chunk::new(3));
        let read = Done {
            direction: Direction::Read,
            offset: 0x18,
            width: Width::U16,
            read_modify_write: false,
            locked: false,
            sequence: 1,
            time: 100,
            location: CodeLocation::Instruction(0x1234),
            value: 0xabcd,
            bank: 0,
            failed: false,
        };
        let write = Done {
            direction: Direction::Write,
            offset: 1 << 40,
            width: Width::U64,
            read_modify_write: true,
            locked: true,
            sequence: 1 << 50,
            value: u64::MAX,
            bank: 15,
            failed: true,
            ..read
        };
        assert!(!lane.push(&read));
        assert!(!lane.push(&write));
        assert!(lane.push(&read), "the chunk is full");
        assert_eq!(lane.chunk.length(), 3);
        let back = |index: usize| {
            let Recorded { direction, access, value, bank, failed } = lane.chunk.get(index);
            let Access { offset, width, read_modify_write, locked, sequence, time, location } = access;
            let time = u64::try_from(time.as_nanos()).unwrap();
            Done { direction, offset, width, read_modify_write, locked, sequence, time, location, value, bank, failed }
        };
        assert_eq!(format!("{:?}", back(0)), format!("{read:?}"));
        assert_eq!(format!("{:?}", back(1)), format!("{write:?}"));
    }

    #[test]
    fn a_record_takes_40_bytes() {
        assert_eq!(size_of::<Record>(), 40);
    }
}
