//! How many accesses a driver may make: what ends one that goes on for ever, and does not only poll.

use super::{Bus, core::Core};
use std::sync::atomic::{AtomicU64, Ordering};

/// Accesses of a run, unless the test says otherwise: a second or so.
const IN_A_RUN: u64 = 10_000_000;

/// Accesses outside of one, where tests are made that take long on purpose.
const OUTSIDE: u64 = 1_000_000_000;

/// The accesses that a driver may make.
#[derive(Debug)]
pub(super) struct Budget {
    /// What the test has said; 0 if it has not.
    set: AtomicU64,
    /// The access with which the budget is used up.
    last: AtomicU64,
    /// How many accesses there are until then, from the first.
    all: AtomicU64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { set: AtomicU64::new(0), last: AtomicU64::new(OUTSIDE), all: AtomicU64::new(OUTSIDE) }
    }
}

impl Budget {
    #[inline]
    pub(super) fn is_used_up(&self, access: u64) -> bool {
        access >= self.last.load(Ordering::Relaxed)
    }

    /// Sets the budget, from access `begun` on.
    fn set(&self, accesses: u64, begun: u64) {
        self.set.store(accesses.max(1), Ordering::Relaxed);
        self.begin(OUTSIDE, begun);
    }

    /// Begins anew at access `begun`, with so many accesses unless the test says otherwise.
    fn begin(&self, unless_set: u64, begun: u64) {
        let set = self.set.load(Ordering::Relaxed);
        let all = if set == 0 { unless_set } else { set };
        self.all.store(all, Ordering::Relaxed);
        self.last.store(begun.saturating_add(all), Ordering::Relaxed);
    }

    /// How many accesses there were, if they are used up with this one. They are there again then: that is said once.
    pub(super) fn take_used_up(&self, access: u64) -> Option<u64> {
        self.is_used_up(access).then(|| {
            let all = self.all.load(Ordering::Relaxed);
            self.last.store(access.saturating_add(all), Ordering::Relaxed);
            all
        })
    }
}

/// A run of a driver, which has accesses of its own. When it is dropped, the bus has those from outside again.
pub(super) struct Running<'a>(&'a Core);

impl<'a> Running<'a> {
    pub(super) fn begin(core: &'a Core) -> Self {
        core.budget.begin(IN_A_RUN, core.begun());
        Self(core)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.budget.begin(OUTSIDE, self.0.begun());
    }
}

impl Bus {
    /// Sets how many accesses the driver may make, from now on and in each [`run`](Self::run), before its test fails with a
    /// report. 10 million in a run and a billion outside of one unless set; at least 1. A few hundred more may pass before it
    /// is noticed.
    ///
    /// A driver that polls is noticed much earlier; see [`set_poll_budget`](Self::set_poll_budget). This ends one that does
    /// something else for ever: one that sends its command again and again.
    pub fn set_access_budget(&self, accesses: u64) {
        self.core.budget.set(accesses, self.core.begun());
    }
}
