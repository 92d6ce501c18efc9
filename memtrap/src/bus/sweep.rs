//! One interrupt at a point that a sweep chooses.

use super::{Bus, core::Core, interrupts::Signal, meter::flag};
use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

/// When a line is pulsed.
#[derive(Debug)]
pub(super) struct Point {
    /// The access after which it happens; 0 stands for when the line gets its handler.
    after: AtomicU64,
    line: AtomicU32,
}

/// No access has this number.
const NEVER: u64 = u64::MAX;

impl Default for Point {
    fn default() -> Self {
        Self { after: AtomicU64::new(NEVER), line: AtomicU32::new(0) }
    }
}

impl Core {
    /// An access was answered; whether the line is pulsed now.
    pub(super) fn reached(self: &Arc<Self>, sequence: u64) -> bool {
        let now = self.point.after.load(Ordering::Relaxed) == sequence;
        if now {
            self.point.after.store(NEVER, Ordering::Relaxed);
            self.set_flag(flag::POINT, false);
            self.signal(self.point.line.load(Ordering::Relaxed), Signal::Pulse, "");
        }
        now
    }

    /// A line has got a handler; whether it is pulsed now.
    pub(super) fn has_handler(self: &Arc<Self>, line: u32) -> bool {
        self.point.line.load(Ordering::Relaxed) == line && self.reached(0)
    }
}

impl Bus {
    /// Has a line pulsed after the access with this number, or when it gets its handler if that is 0.
    pub(crate) fn pulse_after(&self, sequence: u64, line: u32) {
        self.core.point.line.store(line, Ordering::Relaxed);
        self.core.point.after.store(sequence, Ordering::Relaxed);
        self.core.set_flag(flag::POINT, true);
    }

    /// Whether the pulse came to pass.
    pub(crate) fn has_pulsed(&self) -> bool {
        self.core.point.after.load(Ordering::Relaxed) == NEVER
    }
}
