//! Notices a driver that polls a register which never changes.

use super::access::{Access, CodeLocation};
use crate::{map::Width, trace::Direction};

/// Equal reads in a row after which a driver counts as stuck, unless the test says otherwise.
pub(super) const DEFAULT_BUDGET: u64 = 10_000;

/// Equal reads in a row after which virtual time jumps to the next event.
pub(super) const SKIP: u64 = 8;

/// The reads that a driver has just repeated.
#[derive(Debug, Default)]
pub(super) struct Poll {
    last: Option<Read>,
    count: u64,
}

/// What makes two reads the same: one instruction reads one place and gets the same value.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    region: &'static str,
    offset: usize,
    width: Width,
    value: u64,
    location: CodeLocation,
}

impl Poll {
    /// Forgets the reads so far.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Takes note of an access; how many equal reads in a row it completes, 0 for a write.
    pub(super) fn observe(&mut self, region: &'static str, direction: Direction, access: &Access, value: u64) -> u64 {
        let Access { offset, width, location, .. } = *access;
        let read = (direction == Direction::Read).then_some(Read { region, offset, width, value, location });
        if read.is_some() && read == self.last {
            self.count += 1;
        } else {
            self.count = u64::from(read.is_some());
            self.last = read;
        }
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::Poll;
    use crate::{
        bus::{Access, CodeLocation},
        map::Width,
        trace::Direction,
    };
    use std::time::Duration;

    fn read(offset: usize, instruction: usize) -> Access {
        Access {
            offset,
            width: Width::U32,
            read_modify_write: false,
            locked: false,
            sequence: 1,
            time: Duration::ZERO,
            location: CodeLocation::Instruction(instruction),
        }
    }

    #[test]
    fn only_equal_reads_of_one_instruction_count() {
        let mut poll = Poll::default();
        let mut observe = |direction, access, value| poll.observe("uart", direction, &access, value);
        assert_eq!(observe(Direction::Read, read(0, 1), 7), 1);
        assert_eq!(observe(Direction::Read, read(0, 1), 7), 2);
        assert_eq!(observe(Direction::Read, read(0, 1), 8), 1, "another value");
        assert_eq!(observe(Direction::Read, read(0, 2), 8), 1, "another instruction");
        assert_eq!(observe(Direction::Read, read(4, 2), 8), 1, "another register");
        assert_eq!(observe(Direction::Read, read(4, 2), 8), 2);
        assert_eq!(observe(Direction::Write, read(4, 2), 8), 0, "a write is progress");
        assert_eq!(observe(Direction::Read, read(4, 2), 8), 1);
    }
}
