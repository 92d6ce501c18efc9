//! Address → region → device: the one place every access passes, whichever door it came through.
#![forbid(unsafe_code)]

mod access;
mod alias;
mod belonging;
pub(crate) mod boundary;
mod budget;
mod clock;
mod context;
pub(crate) mod core;
pub(crate) mod current;
mod device;
mod dma;
mod faulty;
mod held;
mod interrupts;
mod latch;
mod ledger;
pub(crate) mod mapping;
mod meter;
mod names;
mod ownership;
mod placement;
mod plain;
mod poll;
pub(crate) mod ports;
mod ram;
mod region;
pub(crate) mod report;
mod schedule;
pub(crate) mod session;
pub(crate) mod shape;
pub(crate) mod slot;
mod sweep;
pub(crate) mod table;
#[cfg(test)]
mod testing;
#[cfg(trap)]
pub(crate) mod trapped;
pub(crate) mod typed;
mod violation;

pub use access::{Access, CodeLocation};
pub use alias::{AliasKind, AliasWindow};
pub use belonging::Entered;
pub use clock::Clock;
pub use context::Context;
pub use device::Device;
pub use dma::Dma;
pub use ports::Ports;
pub use ram::Ram;
pub use region::{DeviceGuard, Region};
pub use violation::{Violation, ViolationPolicy};

use self::{budget::Running, meter::flag, placement::Place};
use crate::{
    error::MapError,
    fault::{Fault, Injected},
    model::{Nestable, RegisterFile, Simulated, Simulation},
    processor,
    script::{Script, Step},
    trace::{self, Coverage, Trace},
    trap,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Devices whose models are running on this thread or are held by the test.
#[cfg(trap)]
pub(crate) fn held_devices() -> usize {
    held::count()
}

/// An address space of simulated devices with one order of accesses and one trace.
///
/// Cloning it makes another handle to the same bus.
#[derive(Clone, Debug)]
pub struct Bus {
    core: Arc<core::Core>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A bus without devices.
    ///
    /// What drivers ask of the processor, as `cortex-m`, `critical-section` and `embassy-time` do, is asked of the bus whose
    /// [`run`](Self::run) or interrupt handler the thread is in, else of the bus that the thread made last, else of the one
    /// that the process made last.
    #[must_use]
    pub fn new() -> Self {
        processor::link();
        let core = Arc::default();
        current::made(&core);
        Self { core }
    }

    /// Maps `size` bytes for `device` at an address that memtrap chooses.
    ///
    /// # Errors
    ///
    /// [`MapError`] if `size` is zero or the operating system has no address space left.
    pub fn map<D: Device>(&self, size: usize, device: D) -> Result<Region<D>, MapError> {
        Region::create(&self.core, Place::Anywhere, size, device)
    }

    /// Maps `size` bytes for `device` at `address`: a driver that has its addresses built in finds it there.
    ///
    /// Tests that run at the same time may each map a device at the same address, on buses of their own: an access goes to
    /// the bus of the thread that makes it; see [`enter`](Self::enter).
    ///
    /// The address must be a multiple of the width of the device's bus. Regions may share a page, and the address
    /// range of a retired region can be mapped again.
    ///
    /// # Errors
    ///
    /// [`MapError`] if `size` is zero, the address is not aligned or out of range, or the range is in use by another
    /// region of this bus or of this thread, or by the process itself.
    pub fn map_at<D: Device>(&self, address: usize, size: usize, device: D) -> Result<Region<D>, MapError> {
        Region::create(&self.core, Place::At(address), size, device)
    }

    /// Simulates the register block `B` with `model` at an address that memtrap chooses.
    ///
    /// # Errors
    ///
    /// As [`map`](Self::map).
    pub fn simulate<B, M>(&self, model: M) -> Result<Simulation<B, M>, MapError>
    where
        B: Nestable + Simulated<M>,
        M: Send + 'static,
    {
        Ok(Simulation::new(self.map(B::MAP.size, RegisterFile::<B, M>::new(model))?))
    }

    /// Simulates the register block `B` with `model` at `address`.
    ///
    /// # Errors
    ///
    /// As [`map_at`](Self::map_at).
    pub fn simulate_at<B, M>(&self, address: usize, model: M) -> Result<Simulation<B, M>, MapError>
    where
        B: Nestable + Simulated<M>,
        M: Send + 'static,
    {
        Ok(Simulation::new(self.map_at(address, B::MAP.size, RegisterFile::<B, M>::new(model))?))
    }

    /// What happened on this bus so far, in order.
    ///
    /// # Panics
    ///
    /// With the report, if an access through the trapped door has failed since the last call into memtrap.
    #[must_use]
    #[track_caller]
    pub fn trace(&self) -> Trace {
        self.core.raise();
        self.core.trace()
    }

    /// Which registers the bus's devices declare and how they were used, since the bus was made.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.core.coverage()
    }

    /// Runs driver code so that a report can end it, whatever it is doing.
    ///
    /// Unwinding out of a load or store is undefined behaviour, so a report of the trapped door has to wait until the
    /// driver returns to the test, which a driver that polls never does. Here the driver runs on a stack of its own. When
    /// an access fails, that stack is abandoned, and the report is raised on the test's stack.
    ///
    /// An abandoned driver is not unwound: its destructors do not run, and locks that it holds stay locked. That is why
    /// the closure owns what it uses. Its stack is 2 MiB, of which only the pages that are used take memory. A panic of
    /// the driver itself, or of a typed accessor, unwinds as it does anywhere.
    ///
    /// Where nothing can be trapped (hosts other than Linux on x86-64) the driver runs on the test's stack.
    ///
    /// # Panics
    ///
    /// With the report of an access that failed, or with the driver's own panic; or if there is no memory for a stack.
    #[track_caller]
    pub fn run<R: 'static>(&self, driver: impl FnOnce() -> R + 'static) -> R {
        self.on_stack(|core| trap::driver_stack::run(core, driver))
    }

    /// Runs a driver on some stack, and raises the reports from before and from meanwhile.
    #[track_caller]
    pub(crate) fn on_stack<R>(&self, run: impl FnOnce(&Arc<core::Core>) -> R) -> R {
        self.core.raise();
        let running = Running::begin(&self.core);
        let entered = self.enter();
        let result = run(&self.core);
        drop((entered, running));
        self.core.raise();
        result
    }

    /// The bus's virtual clock, for a driver's delay functions and for tests.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::new(&self.core)
    }

    /// Sets how much virtual time an access takes. 100 ns unless set.
    pub fn set_access_time(&self, time: Duration) {
        self.core.schedule.set_access_time(time);
    }

    /// Sets the frequency of the processor in hertz: how long a driver's loop of so many cycles takes. 100 MHz unless set.
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn set_processor_frequency(&self, hertz: u32) {
        self.core.processor.set_frequency(hertz);
    }

    /// Has `handler` called when the interrupt line is raised or pulsed: on the driver's thread, between two accesses,
    /// while nobody masks it. A handler is not interrupted by itself. It replaces an earlier handler of the line.
    ///
    /// The handler may access devices. It must not own the [`Bus`], whose handlers would then keep each other alive.
    pub fn on_interrupt(&self, line: u32, handler: impl FnMut() + Send + 'static) {
        self.core.interrupts.set_handler(line, Arc::new(Mutex::new(handler)));
        if self.core.has_handler(line) {
            boundary::complete().unwrap_or_else(|report| panic!("{report}"));
        }
    }

    /// Sets the priority of an interrupt line: one with a higher number interrupts the handlers of those with lower
    /// ones. 0 unless set.
    pub fn set_interrupt_priority(&self, line: u32, priority: u8) {
        self.core.interrupts.set_priority(line, priority);
    }

    /// Enables or disables one interrupt line. A line that is pending when it is enabled is served at once.
    ///
    /// # Panics
    ///
    /// If the line's handler panics, or with the report of an access it made.
    #[track_caller]
    pub fn set_interrupt_enabled(&self, line: u32, enabled: bool) {
        self.core.interrupts.set_enabled(line, enabled);
        self.serve_interrupts();
    }

    /// Masks or unmasks all interrupt lines, as a critical section of the driver does; whether they were masked before.
    /// Lines that are pending when they are unmasked are served at once.
    ///
    /// # Panics
    ///
    /// As [`set_interrupt_enabled`](Self::set_interrupt_enabled).
    #[track_caller]
    pub fn mask_interrupts(&self, masked: bool) -> bool {
        let before = self.core.interrupts.set_masked(masked);
        self.serve_interrupts();
        before
    }

    /// Whether an interrupt line is raised, or was pulsed and not served yet.
    #[must_use]
    pub fn is_interrupt_pending(&self, line: u32) -> bool {
        self.core.interrupts.is_pending(line)
    }

    /// How often the handler of an interrupt line was called.
    #[must_use]
    pub fn interrupts_served(&self, line: u32) -> u64 {
        self.core.interrupts.served(line)
    }

    #[track_caller]
    fn serve_interrupts(&self) {
        self.core.serve_interrupts().unwrap_or_else(|report| panic!("{report}"));
    }

    /// Says whether the bus records what happens: it does, unless told otherwise.
    ///
    /// An access costs a little less when nothing is recorded. The [trace](Self::trace) counts what is not recorded as
    /// dropped, so that nothing can be claimed of it; reports show no history, and accesses do not count as
    /// [covered](Self::coverage).
    pub fn set_tracing(&self, on: bool) {
        self.core.set_flag(flag::QUIET, !on);
    }

    /// Sets how many equal reads in a row one instruction may make of one register before the driver counts as stuck
    /// and its test fails with a report. 10,000 unless set; at least 1.
    ///
    /// A driver that reads several registers in turn, none of which changes, counts as stuck after so many rounds. That is
    /// noticed a few hundred reads later, and only while the bus [records](Self::set_tracing) what happens.
    pub fn set_poll_budget(&self, reads: u64) {
        self.core.set_poll_budget(reads);
    }

    /// Sets what comes of accesses that a declaration does not permit, on all devices of the bus whose
    /// [own policy](Region::set_violation_policy) does not say otherwise. An error unless set.
    pub fn set_violation_policy(&self, violation: Violation, policy: ViolationPolicy) {
        self.core.violations.set(violation, policy);
    }

    /// Expects the accesses of a script, and no others, from now until the script is dropped; see [`script`](crate::script).
    ///
    /// # Panics
    ///
    /// If the script is about a register that no region of the bus has: map the regions first. An access that it does not
    /// expect fails as one that a device refuses: the typed accessor panics with the report, and through the trapped door it
    /// is raised at the next call into memtrap. Dropping the script panics if something is missing.
    #[track_caller]
    pub fn expect(&self, step: impl Into<Step>) -> Script {
        Script::new(&self.core, step.into())
    }

    /// Injects a fault: from now on it strikes the accesses it is about, through either door. Several may strike one access,
    /// in the order in which they were injected.
    ///
    /// # Panics
    ///
    /// If the fault is about a register that no region of the bus has: map the regions first.
    #[track_caller]
    pub fn inject(&self, fault: Fault) -> Injected {
        trace::check([fault.pattern()], &self.core.regions());
        let injected = self.core.faults.inject(fault);
        self.core.set_flag(flag::FAULTS, true);
        injected
    }

    /// Removes all injected faults.
    pub fn clear_faults(&self) {
        self.core.faults.clear();
        self.core.set_flag(flag::FAULTS, false);
    }

    /// Forgets what happened so far, for a test that looks at a later phase only.
    ///
    /// # Panics
    ///
    /// As [`trace`](Self::trace).
    #[track_caller]
    pub fn clear_trace(&self) {
        self.core.raise();
        self.core.clear_trace();
    }
}
