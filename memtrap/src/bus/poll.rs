//! Notices a driver that waits for what does not come: it polls a register which never changes, or several in turn, or makes
//! more accesses than any test should.

use super::meter::Meter;
use crate::trace::{Direction, Record};

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

/// Whether two accesses are the same read, made twice: one instruction reads one place and gets the same value, no other access
/// of the bus lies in between, and no model has said that the driver gets on.
#[inline(always)]
pub(super) fn is_repeated(meter: &Meter, before: &Record, now: &Record) -> bool {
    let head = before.head();
    now.head() == head.next()
        && now.value() == before.value()
        && now.offset() == before.offset()
        && now.location() == before.location()
        && head.shape().direction() == Direction::Read
        && !meter.has_progressed_since(head.sequence())
}

#[cfg(test)]
mod tests {
    use crate::{
        bus::{
            CodeLocation,
            meter::Meter,
            shape::{Asked, Head, Origin},
        },
        map::Width,
        trace::{Direction, Record},
    };

    fn access(direction: Direction, sequence: u64, offset: usize, instruction: usize) -> Asked {
        let origin = Origin::new(CodeLocation::Instruction(instruction));
        let (shape, location) = (origin.shape(direction, Width::U32), origin.packed());
        Asked { head: Head::new(sequence, 0, shape), offset, time: 0, location }
    }

    fn read(sequence: u64, offset: usize, instruction: usize) -> Asked {
        access(Direction::Read, sequence, offset, instruction)
    }

    /// Whether the second of two accesses, each with what it got, repeats the first.
    fn is_repeated(meter: &Meter, [before, now]: [(Asked, u64); 2]) -> bool {
        let [before, now] = [before, now].map(|(asked, value)| {
            let record = Record::from(&asked);
            record.answer(value);
            record
        });
        super::is_repeated(meter, &before, &now)
    }

    #[test]
    fn only_equal_reads_of_one_instruction_count() {
        let meter = Meter::default();
        let first = (read(1, 0, 1), 7);
        let repeats = |now, value| is_repeated(&meter, [first, (now, value)]);
        assert!(repeats(read(2, 0, 1), 7));
        assert!(!repeats(read(2, 0, 1), 8), "another value");
        assert!(!repeats(read(2, 0, 2), 7), "another instruction");
        assert!(!repeats(read(2, 4, 1), 7), "another register");
        assert!(!repeats(read(3, 0, 1), 7), "an access to another region in between");
        assert!(!repeats(access(Direction::Write, 2, 0, 1), 7), "a write is progress");
        let write = |sequence| (access(Direction::Write, sequence, 0, 1), 7);
        assert!(!is_repeated(&meter, [write(1), write(2)]), "and so is another");
    }

    #[test]
    fn a_model_may_say_that_the_driver_gets_on() {
        let meter = Meter::default();
        let repeats =
            |sequence| is_repeated(&meter, [sequence, sequence + 1].map(|sequence| (read(sequence, 0, 1), 0)));
        meter.progress(Some(3));
        assert_eq!([1, 2, 3].map(repeats), [false, false, true]);
    }
}
