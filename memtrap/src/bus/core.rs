//! What all regions of one bus share: the order of accesses, the trace and the pending reports.

use super::{
    dma::Memory,
    interrupts::Interrupts,
    names::Names,
    poll::{self, Poll},
    schedule::Schedule,
    sweep::Point,
    violation::Policies,
};
use crate::run::ThisTest;
use crate::script::Scripts;
use crate::trace::{self, AccessEvent, Coverage, Event, EventKind, Log, Trace, TracedRegion};
use crate::{fault::Active, processor::Processor};
use std::{
    io::{self, Write as _},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Accesses that may follow an unraised report before the process is ended with it: a driver that polls for a value
/// which the failed device will never give would otherwise hang its test.
const ACCESSES_AFTER_REPORT: u64 = 10_000;

/// Reports that are kept until they can be raised; later ones are counted. The first says what went wrong.
#[cfg(any(trap, test))]
const REPORTS: usize = 4;

/// The shared part of a bus.
#[derive(Debug)]
pub(crate) struct Core {
    sequence: AtomicU64,
    log: Mutex<Log>,
    poll: Mutex<Poll>,
    /// Equal reads in a row after which a driver counts as stuck.
    poll_budget: AtomicU64,
    pub(super) schedule: Schedule,
    pub(crate) interrupts: Interrupts,
    pub(crate) processor: Processor,
    pub(super) memory: Memory,
    pub(super) faults: Active,
    pub(crate) scripts: Scripts,
    pub(super) point: Point,
    pub(super) violations: Policies,
    names: Mutex<Names>,
    /// The test that made the bus.
    pub(super) test: ThisTest,
    pending: Mutex<Pending>,
    /// Sequence number of the last access before the oldest pending report; 0 when nothing is pending.
    pending_since: AtomicU64,
}

impl Default for Core {
    fn default() -> Self {
        Self {
            sequence: AtomicU64::new(0),
            log: Mutex::default(),
            poll: Mutex::default(),
            poll_budget: AtomicU64::new(poll::DEFAULT_BUDGET),
            schedule: Schedule::default(),
            interrupts: Interrupts::default(),
            processor: Processor::default(),
            memory: Memory::default(),
            faults: Active::default(),
            scripts: Scripts::default(),
            point: Point::default(),
            violations: Policies::default(),
            names: Mutex::default(),
            test: ThisTest::here(),
            pending: Mutex::default(),
            pending_since: AtomicU64::new(0),
        }
    }
}

/// Reports that wait for a point where they can be raised.
#[derive(Debug, Default)]
struct Pending {
    reports: Vec<String>,
    more: u64,
}

impl Pending {
    fn text(&self) -> String {
        let mut text = self.reports.join("\n");
        if self.more > 0 {
            text += &format!("\nmemtrap: {} more accesses failed", self.more);
        }
        text
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Core {
    fn drop(&mut self) {
        trace::collect(|| self.coverage());
        trace::picture(|| (self.test.file_name(), self.test.to_string()), || self.trace());
    }
}

impl Core {
    /// The number of the next access, counted from 1.
    ///
    /// Ends the process if a report has been waiting for too many accesses.
    pub(super) fn next_sequence(&self) -> u64 {
        let sequence = 1 + self.sequence.fetch_add(1, Ordering::Relaxed);
        let since = self.pending_since.load(Ordering::Relaxed);
        if since != 0 && sequence > since + ACCESSES_AFTER_REPORT {
            self.abort();
        }
        sequence
    }

    #[cold]
    fn abort(&self) -> ! {
        let reports = lock(&self.pending).text();
        // Not through the test harness's capture, which ends with the process.
        let _ = writeln!(
            io::stderr(),
            "{reports}\nmemtrap: the driver made {ACCESSES_AFTER_REPORT} more accesses without returning to the test; \
             ending the process"
        );
        std::process::abort();
    }

    /// Records what has happened now or, if it is an access, when it was made.
    pub(crate) fn record(&self, sequence: u64, region: &'static str, kind: EventKind) {
        let time = match &kind {
            EventKind::Access(event) => event.access.time,
            _ => self.schedule.now(),
        };
        let event = Event { sequence, time, region, kind };
        #[cfg(feature = "tracing")]
        trace::emit(&event);
        lock(&self.log).push(event);
    }

    /// Has the trace know a region that was mapped.
    pub(super) fn add_region(&self, region: TracedRegion) {
        lock(&self.log).add_region(region);
    }

    /// Records an access; the number of equal reads in a row, if with this one the driver counts as stuck.
    pub(super) fn record_access(&self, region: &'static str, event: AccessEvent) -> Option<u64> {
        let count = lock(&self.poll).observe(region, event.direction, &event.access, event.value);
        self.record(event.access.sequence, region, EventKind::Access(event));
        // A driver that polls has nothing else to do: the next thing that happens, happens now.
        if count >= poll::SKIP
            && let Some(next) = self.schedule.next()
        {
            self.schedule.pass_until(next);
        }
        (count == self.poll_budget.load(Ordering::Relaxed)).then_some(count)
    }

    /// The access that is being answered changes something: the driver is not waiting in vain.
    pub(super) fn progress(&self) {
        lock(&self.poll).restart();
    }

    pub(super) fn set_poll_budget(&self, reads: u64) {
        self.poll_budget.store(reads.max(1), Ordering::Relaxed);
    }

    pub(crate) fn trace(&self) -> Trace {
        lock(&self.log).snapshot()
    }

    pub(super) fn clear_trace(&self) {
        lock(&self.log).clear();
    }

    pub(super) fn coverage(&self) -> Coverage {
        lock(&self.log).coverage()
    }

    /// Keeps a report until a point where it can be raised. If enough are kept already it is not made.
    #[cfg(any(trap, test))]
    pub(crate) fn defer(&self, report: impl FnOnce() -> String) {
        let mut pending = lock(&self.pending);
        if pending.reports.len() < REPORTS {
            pending.reports.push(report());
        } else {
            pending.more += 1;
        }
        let now = self.sequence.load(Ordering::Relaxed).max(1);
        let _first_wins = self.pending_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether a report waits to be raised.
    pub(super) fn has_report(&self) -> bool {
        self.pending_since.load(Ordering::Relaxed) != 0
    }

    /// Panics with the pending reports, if there are any and the thread is not panicking already.
    #[track_caller]
    pub(crate) fn raise(&self) {
        if !self.has_report() || std::thread::panicking() {
            return;
        }
        let reports = {
            let mut pending = lock(&self.pending);
            self.pending_since.store(0, Ordering::Relaxed);
            std::mem::take(&mut *pending)
        };
        // Another thread may have raised them in between.
        if !reports.reports.is_empty() {
            panic!("{}", reports.text());
        }
    }

    /// Takes a name for a region: `name`, or `name.2`, `name.3` … if a live region of this bus has it already.
    pub(super) fn take_name(&self, name: String) -> String {
        lock(&self.names).take(name)
    }

    /// Lets another region have the name.
    pub(super) fn release_name(&self, name: &str) {
        lock(&self.names).release(name);
    }
}

#[cfg(test)]
mod tests;
