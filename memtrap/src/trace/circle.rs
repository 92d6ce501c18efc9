//! Notices a driver that goes round in a circle: it reads several registers in turn, and none of them ever changes.
//!
//! A driver that reads one register in vain is noticed at once. This looks at many accesses at a time, when they are taken
//! from a lane, so that an access costs nothing more for it.

use super::{event::Direction, record::Recorded};
use crate::bus::shape::Shape;
use std::ops::RangeInclusive;

/// Places in the driver's code that are told apart, with what they read. A longer loop is not noticed.
const SITES: usize = 16;

/// Accesses that are waited for at most: those of another thread are not recorded before they are answered.
const LONGEST: u64 = 16_384;

/// An access, with the number of its region in the log.
pub(super) type Traced = (usize, Recorded);

/// What a place in the driver's code reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Site {
    pub(super) track: usize,
    pub(super) offset: usize,
    shape: Shape,
    location: usize,
    value: u64,
}

/// The circle that a driver goes round in.
#[derive(Debug, Default)]
pub(super) struct Circle {
    /// The last access that was looked at.
    until: Option<u64>,
    /// The reads of one round.
    sites: Vec<Site>,
    /// All reads that were looked at since the driver did something else.
    reads: u64,
}

impl Circle {
    /// Looks at the accesses that were taken from a lane, oldest first, and at those of other regions meanwhile, which
    /// `all` returns.
    pub(super) fn observe(
        &mut self,
        mut own: impl DoubleEndedIterator<Item = Traced> + Clone,
        all: impl FnOnce(RangeInclusive<u64>) -> Vec<Traced>,
    ) {
        let sequence = |(_, recorded): &Traced| recorded.asked.sequence();
        let Some(last) = own.clone().next_back().map(|traced| sequence(&traced)) else { return };
        let until = self.until;
        let is_new = |traced: &Traced| until.is_none_or(|until| sequence(traced) > until);
        // Most drivers do something else, which is seen at the first few.
        let mut count = 0;
        let mut from = until.map(|until| until + 1);
        let goes_round = own.all(|traced| {
            if !is_new(&traced) {
                return true;
            }
            count += 1;
            from.get_or_insert(sequence(&traced));
            self.goes_round(traced)
        });
        if !goes_round {
            return self.restart(last);
        }
        let from = from.unwrap_or(last);
        let span = (last + 1).saturating_sub(from);
        if count < span {
            let all = all(from..=last);
            if (all.len() as u64) < span && span < LONGEST {
                // They are looked at the next time.
                self.until = Some(from - 1);
                return;
            }
            if all.len() as u64 != span || !all.into_iter().all(|traced| self.goes_round(traced)) {
                return self.restart(last);
            }
        }
        self.reads += span;
        self.until = Some(last);
    }

    /// Says that something else has happened up to this access.
    pub(super) fn restart(&mut self, until: u64) {
        self.sites.clear();
        self.reads = 0;
        self.until = Some(until);
    }

    /// What the driver reads in each round, and how many reads it has made; `None` if it does not go round, or reads one
    /// register only.
    pub(super) fn found(&self) -> Option<(&[Site], u64)> {
        (self.sites.len() > 1 && self.reads > 0).then_some((&self.sites, self.reads))
    }

    /// The last access that was looked at.
    pub(super) fn until(&self) -> u64 {
        self.until.unwrap_or(0)
    }

    fn goes_round(&mut self, (track, recorded): Traced) -> bool {
        let Recorded { asked, value } = recorded;
        let (shape, offset, location) = (asked.shape(), asked.offset, asked.location.number());
        if shape.direction() == Direction::Write || shape.has_failed() {
            return false;
        }
        let site = Site { track, offset, shape, location, value };
        let same = |other: &&Site| Site { value, ..**other } == site;
        match self.sites.iter().find(same) {
            Some(known) => known.value == value,
            None if self.sites.len() < SITES => {
                self.sites.push(site);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bus::{
            CodeLocation,
            shape::{Asked, Head, Origin},
        },
        map::Width,
    };

    fn access(direction: Direction, track: usize, sequence: u64, offset: usize, value: u64) -> Traced {
        let origin = Origin::new(CodeLocation::Instruction(offset));
        let head = Head::new(sequence, 0, origin.shape(direction, Width::U32));
        (track, Recorded { asked: Asked { head, offset, time: 0, location: origin.packed() }, value })
    }

    fn read(track: usize, sequence: u64, offset: usize, value: u64) -> Traced {
        access(Direction::Read, track, sequence, offset, value)
    }

    fn observe(circle: &mut Circle, accesses: &[Traced]) -> Option<u64> {
        circle.observe(accesses.iter().copied(), |_| unreachable!("all accesses are those of one region"));
        circle.found().map(|(_, reads)| reads)
    }

    #[test]
    fn several_reads_that_never_change_are_a_circle() {
        let mut circle = Circle::default();
        assert_eq!(observe(&mut circle, &[read(0, 1, 0, 7), read(0, 2, 4, 8)]), Some(2));
        assert_eq!(observe(&mut circle, &[read(0, 3, 0, 7), read(0, 4, 4, 8), read(0, 5, 0, 7)]), Some(5));
        assert_eq!(observe(&mut circle, &[read(0, 6, 4, 9), read(0, 7, 0, 7)]), None, "another value");
        assert_eq!(observe(&mut circle, &[read(0, 8, 4, 9), read(0, 9, 0, 7)]), Some(2));
        assert_eq!(observe(&mut circle, &[read(0, 10, 4, 9), access(Direction::Write, 0, 11, 0, 7)]), None);
        assert_eq!(observe(&mut circle, &[read(0, 12, 0, 7), read(0, 13, 0, 7)]), None, "one register is not several");
    }

    #[test]
    fn a_long_loop_is_not_noticed() {
        let mut circle = Circle::default();
        let accesses: Vec<_> = (0..=SITES).map(|number| read(0, number as u64 + 1, 4 * number, 0)).collect();
        assert_eq!(observe(&mut circle, &accesses[..SITES]), Some(SITES as u64));
        assert_eq!(observe(&mut circle, &accesses[SITES..]), None);
    }

    #[test]
    fn other_regions_count_when_all_their_accesses_are_there() {
        let mut circle = Circle::default();
        let own = [read(0, 1, 0, 7), read(0, 3, 0, 7)];
        circle.observe(own.into_iter(), |range| {
            assert_eq!(range, 1..=3);
            own.to_vec()
        });
        assert_eq!(circle.found(), None, "an access is not there yet");
        let all = [read(0, 1, 0, 7), read(1, 2, 0, 5), read(0, 3, 0, 7), read(1, 4, 0, 5)];
        circle.observe([all[1], all[3]].into_iter(), |range| {
            assert_eq!(range, 1..=4);
            all.to_vec()
        });
        assert_eq!(circle.found().map(|(sites, reads)| (sites.len(), reads)), Some((2, 4)));
    }
}
