//! What a device model may do beside answering.

use super::{Access, Violation, ViolationPolicy, core::Core, interrupts::Signal, mapping::Mapping};
use crate::{
    error::BusError,
    trace::{EventKind, Record},
};
use std::{fmt, sync::Arc, time::Duration};

/// Passed to every method of a device model: what it may do beside answering the access.
pub struct Context<'a> {
    pub(super) bus: &'a Arc<Core>,
    pub(super) mapping: &'static Mapping,
    /// The access that is being answered.
    pub(super) record: Option<&'a Record>,
    pub(super) failure: Option<String>,
    /// The bits of the register's value that the access carries.
    pub(super) lanes: u64,
}

impl<'a> Context<'a> {
    /// For a call of a model: to answer an access, or for something else.
    #[inline(always)]
    pub(super) fn new(bus: &'a Arc<Core>, mapping: &'static Mapping, record: Option<&'a Record>) -> Self {
        Self { bus, mapping, record, failure: None, lanes: u64::MAX }
    }

    /// The access that is being answered; `None` when the model was not called for one (as in a reset).
    #[must_use]
    pub fn access(&self) -> Option<Access> {
        self.record.map(|record| record.asked().access())
    }

    /// The number of the access; 0 when the model was not called for one.
    pub(super) fn sequence(&self) -> u64 {
        self.record.map_or(0, |record| record.head().sequence())
    }

    /// Name of the region the model answers for.
    #[must_use]
    pub fn region(&self) -> &str {
        self.mapping.name()
    }

    /// The virtual time since the bus was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.bus.schedule.now()
    }

    /// Has the model's `event` method called with `event` when `delay` has passed.
    pub fn after(&mut self, delay: Duration, event: u64) {
        self.bus.schedule.schedule(self.mapping, delay, event, false);
    }

    /// Has the model's `event` method called with `event` whenever `period` has passed, until it is cancelled.
    pub fn every(&mut self, period: Duration, event: u64) {
        self.bus.schedule.schedule(self.mapping, period, event, true);
    }

    /// Drops the model's scheduled events with this number.
    pub fn cancel(&mut self, event: u64) {
        self.bus.schedule.cancel(self.mapping, event);
    }

    /// Raises an interrupt line. Its handler runs on the driver's thread when the access is complete, and again until
    /// the line is lowered; a line that is lowered before a handler could run is forgotten.
    pub fn raise(&mut self, line: u32) {
        self.bus.signal(line, Signal::Raise, self.mapping.name());
    }

    /// Lowers an interrupt line.
    pub fn lower(&mut self, line: u32) {
        self.bus.signal(line, Signal::Lower, self.mapping.name());
    }

    /// Pulses an interrupt line: its handler runs once.
    pub fn pulse(&mut self, line: u32) {
        self.bus.signal(line, Signal::Pulse, self.mapping.name());
    }

    /// Enables or disables an interrupt line: for a model of an interrupt controller, as are the next five.
    pub fn set_interrupt_enabled(&mut self, line: u32, enabled: bool) {
        self.bus.interrupts.set_enabled(line, enabled);
        self.bus.reconsider_interrupts();
    }

    /// Whether an interrupt line is enabled.
    #[must_use]
    pub fn is_interrupt_enabled(&self, line: u32) -> bool {
        self.bus.interrupts.is_enabled(line)
    }

    /// Sets the priority of an interrupt line, of which a higher number is more urgent.
    pub fn set_interrupt_priority(&mut self, line: u32, priority: u8) {
        self.bus.interrupts.set_priority(line, priority);
        self.bus.reconsider_interrupts();
    }

    /// Whether an interrupt line is raised, or was pulsed and not served yet.
    #[must_use]
    pub fn is_interrupt_pending(&self, line: u32) -> bool {
        self.bus.interrupts.is_pending(line)
    }

    /// Whether the handler of an interrupt line is running.
    #[must_use]
    pub fn is_interrupt_active(&self, line: u32) -> bool {
        self.bus.interrupts.is_active(line)
    }

    /// Forgets a pulse of an interrupt line that was not served yet.
    pub fn clear_interrupt(&mut self, line: u32) {
        self.bus.interrupts.forget(line);
    }

    /// Says that this access changes the device, although its value may be that of the access before: a read that takes
    /// an element from a FIFO. Without it a driver that reads equal elements in a loop looks as if it polled in vain:
    /// virtual time jumps to the next event, and after [`Bus::set_poll_budget`](super::Bus::set_poll_budget) reads the
    /// test fails.
    pub fn progress(&mut self) {
        self.bus.schedule.meter.progress(self.record.map(|record| record.head().sequence()));
    }

    /// Whether the test permits the violation for which the device would refuse the access with `error`. If it is to be
    /// logged, the trace gets its remark.
    ///
    /// A device that asks can carry out what it would refuse otherwise. One that refuses all the same reads as zero, and
    /// a write to it does nothing.
    pub fn permits(&mut self, error: &BusError) -> bool {
        match self.policy(error) {
            ViolationPolicy::Error => false,
            ViolationPolicy::Allow => true,
            ViolationPolicy::Log => {
                self.note(format!("permitted: {error}"));
                true
            }
        }
    }

    /// What comes of an access that is refused with `error`.
    pub(crate) fn policy(&self, error: &BusError) -> ViolationPolicy {
        let Some(violation) = Violation::of(error) else { return ViolationPolicy::Error };
        let own = self.mapping.violations.get(violation);
        own.or_else(|| self.bus.violations.get(violation)).unwrap_or_default()
    }

    /// The bits of the register's value that the access being answered carries.
    pub(crate) fn lanes(&self) -> u64 {
        self.lanes
    }

    /// Has the access carry only these bits of a register's value.
    pub(crate) fn set_lanes(&mut self, lanes: u64) {
        self.lanes = lanes;
    }

    /// Puts a remark of the model into the trace.
    pub fn note(&mut self, text: impl Into<String>) {
        self.bus.record(self.sequence(), self.mapping.name(), EventKind::Note(text.into()));
    }

    /// Fails the driver's test with a report that gives `reason`.
    ///
    /// The access itself completes with the value the model returns. Through the typed door the accessor panics when
    /// the model is done; through the trapped door the report is raised at the next call into memtrap.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.failure.get_or_insert_with(|| reason.into());
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("region", &self.mapping.name()).field("access", &self.access()).finish()
    }
}
