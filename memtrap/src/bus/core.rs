//! What all regions of one bus share: the order of accesses, the trace and the pending reports.

use super::{
    belonging,
    budget::Budget,
    dma::Memory,
    interrupts::Interrupts,
    meter::flag,
    names::Names,
    poll::{self, InVain},
    schedule::Schedule,
    sweep::Point,
    violation::Policies,
};
use crate::error::BusError;
use crate::run::{self, ThisTest};
use crate::script::Scripts;
use crate::trace::{self, Coverage, Event, EventKind, Lane, Log, Trace, TracedRegion};
use crate::{fault::Active, processor::Processor};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
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
    /// No other bus of the process has it, now or later.
    pub(super) number: u64,
    log: Mutex<Log>,
    /// Equal reads in a row after which a driver counts as stuck.
    poll_budget: AtomicU64,
    pub(super) budget: Budget,
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
        run::colour_panics();
        Self {
            number: belonging::new_number(),
            log: Mutex::default(),
            poll_budget: AtomicU64::new(poll::DEFAULT_BUDGET),
            budget: Budget::default(),
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
    /// Ends the process if a report has been waiting for too many accesses.
    pub(super) fn check_patience(&self, sequence: u64) {
        let since = self.pending_since.load(Ordering::Relaxed);
        if since != 0 && sequence > since + ACCESSES_AFTER_REPORT {
            self.abort();
        }
    }

    #[cold]
    fn abort(&self) -> ! {
        let reports = lock(&self.pending).text();
        run::print(&format!(
            "{reports}\nmemtrap: the driver made {ACCESSES_AFTER_REPORT} more accesses without returning to the test; \
             ending the process"
        ));
        std::process::abort();
    }

    /// Records what has happened now, and is no access.
    pub(crate) fn record(&self, sequence: u64, region: &'static str, kind: EventKind) {
        let event = Event { sequence, time: self.schedule.now(), region, kind };
        #[cfg(feature = "tracing")]
        trace::emit(&event);
        let mut log = lock(&self.log);
        if self.schedule.meter.has(flag::QUIET) {
            log.skip();
        } else {
            log.push(self.schedule.meter.begun(), event);
        }
    }

    /// Has the trace know a region that was mapped; where its accesses are recorded.
    pub(super) fn add_region(&self, region: TracedRegion) -> Lane {
        lock(&self.log).add_region(region)
    }

    /// Takes what was recorded in a lane, which is full; whether somebody must look what the driver is doing.
    #[cold]
    pub(super) fn take_over(&self, lane: &mut Lane) -> bool {
        let meter = &self.schedule.meter;
        let circles = lock(&self.log).take_over(lane, |access| meter.has_progressed_since(access));
        circles || self.budget.is_used_up(meter.begun())
    }

    /// Accesses that have begun.
    pub(super) fn begun(&self) -> u64 {
        self.schedule.meter.begun()
    }

    /// Says why an access failed that is about to be recorded.
    pub(super) fn explain(&self, sequence: u64, error: BusError) {
        lock(&self.log).explain(sequence, error);
    }

    /// A driver has read the same so often, or must be looked at; what it does in vain, if with this access it counts as
    /// stuck.
    #[cold]
    pub(super) fn polled(&self, count: u64) -> Option<InVain> {
        if count == poll::LOOK {
            return self.look();
        }
        if count >= poll::SKIP {
            self.skip_to_event();
        }
        (count == self.poll_budget.load(Ordering::Relaxed)).then_some(InVain::Poll(count))
    }

    fn look(&self) -> Option<InVain> {
        let circle = lock(&self.log).circle();
        if let Some((places, sites, reads)) = circle {
            self.skip_to_event();
            if reads >= self.poll_budget.load(Ordering::Relaxed).saturating_mul(sites as u64) {
                lock(&self.log).leave_circle();
                return Some(InVain::Circle { places, reads });
            }
        }
        self.budget.take_used_up(self.begun()).map(InVain::Accesses)
    }

    /// A driver that polls has nothing else to do: the next thing that happens, happens now.
    fn skip_to_event(&self) {
        if let Some(next) = self.schedule.next() {
            self.schedule.pass_until(next);
        }
    }

    pub(super) fn set_poll_budget(&self, reads: u64) {
        let reads = reads.max(1);
        self.poll_budget.store(reads, Ordering::Relaxed);
        self.schedule.meter.set_patience(reads.min(poll::SKIP) as u32);
    }

    pub(super) fn set_flag(&self, flag: u32, on: bool) {
        self.schedule.meter.set_flag(flag, on);
    }

    /// Says whether there are scripts.
    pub(crate) fn set_scripts(&self, any: bool) {
        self.set_flag(flag::SCRIPTS, any);
    }

    pub(crate) fn regions(&self) -> Vec<TracedRegion> {
        lock(&self.log).regions()
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
        let now = self.schedule.meter.begun().max(1);
        self.schedule.meter.set_flag(flag::REPORT, true);
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
            self.schedule.meter.set_flag(flag::REPORT, false);
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
