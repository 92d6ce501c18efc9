//! The bounded record of a bus, and a copy of it for the test.

use super::coverage::Coverage;
use super::event::{Event, EventKind, TracedRegion};
use std::{collections::VecDeque, ops::Range};

/// Events a bus remembers; older ones are dropped and counted.
const CAPACITY: usize = 65_536;

/// The bounded record a bus keeps.
#[derive(Debug, Default)]
pub(crate) struct Log {
    events: VecDeque<Event>,
    dropped: u64,
    regions: Vec<TracedRegion>,
    /// What the events that are gone have covered.
    gone: Coverage,
}

impl Log {
    /// Adds a region. One that takes the place and the name of an earlier one of its kind is that one again.
    pub(crate) fn add_region(&mut self, region: TracedRegion) {
        if !self.regions.contains(&region) {
            self.regions.push(region);
        }
    }

    /// Adds an event. An access is recorded when it has been answered, and goes before what happened meanwhile: the
    /// remarks of its model, and accesses that began later but ended earlier, of the model itself or another thread.
    pub(crate) fn push(&mut self, event: Event) {
        if self.events.len() == CAPACITY {
            self.events.pop_front().iter().for_each(|event| self.gone.observe(event));
            self.dropped += 1;
        }
        let later = |other: &Event| other.sequence >= event.sequence;
        let place = match event.kind {
            EventKind::Access(_) => {
                self.events.len() - self.events.iter().rev().take_while(|other| later(other)).count()
            }
            _ => self.events.len(),
        };
        self.events.insert(place, event);
    }

    pub(crate) fn clear(&mut self) {
        self.events.drain(..).for_each(|event| self.gone.observe(&event));
        self.dropped = 0;
    }

    /// What all events have covered, also those that are gone.
    pub(crate) fn coverage(&self) -> Coverage {
        let mut coverage = self.gone.clone();
        self.regions.iter().for_each(|region| coverage.declare(region));
        self.events.iter().for_each(|event| coverage.observe(event));
        coverage
    }

    pub(crate) fn snapshot(&self) -> Trace {
        self.recent(self.events.len())
    }

    /// The last `count` events.
    pub(crate) fn recent(&self, count: usize) -> Trace {
        let skipped = self.events.len().saturating_sub(count);
        Trace {
            events: self.events.range(skipped..).cloned().collect(),
            dropped: self.dropped,
            left_out: skipped as u64,
            regions: self.regions.clone(),
        }
    }
}

/// What happened on a bus until the trace was taken, oldest first.
///
/// Its `Display` form is free of addresses and timing: the same driver prints the same text in debug and in release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    pub(super) events: Vec<Event>,
    /// Older events that the bus has dropped.
    pub(super) dropped: u64,
    /// Older events that whoever took the trace did not want.
    pub(super) left_out: u64,
    pub(super) regions: Vec<TracedRegion>,
}

impl Trace {
    /// The events, oldest first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Number of older events that were dropped to bound the memory.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The regions that were mapped on the bus until the trace was taken, also those that were never accessed.
    #[must_use]
    pub fn regions(&self) -> &[TracedRegion] {
        &self.regions
    }

    /// The last `count` events.
    #[must_use]
    pub fn tail(&self, count: usize) -> Self {
        self.part(self.events.len().saturating_sub(count)..self.events.len())
    }

    /// A trace of the events in this range.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        Self {
            left_out: self.left_out + range.start as u64,
            events: self.events[range].to_vec(),
            dropped: self.dropped,
            regions: self.regions.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
