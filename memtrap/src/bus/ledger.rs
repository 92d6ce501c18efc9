//! What becomes of an access when the device has answered it: the record, and the questions whether it may stand.

use super::{
    core::Core,
    mapping::Mapping,
    meter::flag,
    plain::Way,
    poll::{self, Poll},
    session::{Failure, Fault},
    shape::Asked,
};
#[cfg(feature = "tracing")]
use crate::trace::{AccessEvent, Event, EventKind, emit};
use crate::{error::BusError, map::RegisterMap, script::Seen, trace::Lane};
use std::sync::Arc;

/// What makes an access more than a question to its device.
pub(super) const SPECIAL: u32 = flag::FAULTS | flag::SCRIPTS | flag::REPORT | flag::POINT;

/// Where the accesses of a device are recorded.
pub(super) struct Books {
    lane: Lane,
    poll: Poll,
}

impl Books {
    pub(super) fn new(lane: Lane) -> Self {
        Self { lane, poll: Poll::default() }
    }

    /// Records an access that went well on a bus with nothing special, and says whether the driver may go on.
    #[inline(always)]
    pub(super) fn conclude(
        &mut self,
        bus: &Arc<Core>,
        mapping: &'static Mapping,
        asked: &Asked,
        value: u64,
    ) -> Result<(), Box<Fault>> {
        if cfg!(feature = "tracing") {
            Ledger { mapping, bus, books: self }.emit(asked, value, None);
        }
        let reads = self.record(bus, asked, value);
        if reads < bus.schedule.meter.patience() {
            return Ok(());
        }
        polled(bus, mapping, *asked, value, reads)
    }

    /// Records an access; how many equal reads in a row it completes, or [`poll::LOOK`].
    #[inline(always)]
    fn record(&mut self, bus: &Core, asked: &Asked, value: u64) -> u64 {
        let Self { lane, poll } = self;
        let must_look = if bus.schedule.meter.has(flag::QUIET) {
            lane.skip();
            bus.budget.is_used_up(asked.sequence())
        } else {
            lane.push(asked, value) && bus.take_over(lane)
        };
        let reads = poll.observe(&bus.schedule.meter, asked, value);
        if must_look { poll::LOOK } else { reads }
    }
}

#[cold]
fn polled(bus: &Core, mapping: &'static Mapping, asked: Asked, value: u64, reads: u64) -> Result<(), Box<Fault>> {
    bus.polled(reads).map_or(Ok(()), |vain| Err(fault(mapping, &asked, value, Failure::InVain(vain))))
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
        self.books.conclude(self.bus, self.mapping, asked, value)
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
        let answered = Asked { head: asked.head.failed(error.is_some()), ..*asked };
        let reads = self.books.record(self.bus, &answered, value);
        let vain = if reads < self.bus.schedule.meter.patience() { None } else { self.bus.polled(reads) };
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
