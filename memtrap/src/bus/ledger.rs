//! What becomes of an access when the device has answered it: the record, and the questions whether it may stand.

use super::{
    access::Access,
    core::Core,
    mapping::Mapping,
    meter::flag,
    poll::Poll,
    session::{Failure, Fault},
};
#[cfg(feature = "tracing")]
use crate::trace::{AccessEvent, Event, EventKind, emit};
use crate::{
    error::BusError,
    map::RegisterMap,
    script::Seen,
    trace::{Direction, Done, Lane},
};
use std::sync::Arc;

/// What makes an access more than a question to its device.
pub(super) const SPECIAL: u32 = flag::FAULTS | flag::SCRIPTS | flag::REPORT | flag::POINT;

/// Where the accesses of a locked device are recorded.
pub(super) struct Ledger<'a> {
    pub(super) mapping: &'static Mapping,
    pub(super) bus: &'a Arc<Core>,
    pub(super) lane: &'a mut Lane,
    pub(super) poll: &'a mut Poll,
    /// When the access began that is being answered, in nanoseconds.
    pub(super) now: u64,
    /// The fields that conditions of the block name, as the access found them.
    pub(super) bank: u8,
}

impl Ledger<'_> {
    /// Records an access that the device has answered, and says whether the driver may go on.
    pub(super) fn conclude(
        &mut self,
        access: Access,
        direction: Direction,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        if answer.is_err() || failed.is_some() || self.bus.schedule.meter.has(SPECIAL) {
            return self.conclude_specially(access, direction, value, answer, failed);
        }
        self.emit(access, direction, value, None);
        let reads = self.record(&self.done(&access, direction, value, false));
        if reads < self.bus.schedule.meter.patience() { Ok(()) } else { self.polled(access, direction, value, reads) }
    }

    fn done(&self, access: &Access, direction: Direction, value: u64, failed: bool) -> Done {
        let Access { offset, width, read_modify_write, locked, sequence, location, .. } = *access;
        let (time, bank) = (self.now, self.bank);
        Done { direction, offset, width, read_modify_write, locked, sequence, time, location, value, bank, failed }
    }

    /// Records an access; how many equal reads in a row it completes.
    #[inline(always)]
    pub(super) fn record(&mut self, done: &Done) -> u64 {
        let core: &Core = self.bus;
        if core.schedule.meter.has(flag::QUIET) {
            self.lane.skip();
        } else if self.lane.push(done) {
            core.take_over(self.lane);
        }
        self.poll.observe(&core.schedule.meter, done)
    }

    #[cold]
    pub(super) fn polled(
        &mut self,
        access: Access,
        direction: Direction,
        value: u64,
        reads: u64,
    ) -> Result<(), Box<Fault>> {
        let stuck = self.bus.polled(reads).map(Failure::Stuck);
        stuck.map_or(Ok(()), |failure| Err(self.fault(access, direction, value, failure)))
    }

    /// As [`conclude`](Self::conclude), for any access.
    #[cold]
    pub(super) fn conclude_specially(
        &mut self,
        access: Access,
        direction: Direction,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        let error = answer.err();
        let (region, registers) = (self.mapping.name(), self.reachable(direction));
        let seen = Seen { direction, region, registers, offset: access.offset, value };
        let unexpected = self.bus.scripts.observe(&seen);
        if let Some(error) = &error {
            self.bus.explain(access.sequence, error.clone());
        }
        self.emit(access, direction, value, error.as_ref());
        let reads = self.record(&self.done(&access, direction, value, error.is_some()));
        let stuck = if reads < self.bus.schedule.meter.patience() { None } else { self.bus.polled(reads) };
        let _awaited = self.bus.reached(access.sequence);
        // What the test has asked for does not fail it.
        let failure = match (error.filter(|error| *error != BusError::Injected), failed, unexpected, stuck) {
            (Some(error), ..) => Failure::Refused(error),
            (None, Some(reason), ..) => Failure::Failed(reason),
            (None, None, Some(unexpected), _) => Failure::Unexpected(Box::new(unexpected)),
            (None, None, None, Some(reads)) => Failure::Stuck(reads),
            (None, None, None, None) => return Ok(()),
        };
        Err(self.fault(access, direction, value, failure))
    }

    /// The registers that the access can reach.
    pub(super) fn reachable(&self, direction: Direction) -> Option<&'static RegisterMap> {
        self.mapping.registers().map(|map| map.reachable(self.bank, direction))
    }

    fn fault(&self, access: Access, direction: Direction, value: u64, failure: Failure) -> Box<Fault> {
        Box::new(Fault {
            mapping: self.mapping,
            registers: self.reachable(direction),
            access,
            direction,
            value,
            failure,
        })
    }

    /// Tells whoever subscribes to `tracing`.
    pub(super) fn emit(&self, access: Access, direction: Direction, value: u64, error: Option<&BusError>) {
        #[cfg(feature = "tracing")]
        {
            let (registers, error) = (self.reachable(direction), error.cloned());
            let kind = EventKind::Access(AccessEvent { direction, access, value, registers, error });
            emit(&Event { sequence: access.sequence, time: access.time, region: self.mapping.name(), kind });
        }
        #[cfg(not(feature = "tracing"))]
        let _ = (access, direction, value, error);
    }
}
