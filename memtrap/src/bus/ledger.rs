//! What becomes of an access when the device has answered it: the record, and the questions whether it may stand.

use super::{
    core::Core,
    mapping::Mapping,
    meter::flag,
    poll::Poll,
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

    /// Records an access; how many equal reads in a row it completes.
    #[inline(always)]
    fn record(&mut self, bus: &Core, asked: &Asked, value: u64) -> u64 {
        let Self { lane, poll } = self;
        if bus.schedule.meter.has(flag::QUIET) {
            lane.skip();
        } else if lane.push(asked, value) {
            bus.take_over(lane);
        }
        poll.observe(&bus.schedule.meter, asked, value)
    }
}

/// The books of a locked device.
pub(super) struct Ledger<'a> {
    pub(super) mapping: &'static Mapping,
    pub(super) bus: &'a Arc<Core>,
    pub(super) books: &'a mut Books,
}

impl Ledger<'_> {
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
        self.conclude_plainly(asked, value)
    }

    /// As [`conclude`](Self::conclude), for an access that went well on a bus with nothing special.
    #[inline(always)]
    pub(super) fn conclude_plainly(&mut self, asked: &Asked, value: u64) -> Result<(), Box<Fault>> {
        if cfg!(feature = "tracing") {
            self.emit(asked, value, None);
        }
        let reads = self.books.record(self.bus, asked, value);
        if reads < self.bus.schedule.meter.patience() { Ok(()) } else { self.polled(asked, value, reads) }
    }

    #[cold]
    fn polled(&mut self, asked: &Asked, value: u64, reads: u64) -> Result<(), Box<Fault>> {
        let stuck = self.bus.polled(reads).map(Failure::Stuck);
        stuck.map_or(Ok(()), |failure| Err(self.fault(asked, value, failure)))
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
            self.bus.explain(asked.sequence, error.clone());
        }
        self.emit(asked, value, error.as_ref());
        let answered = Asked { shape: asked.shape.failed(error.is_some()), ..*asked };
        let reads = self.books.record(self.bus, &answered, value);
        let stuck = if reads < self.bus.schedule.meter.patience() { None } else { self.bus.polled(reads) };
        let _awaited = self.bus.reached(asked.sequence);
        // What the test has asked for does not fail it.
        let failure = match (error.filter(|error| *error != BusError::Injected), failed, unexpected, stuck) {
            (Some(error), ..) => Failure::Refused(error),
            (None, Some(reason), ..) => Failure::Failed(reason),
            (None, None, Some(unexpected), _) => Failure::Unexpected(Box::new(unexpected)),
            (None, None, None, Some(reads)) => Failure::Stuck(reads),
            (None, None, None, None) => return Ok(()),
        };
        Err(self.fault(asked, value, failure))
    }

    /// The registers that the access could reach.
    pub(super) fn reachable(&self, asked: &Asked) -> Option<&'static RegisterMap> {
        self.mapping.registers().map(|map| map.reachable(asked.bank, asked.shape.direction()))
    }

    /// The access, as far as a script is concerned.
    pub(super) fn seen(&self, asked: &Asked, value: u64) -> Seen<'static> {
        let (region, registers) = (self.mapping.name(), self.reachable(asked));
        Seen { direction: asked.shape.direction(), region, registers, offset: asked.offset, value }
    }

    fn fault(&self, asked: &Asked, value: u64, failure: Failure) -> Box<Fault> {
        Box::new(Fault {
            mapping: self.mapping,
            registers: self.reachable(asked),
            access: asked.access(),
            direction: asked.shape.direction(),
            value,
            failure,
        })
    }

    /// Tells whoever subscribes to `tracing`.
    fn emit(&self, asked: &Asked, value: u64, error: Option<&BusError>) {
        #[cfg(feature = "tracing")]
        {
            let (registers, error) = (self.reachable(asked), error.cloned());
            let (direction, access) = (asked.shape.direction(), asked.access());
            let kind = EventKind::Access(AccessEvent { direction, access, value, registers, error });
            emit(&Event { sequence: access.sequence, time: access.time, region: self.mapping.name(), kind });
        }
        #[cfg(not(feature = "tracing"))]
        let _ = (asked, value, error);
    }
}
