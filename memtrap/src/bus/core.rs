//! What all regions of one bus share: the order of accesses, the trace and the pending reports.

use super::mapping::Mapping;
use crate::trace::{Event, Log, Trace};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// Accesses that may follow an unraised report before the process is ended with it: a driver that polls for a value
/// which the failed device will never give would otherwise hang its test.
const ACCESSES_AFTER_REPORT: u64 = 10_000;

/// The shared part of a bus.
#[derive(Debug, Default)]
pub(crate) struct Core {
    sequence: AtomicU64,
    log: Mutex<Log>,
    regions: Mutex<Vec<&'static Mapping>>,
    pending: Mutex<Vec<String>>,
    /// Sequence number of the last access before the oldest pending report; 0 when nothing is pending.
    pending_since: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let reports = lock(&self.pending).join("\n");
        eprintln!(
            "{reports}\nmemtrap: the driver made {ACCESSES_AFTER_REPORT} more accesses without returning to the test; \
             ending the process"
        );
        std::process::abort();
    }

    pub(crate) fn record(&self, event: Event) {
        lock(&self.log).push(event);
    }

    pub(crate) fn trace(&self) -> Trace {
        lock(&self.log).snapshot()
    }

    pub(super) fn clear_trace(&self) {
        lock(&self.log).clear();
    }

    /// Keeps a report until a point where it can be raised.
    pub(crate) fn defer(&self, report: String) {
        lock(&self.pending).push(report);
        let now = self.sequence.load(Ordering::Relaxed).max(1);
        let _first_wins = self.pending_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Panics with the pending reports, if there are any and the thread is not panicking already.
    #[track_caller]
    pub(crate) fn raise(&self) {
        if self.pending_since.load(Ordering::Relaxed) == 0 || std::thread::panicking() {
            return;
        }
        let reports = std::mem::take(&mut *lock(&self.pending));
        self.pending_since.store(0, Ordering::Relaxed);
        if !reports.is_empty() {
            panic!("{}", reports.join("\n"));
        }
    }

    /// `name`, or `name.2`, `name.3` … if a live region of this bus has it already.
    pub(super) fn unique_name(&self, name: String) -> String {
        let regions = lock(&self.regions);
        let taken = |name: &str| regions.iter().any(|region| region.is_live() && region.name() == name);
        if !taken(&name) {
            return name;
        }
        (2..).map(|number| format!("{name}.{number}")).find(|name| !taken(name)).expect("names do not run out")
    }

    pub(super) fn add(&self, mapping: &'static Mapping) {
        let mut regions = lock(&self.regions);
        regions.retain(|region| region.is_live());
        regions.push(mapping);
    }
}
