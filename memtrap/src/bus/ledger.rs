//! What becomes of an access when the device has answered it: the record, and the questions whether it may stand.

use super::{
    core::Core,
    mapping::Mapping,
    meter::flag,
    plain::Way,
    poll,
    session::{Failure, Fault},
    shape::Asked,
};
#[cfg(feature = "tracing")]
use crate::trace::{AccessEvent, Event, EventKind, emit};
use crate::{
    error::BusError,
    map::RegisterMap,
    script::Seen,
    trace::{Direction, Lane, Record},
};
use std::sync::Arc;

/// What makes an access more than a question to its device.
pub(super) const SPECIAL: u32 = flag::FAULTS | flag::SCRIPTS | flag::REPORT | flag::POINT;

/// Whether an access is recorded: said once for each, although a model may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recording {
    On,
    Off,
}

impl Recording {
    #[inline(always)]
    pub(super) fn of(flags: u32) -> Self {
        if flags & flag::QUIET == 0 { Self::On } else { Self::Off }
    }
}

/// Where the accesses of a device are recorded.
pub(super) struct Books {
    lane: Lane,
    /// The last access and the next, when nothing is recorded.
    unrecorded: [Record; 2],
    /// Equal reads in a row, up to now; 0 after a write.
    reads: u64,
}

impl Books {
    pub(super) fn new(lane: Lane) -> Self {
        Self { lane, unrecorded: Default::default(), reads: 0 }
    }

    /// The access before, and the one that is being made.
    #[inline(always)]
    fn pair(&self, recording: Recording) -> &[Record; 2] {
        match recording {
            Recording::On => self.lane.pair().unwrap_or(&self.unrecorded),
            Recording::Off => &self.unrecorded,
        }
    }

    /// The record of the access that is being made.
    #[inline(always)]
    pub(super) fn record(&self, recording: Recording) -> &Record {
        &self.pair(recording)[1]
    }

    /// Completes the record of an access that went well on a bus with nothing special, and says whether the driver may go on.
    #[inline(always)]
    pub(super) fn conclude(&mut self, way: Way<'_>, recording: Recording, value: u64) -> Result<(), Box<Fault>> {
        if cfg!(feature = "tracing") {
            let asked = self.record(recording).asked();
            Ledger::new(way, self).emit(&asked, value, None);
        }
        match self.complete(way.bus, recording, value) {
            None => Ok(()),
            Some((asked, reads)) => polled(way, asked, value, reads),
        }
    }

    /// Completes the record of an access. If somebody must look what the driver is doing, the access, and how many equal reads in a
    /// row it completes, or [`poll::LOOK`].
    #[inline(always)]
    fn complete(&mut self, bus: &Core, recording: Recording, value: u64) -> Option<(Asked, u64)> {
        let meter = &bus.schedule.meter;
        let [before, record] = self.pair(recording);
        record.answer(value);
        self.reads = if poll::is_repeated(meter, before, record) {
            self.reads + 1
        } else {
            (record.head().shape().direction() == Direction::Read).into()
        };
        let is_full = match recording {
            Recording::On => self.lane.complete(),
            Recording::Off => self.is_used_up(bus),
        };
        if is_full || self.reads >= meter.patience() { self.look(bus, recording) } else { None }
    }

    /// Counts an access that is not recorded; whether that are enough.
    #[inline(never)]
    fn is_used_up(&self, bus: &Core) -> bool {
        self.lane.skip();
        let [last, now] = &self.unrecorded;
        last.copy(now);
        bus.budget.is_used_up(last.head().sequence())
    }

    #[cold]
    fn look(&mut self, bus: &Core, recording: Recording) -> Option<(Asked, u64)> {
        let last = match recording {
            Recording::On => self.lane.last(),
            Recording::Off => &self.unrecorded[0],
        };
        let asked = last.asked();
        let must_look = match recording {
            Recording::On => self.lane.pair().is_none() && bus.take_over(&mut self.lane),
            Recording::Off => bus.budget.is_used_up(asked.sequence()),
        };
        let reads = if must_look { poll::LOOK } else { self.reads };
        (reads >= bus.schedule.meter.patience()).then_some((asked, reads))
    }
}

#[cold]
fn polled(way: Way<'_>, asked: Asked, value: u64, reads: u64) -> Result<(), Box<Fault>> {
    way.bus.polled(reads).map_or(Ok(()), |vain| Err(fault(way.mapping, &asked, value, Failure::InVain(vain))))
}

/// The books of a locked device.
pub(super) struct Ledger<'a> {
    pub(super) mapping: &'static Mapping,
    pub(super) bus: &'a Arc<Core>,
    pub(super) books: &'a mut Books,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(way: Way<'a>, books: &'a mut Books) -> Self {
        Self { mapping: way.mapping, bus: way.bus, books }
    }

    /// Records an access that the device has answered, and says whether the driver may go on.
    pub(super) fn conclude(
        &mut self,
        asked: &Asked,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        if answer.is_err() || failed.is_some() || self.bus.schedule.meter.has(SPECIAL) {
            return self.conclude_specially(asked, value, answer, failed);
        }
        let recording = self.begin(asked);
        self.books.conclude(Way { bus: self.bus, mapping: self.mapping }, recording, value)
    }

    /// Has a record say what the device was asked for.
    fn begin(&self, asked: &Asked) -> Recording {
        let recording = Recording::of(self.bus.schedule.meter.flags());
        self.books.record(recording).begin(asked);
        recording
    }

    /// As [`conclude`](Self::conclude), for any access.
    #[cold]
    pub(super) fn conclude_specially(
        &mut self,
        asked: &Asked,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        let error = answer.err();
        let unexpected = self.bus.scripts.observe(&self.seen(asked, value));
        if let Some(error) = &error {
            self.bus.explain(asked.sequence(), error.clone());
        }
        self.emit(asked, value, error.as_ref());
        let recording = self.begin(&Asked { head: asked.head.failed(error.is_some()), ..*asked });
        let to_look = self.books.complete(self.bus, recording, value);
        let vain = to_look.and_then(|(_, reads)| self.bus.polled(reads));
        let _awaited = self.bus.reached(asked.sequence());
        // What the test has asked for does not fail it.
        let failure = match (error.filter(|error| *error != BusError::Injected), failed, unexpected, vain) {
            (Some(error), ..) => Failure::Refused(error),
            (None, Some(reason), ..) => Failure::Failed(reason),
            (None, None, Some(unexpected), _) => Failure::Unexpected(Box::new(unexpected)),
            (None, None, None, Some(vain)) => Failure::InVain(vain),
            (None, None, None, None) => return Ok(()),
        };
        Err(fault(self.mapping, asked, value, failure))
    }

    /// The registers that the access could reach.
    pub(super) fn reachable(&self, asked: &Asked) -> Option<&'static RegisterMap> {
        reachable(self.mapping, asked)
    }

    /// The access, as far as a script is concerned.
    pub(super) fn seen(&self, asked: &Asked, value: u64) -> Seen<'static> {
        let (region, registers) = (self.mapping.name(), self.reachable(asked));
        Seen { direction: asked.shape().direction(), region, registers, offset: asked.offset, value }
    }

    /// Tells whoever subscribes to `tracing`.
    fn emit(&self, asked: &Asked, value: u64, error: Option<&BusError>) {
        #[cfg(feature = "tracing")]
        {
            let (registers, error) = (self.reachable(asked), error.cloned());
            let (direction, access) = (asked.shape().direction(), asked.access());
            let kind = EventKind::Access(AccessEvent { direction, access, value, registers, error });
            emit(&Event { sequence: access.sequence, time: access.time, region: self.mapping.name(), kind });
        }
        #[cfg(not(feature = "tracing"))]
        let _ = (asked, value, error);
    }
}

fn reachable(mapping: &Mapping, asked: &Asked) -> Option<&'static RegisterMap> {
    mapping.registers().map(|map| map.reachable(asked.head.bank(), asked.shape().direction()))
}

fn fault(mapping: &'static Mapping, asked: &Asked, value: u64, failure: Failure) -> Box<Fault> {
    let (registers, access, direction) = (reachable(mapping, asked), asked.access(), asked.shape().direction());
    Box::new(Fault { mapping, registers, access, direction, value, failure })
}
