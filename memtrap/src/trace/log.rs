//! The bounded record of a bus, and a copy of it for the test.
//!
//! The accesses of a region are written to a [`Lane`] of its own, without a lock, by whoever holds its device; the log takes
//! them when a chunk is full. Everything else is rare and goes to the log at once. The order of a bus is made when somebody
//! asks for it: accesses in the order of their numbers, everything else behind the last access that had begun.

use super::{
    circle::{Circle, Site, Traced},
    coverage::Coverage,
    event::{AccessEvent, Event, EventKind, TracedRegion, place},
    record::{Chunk, LARGEST, Lane, Recorded},
    tally::{Seen, Spot, Tally},
};
use crate::error::BusError;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    ops::Range,
    sync::Arc,
};

/// Events a trace has at most; older ones are dropped and counted.
const CAPACITY: usize = 65_536;

/// The bounded record a bus keeps.
#[derive(Debug, Default)]
pub(crate) struct Log {
    tracks: Vec<Track>,
    /// The newest track of each name.
    by_name: HashMap<&'static str, usize>,
    /// Chunks that are complete, oldest first.
    full: VecDeque<Part>,
    /// Records in them.
    held: usize,
    /// Events that are no accesses, oldest first.
    others: VecDeque<Other>,
    /// Why accesses failed, by their numbers.
    errors: BTreeMap<u64, BusError>,
    /// The last access that was dropped.
    horizon: u64,
    /// Events that were dropped.
    dropped: u64,
    circle: Circle,
    spare: Vec<Arc<Chunk>>,
}

/// The accesses of one region.
#[derive(Debug)]
struct Track {
    region: TracedRegion,
    /// The chunk that is being written.
    chunk: Arc<Chunk>,
    /// Records at its start that are forgotten.
    taken: usize,
    /// Accesses without a record that were forgotten.
    skipped_before: u64,
    /// What the accesses have covered that are not in the chunk, or are forgotten.
    covered: Tally,
}

/// Records of one region.
#[derive(Debug)]
struct Part {
    track: usize,
    chunk: Arc<Chunk>,
    records: Range<usize>,
}

/// An event that is no access.
#[derive(Debug)]
struct Other {
    /// The last access that had begun.
    after: u64,
    event: Event,
}

impl Part {
    /// The accesses, oldest first.
    fn recorded(&self) -> impl DoubleEndedIterator<Item = Traced> + Clone {
        self.records.clone().map(|index| (self.track, self.chunk.get(index)))
    }

    /// What the accesses cover. Those that a device refused do not count.
    fn spots(&self) -> impl Iterator<Item = (Spot, Seen)> {
        self.chunk.spots(self.records.clone())
    }
}

impl Track {
    /// What is in the chunk that is being written, and is not forgotten.
    fn current(&self, track: usize) -> Part {
        Part { track, chunk: Arc::clone(&self.chunk), records: self.taken..self.chunk.length() }
    }

    fn skipped(&self) -> u64 {
        self.chunk.skipped() - self.skipped_before
    }
}

/// Where an event of a trace comes from.
#[derive(Clone, Copy)]
enum Source<'l> {
    Access(&'l Part, usize),
    Other(&'l Event),
}

impl Log {
    /// Adds a region: where its accesses are recorded. A region that takes the place and the name of an earlier one of
    /// its kind is that one again.
    pub(crate) fn add_region(&mut self, region: TracedRegion) -> Lane {
        let earlier = self.by_name.get(region.name).copied();
        let earlier = earlier.filter(|track| self.tracks[*track].region == region);
        if let Some(number) = earlier.filter(|track| self.tracks[*track].chunk.is_closed()) {
            let chunk = self.replace(number, Chunk::smallest());
            return Lane::new(number, chunk);
        }
        let chunk = Chunk::smallest();
        let number = self.tracks.len();
        let (taken, skipped_before, covered) = (0, 0, Tally::default());
        self.tracks.push(Track { region, chunk: Arc::clone(&chunk), taken, skipped_before, covered });
        self.by_name.insert(region.name, number);
        Lane::new(number, chunk)
    }

    /// Takes the records of a lane, whose chunk is full, and gives it another chunk. Whether the driver goes round in a
    /// [circle](Self::circle), which it does not if a model says that it gets on since some access.
    #[must_use]
    pub(crate) fn take_over(&mut self, lane: &mut Lane, gets_on_since: impl Fn(u64) -> bool) -> bool {
        if gets_on_since(self.circle.until()) {
            self.circle = Circle::default();
        } else {
            self.look_for_circle(lane.track);
        }
        let capacity = lane.chunk.next_capacity();
        let reused = self.spare.pop_if(|chunk| chunk.capacity() == capacity).and_then(|mut chunk| {
            Arc::get_mut(&mut chunk)?.reuse();
            Some(chunk)
        });
        let next = reused.unwrap_or_else(|| Chunk::new(capacity));
        next.follow(&lane.chunk);
        lane.chunk = self.replace(lane.track, next);
        lane.length = 0;
        self.circle.found().is_some()
    }

    fn look_for_circle(&mut self, number: usize) {
        let mut circle = std::mem::take(&mut self.circle);
        let part = self.tracks[number].current(number);
        circle.observe(part.recorded(), |range| {
            let current = self.current();
            let recorded = self.full.iter().chain(&current).flat_map(Part::recorded);
            recorded.filter(|(_, recorded)| range.contains(&recorded.asked.sequence())).collect()
        });
        self.circle = circle;
    }

    /// The registers that the driver reads in turn, none of which changes, with the number of places in its code that do, and how
    /// many reads that were; `None` if it does something else.
    pub(crate) fn circle(&self) -> Option<(Vec<String>, usize, u64)> {
        let (sites, reads) = self.circle.found()?;
        let place = |site: &Site| {
            let TracedRegion { name, registers, .. } = self.tracks[site.track].region;
            place(name, registers, site.offset)
        };
        let mut places: Vec<_> = sites.iter().map(place).collect();
        places.dedup();
        Some((places, sites.len(), reads))
    }

    /// Says that the driver gets on, whatever it reads.
    pub(crate) fn leave_circle(&mut self) {
        self.circle.restart(self.circle.until());
    }

    /// Has a track continue in another chunk, which is returned.
    fn replace(&mut self, number: usize, chunk: Arc<Chunk>) -> Arc<Chunk> {
        let track = &mut self.tracks[number];
        let part = track.current(number);
        self.dropped += track.skipped();
        (track.chunk, track.taken, track.skipped_before) = (Arc::clone(&chunk), 0, 0);
        self.held += part.records.len();
        if !part.records.is_empty() {
            // Now, while the records are in the processor's cache.
            track.covered.add(part.spots());
            self.full.push_back(part);
        }
        while self.held > CAPACITY + LARGEST {
            self.drop_oldest();
        }
        chunk
    }

    fn drop_oldest(&mut self) {
        let Some(part) = self.full.pop_front() else { return };
        self.held -= part.records.len();
        self.dropped += part.records.len() as u64;
        if let Some(last) = part.records.clone().next_back() {
            self.horizon = self.horizon.max(part.chunk.sequence(last));
            self.errors = self.errors.split_off(&(self.horizon + 1));
        }
        self.spare.push(part.chunk);
        self.spare.truncate(4);
    }

    /// Adds an event that is no access, when access `after` was the last that had begun.
    pub(crate) fn push(&mut self, after: u64, event: Event) {
        debug_assert!(!matches!(event.kind, EventKind::Access(_)), "accesses are recorded in lanes");
        if self.others.len() == CAPACITY {
            self.others.pop_front();
            self.dropped += 1;
        }
        self.others.push_back(Other { after, event });
    }

    /// Counts an event that is not recorded.
    pub(crate) fn skip(&mut self) {
        self.dropped += 1;
    }

    /// Says why an access failed, before it is recorded.
    pub(crate) fn explain(&mut self, sequence: u64, error: BusError) {
        self.errors.insert(sequence, error);
    }

    pub(crate) fn clear(&mut self) {
        self.full.clear();
        for (number, track) in self.tracks.iter_mut().enumerate() {
            let part = track.current(number);
            track.covered.add(part.spots());
            track.taken = part.records.end;
            track.skipped_before = track.chunk.skipped();
        }
        (self.held, self.dropped, self.circle) = (0, 0, Circle::default());
        self.others.clear();
        self.errors.clear();
    }

    /// What all events have covered, also those that are gone.
    pub(crate) fn coverage(&self) -> Coverage {
        let mut tallies: Vec<_> = self.tracks.iter().map(|track| track.covered.clone()).collect();
        for part in &self.current() {
            tallies[part.track].add(part.spots());
        }
        let mut coverage = Coverage::default();
        for (track, tally) in self.tracks.iter().zip(&tallies) {
            coverage.declare(&track.region);
            tally.iter().for_each(|(spot, seen)| coverage.add(&track.region, spot, seen));
        }
        coverage
    }

    /// The regions that were added.
    pub(crate) fn regions(&self) -> Vec<TracedRegion> {
        self.tracks.iter().map(|track| track.region).collect()
    }

    fn current(&self) -> Vec<Part> {
        self.tracks.iter().enumerate().map(|(number, track)| track.current(number)).collect()
    }

    pub(crate) fn snapshot(&self) -> Trace {
        self.recent(CAPACITY)
    }

    /// The last `count` events, and not more than the log remembers.
    pub(crate) fn recent(&self, count: usize) -> Trace {
        let current = self.current();
        let parts = self.full.iter().chain(&current);
        let accesses = parts.flat_map(|part| {
            part.records.clone().map(move |index| (part.chunk.sequence(index), Source::Access(part, index)))
        });
        let others = self.others.iter().map(|other| (other.after, Source::Other(&other.event)));
        let mut sources: Vec<_> = accesses.chain(others).collect();
        let all = sources.len();
        sources.retain(|(number, _)| self.horizon == 0 || *number > self.horizon);
        // Stable: an event stays behind the access that it follows, and in the order in which it happened.
        sources.sort_by_key(|(number, _)| *number);
        let excess = sources.len().saturating_sub(CAPACITY);
        let forgotten = (all - sources.len() + excess) as u64;
        let skipped: u64 = self.tracks.iter().map(Track::skipped).sum();
        let left_out = (sources.len() - excess).saturating_sub(count);
        Trace {
            events: sources[excess + left_out..].iter().map(|(_, source)| self.event(*source)).collect(),
            dropped: self.dropped + skipped + forgotten,
            left_out: left_out as u64,
            regions: self.regions(),
        }
    }

    fn event(&self, source: Source<'_>) -> Event {
        let (part, index) = match source {
            Source::Access(part, index) => (part, index),
            Source::Other(event) => return event.clone(),
        };
        let Recorded { asked, value } = part.chunk.get(index);
        let (direction, access) = (asked.shape().direction(), asked.access());
        let TracedRegion { name, registers, .. } = self.tracks[part.track].region;
        let registers = registers.map(|map| map.reachable(asked.head.bank(), direction));
        let error = asked.shape().has_failed().then(|| self.errors.get(&access.sequence).cloned()).flatten();
        let kind = EventKind::Access(AccessEvent { direction, access, value, registers, error });
        Event { sequence: access.sequence, time: access.time, region: name, kind }
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
