//! The processor of a bus.

use crate::bus::core::Core;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Cycles a second, unless the test says otherwise.
const FREQUENCY: u32 = 100_000_000;

/// Waits in vain, at one time, after which the driver counts as stuck.
const WAITS: u64 = 10_000;

/// What the processor of a bus keeps beside the interrupt lines.
#[derive(Debug)]
pub(crate) struct Processor {
    frequency: AtomicU32,
    /// The event register: `sev` sets it, and `wfe` clears it.
    event: AtomicBool,
    /// Exceptions of this priority and less urgent ones wait; 0: none does.
    pub(super) base_priority: AtomicU8,
    /// When the driver waited last, in nanoseconds, and how often it did so at that time.
    waited_at: AtomicU64,
    waits: AtomicU64,
}

impl Default for Processor {
    fn default() -> Self {
        Self {
            frequency: AtomicU32::new(FREQUENCY),
            event: AtomicBool::new(false),
            base_priority: AtomicU8::new(0),
            waited_at: AtomicU64::new(0),
            waits: AtomicU64::new(0),
        }
    }
}

impl Processor {
    pub(crate) fn set_frequency(&self, hertz: u32) {
        assert!(hertz > 0, "a processor of 0 hertz does nothing");
        self.frequency.store(hertz, Ordering::Relaxed);
    }

    /// How long so many cycles take.
    fn cycles(&self, count: u32) -> Duration {
        let nanoseconds = u64::from(count) * 1_000_000_000 / u64::from(self.frequency.load(Ordering::Relaxed));
        Duration::from_nanos(nanoseconds)
    }

    pub(super) fn send_event(&self) {
        self.event.store(true, Ordering::Relaxed);
    }

    /// Takes the event, if there is one.
    pub(super) fn take_event(&self) -> bool {
        self.event.swap(false, Ordering::Relaxed)
    }
}

impl Core {
    /// Lets cycles of the processor pass.
    #[track_caller]
    pub(super) fn pass_cycles(self: &Arc<Self>, count: u32) {
        self.clock().sleep(self.processor.cycles(count));
    }

    /// Lets time pass until an interrupt line is pending.
    ///
    /// # Panics
    ///
    /// If that never comes, or has come and nobody serves it.
    #[track_caller]
    pub(super) fn wait(self: &Arc<Self>) {
        let clock = self.clock();
        clock.wait_for_interrupt();
        let now = u64::try_from(clock.now().as_nanos()).unwrap_or(u64::MAX);
        if self.processor.waited_at.swap(now, Ordering::Relaxed) != now {
            self.processor.waits.store(0, Ordering::Relaxed);
        }
        assert!(
            self.processor.waits.fetch_add(1, Ordering::Relaxed) < WAITS,
            "memtrap: the driver has waited for an interrupt {WAITS} times without anything happening: a line is pending, \
             but nobody serves it (`Bus::on_interrupt`), or its handler is masked"
        );
    }
}

/// What a driver may leave behind when it is abandoned.
#[cfg(trap)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    #[cfg(feature = "critical-section")]
    pub(super) sections: u32,
    pub(super) interrupts: (bool, usize),
}
