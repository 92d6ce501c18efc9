//! What drivers ask of the processor, and not of a device: to wait, to mask interrupts, to order accesses.
//!
//! Such code is not trapped: it is linked to functions here, by way of the crates that drivers use for it. The functions
//! work on the bus of the thread.

mod cortex_m;
#[cfg(feature = "critical-section")]
mod critical_section;
#[cfg(feature = "embassy-time")]
mod embassy_time;
mod state;

pub(crate) use state::Processor;
#[cfg(trap)]
pub(crate) use state::Snapshot;

#[cfg(trap)]
use crate::bus::core::Core;

/// Has the linker take the functions that other crates look for, for every program that makes a bus.
pub(crate) fn link() {
    cortex_m::link();
}

/// What a driver that runs on this thread may leave behind when it is abandoned.
#[cfg(trap)]
pub(crate) fn snapshot(core: &Core) -> Snapshot {
    Snapshot {
        #[cfg(feature = "critical-section")]
        sections: critical_section::depth(),
        interrupts: core.interrupts.snapshot(),
    }
}

/// Leaves the critical sections and interrupt handlers of a driver that was abandoned inside them.
#[cfg(trap)]
pub(crate) fn restore(core: &Core, snapshot: Snapshot) {
    #[cfg(feature = "critical-section")]
    critical_section::abandon(snapshot.sections);
    core.interrupts.restore(snapshot.interrupts);
}
