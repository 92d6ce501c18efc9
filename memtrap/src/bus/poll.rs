//! Notices a driver that waits for what does not come: it polls a register which never changes, or several in turn, or makes
//! more accesses than any test should.

use super::meter::Meter;
use super::shape::{Asked, Shape};
use crate::trace::Direction;

/// Equal reads in a row after which a driver counts as stuck, unless the test says otherwise.
pub(super) const DEFAULT_BUDGET: u64 = 10_000;

/// Equal reads in a row after which virtual time jumps to the next event.
pub(super) const SKIP: u64 = 8;

/// In the place of a number of reads: somebody must look what the driver is doing, not only at this register.
pub(super) const LOOK: u64 = u64::MAX;

/// What a driver does in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InVain {
    /// It has read one register this often, and it never changed.
    Poll(u64),
    /// It reads these in turn, so many reads in all, and none of them changes.
    Circle { places: Vec<String>, reads: u64 },
    /// It has made this many accesses.
    Accesses(u64),
}

/// The reads of one region that a driver has just repeated.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Poll {
    /// Number of the last read; 0 if the last access was a write.
    last: u64,
    offset: usize,
    shape: Shape,
    value: u64,
    location: usize,
    count: u64,
}

impl Poll {
    /// Takes note of an access; how many equal reads in a row it completes, 0 for a write. Reads are equal if one
    /// instruction reads one place and gets the same value; they are in a row if no other access of the bus lies in between,
    /// and no model has said that the driver gets on.
    #[inline(always)]
    pub(super) fn observe(&mut self, meter: &Meter, asked: &Asked, value: u64) -> u64 {
        let Asked { head, offset, location, .. } = *asked;
        let (sequence, shape) = (head.sequence(), head.shape());
        if shape.direction() == Direction::Write {
            self.last = 0;
            return 0;
        }
        let location = location.number();
        let goes_on = self.last + 1 == sequence
            && self.value == value
            && self.location == location
            && self.offset == offset
            && self.shape == shape
            && self.last > 0
            && !meter.has_progressed_since(self.last);
        let count = if goes_on { self.count + 1 } else { 1 };
        *self = Self { last: sequence, offset, shape, value, location, count };
        count
    }
}

#[cfg(test)]
mod tests {
    use super::Poll;
    use crate::{
        bus::{
            CodeLocation,
            meter::Meter,
            shape::{Asked, Head, Origin},
        },
        map::Width,
        trace::Direction,
    };

    fn access(direction: Direction, sequence: u64, offset: usize, instruction: usize) -> Asked {
        let origin = Origin::new(CodeLocation::Instruction(instruction));
        let (shape, location) = (origin.shape(direction, Width::U32), origin.packed());
        Asked { head: Head::new(sequence, 0, shape), offset, time: 0, location }
    }

    fn read(sequence: u64, offset: usize, instruction: usize) -> Asked {
        access(Direction::Read, sequence, offset, instruction)
    }

    #[test]
    fn only_equal_reads_of_one_instruction_count() {
        let meter = Meter::default();
        let mut poll = Poll::default();
        let mut observe = |access, value| poll.observe(&meter, &access, value);
        assert_eq!(observe(read(1, 0, 1), 7), 1);
        assert_eq!(observe(read(2, 0, 1), 7), 2);
        assert_eq!(observe(read(3, 0, 1), 8), 1, "another value");
        assert_eq!(observe(read(4, 0, 2), 8), 1, "another instruction");
        assert_eq!(observe(read(5, 4, 2), 8), 1, "another register");
        assert_eq!(observe(read(6, 4, 2), 8), 2);
        assert_eq!(observe(access(Direction::Write, 7, 4, 2), 8), 0, "a write is progress");
        assert_eq!(observe(read(8, 4, 2), 8), 1);
        assert_eq!(observe(read(10, 4, 2), 8), 1, "an access to another region in between");
        assert_eq!(observe(read(11, 4, 2), 8), 2);
    }

    #[test]
    fn a_model_may_say_that_the_driver_gets_on() {
        let meter = Meter::default();
        let mut poll = Poll::default();
        let mut observe = |sequence| poll.observe(&meter, &read(sequence, 0, 1), 0);
        assert_eq!((observe(1), observe(2)), (1, 2));
        meter.progress(Some(3));
        assert_eq!((observe(3), observe(4)), (1, 2));
    }
}
