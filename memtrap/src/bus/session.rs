//! A locked device: where every access of either door is split, answered and recorded.

use super::{
    access::Access,
    boundary,
    context::Context,
    core::Core,
    device::Device,
    ledger::Ledger,
    mapping::Mapping,
    meter::{Tick, flag},
    poll::InVain,
    report,
    shape::{Asked, Head, Origin, Shape},
};
use crate::{
    error::BusError,
    map::{RegisterMap, Width},
    mmio::PackedLocation,
    script::Unexpected,
    trace::{Direction, EventKind, Record},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// Why an access failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The device refused it.
    Refused(BusError),
    /// The model called [`Context::fail`].
    Failed(String),
    /// A script does not expect it.
    Unexpected(Box<Unexpected>),
    /// The driver waits for what does not come.
    InVain(InVain),
}

/// A failed access, with what a report needs.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) mapping: &'static Mapping,
    /// The registers that the access could reach.
    pub(crate) registers: Option<&'static RegisterMap>,
    pub(crate) access: Access,
    pub(crate) direction: Direction,
    /// What was read or written.
    pub(crate) value: u64,
    pub(crate) failure: Failure,
}

/// A locked device of a live region.
pub(crate) struct Session<'a> {
    mapping: &'static Mapping,
    bus: &'a Arc<Core>,
    device: &'a mut dyn Device,
    ledger: Ledger<'a>,
    /// The access that the model is answering.
    open: Option<Asked>,
}

impl<'a> Session<'a> {
    pub(super) fn new(ledger: Ledger<'a>, device: &'a mut dyn Device) -> Self {
        Self { mapping: ledger.mapping, bus: ledger.bus, device, ledger, open: None }
    }

    /// The bus of the region.
    pub(crate) fn bus(&self) -> &'a Arc<Core> {
        self.bus
    }

    /// The registers that the access could reach.
    pub(super) fn reachable(&self, asked: &Asked) -> Option<&'static RegisterMap> {
        self.ledger.reachable(asked)
    }

    /// The region.
    pub(super) fn mapping(&self) -> &'static Mapping {
        self.mapping
    }

    /// Reads one naturally aligned piece, no wider than the bus; beside the value, which is what the access completes
    /// with in any case, the fault if the device refused the access or failed the test.
    pub(crate) fn read(&mut self, offset: usize, width: Width, origin: Origin) -> (u64, Result<(), Box<Fault>>) {
        let asked = self.open(offset, origin.shape(Direction::Read, width), origin.packed());
        if self.bus.schedule.meter.has(flag::FAULTS) {
            return self.read_with_faults(&asked);
        }
        let (value, answer, failed) = self.ask(&asked);
        (value, self.conclude(&asked, value, answer, failed))
    }

    /// Has the device answer a read: the value, whether it was refused, and why the model failed the test.
    pub(super) fn ask(&mut self, asked: &Asked) -> (u64, Result<(), BusError>, Option<String>) {
        let access = asked.access();
        if self.bus.schedule.meter.has(flag::SCRIPTS)
            && let Some(value) = self.bus.scripts.answer(&self.ledger.seen(asked, 0))
        {
            return (value & access.width.mask(), Ok(()), None);
        }
        let record = Record::from(asked);
        let mut cx = Context::new(self.bus, self.mapping, Some(&record));
        let answer = match self.device.read(access, &mut cx) {
            Err(error) if cx.permits(&error) => Ok(0),
            answer => answer,
        };
        let value = answer.as_ref().map_or(u64::MAX, |value| *value) & access.width.mask();
        (value, answer.map(drop), cx.failure)
    }

    /// Writes one naturally aligned piece, no wider than the bus.
    ///
    /// # Errors
    ///
    /// The fault if the device refused the access or failed the test.
    pub(crate) fn write(&mut self, offset: usize, width: Width, value: u64, origin: Origin) -> Result<(), Box<Fault>> {
        let asked = self.open(offset, origin.shape(Direction::Write, width), origin.packed());
        let value = value & width.mask();
        if self.bus.schedule.meter.has(flag::FAULTS) {
            return self.write_with_faults(&asked, value);
        }
        let (answer, failed) = self.tell(&asked, value);
        self.conclude(&asked, value, answer, failed)
    }

    /// Has the device carry out a write: whether it was refused, and why the model failed the test.
    pub(super) fn tell(&mut self, asked: &Asked, value: u64) -> (Result<(), BusError>, Option<String>) {
        let access = asked.access();
        let record = Record::from(asked);
        let mut cx = Context::new(self.bus, self.mapping, Some(&record));
        let answer = match self.device.write(access, value, &mut cx) {
            Err(error) if cx.permits(&error) => Ok(()),
            answer => answer,
        };
        (answer, cx.failure)
    }

    /// Has the device answer a read that was made of an alias of the region, and is recorded there: the answer, and why the
    /// model failed the test.
    pub(super) fn forward_read(&mut self, access: Access) -> (Result<u64, BusError>, Option<String>) {
        let record = Record::from(&Asked::of(&access, Direction::Read));
        let mut cx = Context::new(self.bus, self.mapping, Some(&record));
        let answer = self.device.read(access, &mut cx).map(|value| value & access.width.mask());
        (answer, cx.failure)
    }

    /// Has the device carry out a write that was made of an alias of the region: the answer, and why the model failed the
    /// test.
    pub(super) fn forward_write(&mut self, access: Access, value: u64) -> (Result<(), BusError>, Option<String>) {
        let record = Record::from(&Asked::of(&access, Direction::Write));
        let mut cx = Context::new(self.bus, self.mapping, Some(&record));
        let answer = self.device.write(access, value & access.width.mask(), &mut cx);
        (answer, cx.failure)
    }

    /// What a read would return, without its side effects.
    pub(super) fn peek(&self, offset: usize, width: Width) -> Option<u64> {
        self.device.peek(offset, width)
    }

    /// Resets the device; why the model failed the test, if it did.
    pub(super) fn reset(&mut self) -> Option<String> {
        self.bus.record(0, self.mapping.name(), EventKind::Reset);
        let mut cx = Context::new(self.bus, self.mapping, None);
        self.device.reset(&mut cx);
        cx.failure
    }

    /// Tells the model that a scheduled event is due; why it failed the test, if it did.
    pub(super) fn event(&mut self, event: u64) -> Option<String> {
        self.bus.record(0, self.mapping.name(), EventKind::Event(event));
        let mut cx = Context::new(self.bus, self.mapping, None);
        self.device.event(event, &mut cx);
        cx.failure
    }

    /// The report of a fault.
    pub(crate) fn report(&self, fault: &Fault) -> String {
        report_of(fault, self.bus, self.device)
    }

    /// The widest piece the device's bus transfers.
    pub(crate) fn width(&self) -> Width {
        self.mapping.width()
    }

    /// The fault of the access whose model panicked with `payload`, recorded as any other access; `None` if no access
    /// is being answered.
    #[cfg(trap)]
    pub(crate) fn panicked(&mut self, payload: &(dyn std::any::Any + Send)) -> Option<Box<Fault>> {
        let asked = self.open?;
        let error = report::model_panicked(payload);
        self.conclude(&asked, asked.shape().width().mask(), Err(error), None).err()
    }

    pub(super) fn open(&mut self, offset: usize, shape: Shape, location: PackedLocation) -> Asked {
        let meter = &self.bus.schedule.meter;
        let Tick { sequence, now: time, due } = meter.tick();
        if due {
            boundary::request(self.bus);
        }
        if meter.has(flag::REPORT) {
            self.bus.check_patience(sequence);
        }
        let head = Head::new(sequence, self.device.bank(), shape);
        let asked = Asked { head, offset, time, location };
        self.open = Some(asked);
        asked
    }

    pub(super) fn conclude(
        &mut self,
        asked: &Asked,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        self.open = None;
        self.ledger.conclude(asked, value, answer, failed)
    }

    /// Lets `work` do what the model may do in an event; beside its result, why the model failed the test, if it did.
    pub(super) fn stimulate<R>(
        &mut self,
        work: impl FnOnce(&mut dyn Device, &mut Context<'_>) -> R,
    ) -> (R, Option<String>) {
        let mut cx = Context::new(self.bus, self.mapping, None);
        let result = work(self.device, &mut cx);
        (result, cx.failure)
    }
}

impl Drop for Session<'_> {
    /// Records the access during which a model's panic unwound through the typed door.
    fn drop(&mut self) {
        if let Some(asked) = self.open {
            let panicked = Err(BusError::refused("the device model panicked"));
            let _raised_by_the_panic = self.conclude(&asked, asked.shape().width().mask(), panicked, None);
        }
    }
}

/// The report of a fault of this device.
pub(super) fn report_of(fault: &Fault, bus: &Core, device: &dyn Device) -> String {
    // A report is made whatever the model says of itself.
    let description = catch_unwind(AssertUnwindSafe(|| device.describe()));
    report::fault(fault, bus, description.ok().flatten().as_deref())
}

/// Splits `length` bytes at `offset` into naturally aligned pieces no wider than `bus`, in ascending order, as an
/// interconnect would.
pub(crate) fn pieces(offset: usize, length: usize, bus: Width) -> impl Iterator<Item = (usize, Width)> {
    let end = offset + length;
    let mut at = offset;
    std::iter::from_fn(move || {
        let width = [Width::U64, Width::U32, Width::U16, Width::U8]
            .into_iter()
            .find(|width| *width <= bus && at.is_multiple_of(width.bytes()) && width.bytes() <= end - at)?;
        let piece = (at, width);
        at += width.bytes();
        Some(piece)
    })
}

#[cfg(test)]
mod tests;
