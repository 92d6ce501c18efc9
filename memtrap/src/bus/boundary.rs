//! What happens between two accesses of a driver: events that are due reach their models, and interrupt handlers run.

use super::{belonging::Entered, core::Core, held, interrupts::Signal, mapping::Mapping, report, schedule::Due};
use crate::trace::{EventKind, LineChange};
use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::Duration,
};

/// Calls of one handler at one boundary after which the line counts as stuck: the handler does not make the device
/// lower it.
const STORM: u32 = 1_000;

thread_local! {
    /// The bus that has something to do when the current access of this thread is complete.
    static WAITING: RefCell<Vec<Arc<Core>>> = const { RefCell::new(Vec::new()) };
    /// Whether there is one.
    static REQUESTED: Cell<bool> = const { Cell::new(false) };
    /// The bus that was looked after last.
    static LAST: RefCell<Option<Arc<Core>>> = const { RefCell::new(None) };
}

/// Asks for the bus to be looked after when the current access of this thread is complete.
#[cold]
pub(super) fn request(core: &Arc<Core>) {
    REQUESTED.set(true);
    WAITING.with_borrow_mut(|waiting| {
        if !waiting.iter().any(|other| Arc::ptr_eq(other, core)) {
            waiting.push(Arc::clone(core));
        }
    });
}

/// Whether [`complete`] has something to do.
#[inline]
pub(super) fn is_requested() -> bool {
    REQUESTED.get()
}

/// Takes the bus that this thread has looked after last: the one to report to if that failed.
#[cfg(trap)]
pub(super) fn last() -> Option<Arc<Core>> {
    LAST.take()
}

/// Does what was asked for, if no device is held any more.
///
/// # Errors
///
/// The report of a model that failed.
///
/// # Panics
///
/// If a model or a handler does.
pub(crate) fn complete() -> Result<(), String> {
    if !is_requested() || held::count() > 0 {
        return Ok(());
    }
    REQUESTED.set(false);
    for core in WAITING.take() {
        LAST.set(Some(Arc::clone(&core)));
        core.fire_until(core.schedule.now())?;
        core.serve_interrupts()?;
    }
    Ok(())
}

impl Core {
    /// Fires the events that are due by `limit`, each at its time.
    pub(super) fn fire_until(self: &Arc<Self>, limit: Duration) -> Result<(), String> {
        while let Some(due) = self.schedule.take(limit) {
            match due {
                Due::Event(mapping, event) => self.fire(mapping, event)?,
                Due::Wake(task) => task.wake(),
            }
            self.serve_interrupts()?;
        }
        Ok(())
    }

    fn fire(self: &Arc<Self>, mapping: &'static Mapping, event: u64) -> Result<(), String> {
        // A device that was dropped has no events any more; one that the test holds is in the test's hands.
        let failed = mapping.with(|session| session.event(event)).unwrap_or(None);
        match failed {
            Some(reason) => Err(report::event_failed(mapping, event, &reason, self)),
            None => Ok(()),
        }
    }

    /// Calls the handlers of the lines that may be served, the most urgent first, until none is left.
    pub(crate) fn serve_interrupts(self: &Arc<Self>) -> Result<(), String> {
        let mut last = None;
        let mut calls = 0;
        while let Some((line, handler)) = self.interrupts.begin() {
            calls = if last == Some(line) { calls + 1 } else { 1 };
            last = Some(line);
            let _end = End(self, line);
            if calls > STORM {
                return Err(report::interrupt_storm(line, STORM, self));
            }
            self.record_line(line, LineChange::Entered, "");
            // A handler that runs on another thread serves the line there.
            if let Ok(mut handler) = handler.try_lock() {
                let _bus = Entered::handler(self);
                handler();
            }
        }
        Ok(())
    }

    /// Lets virtual time pass until `to`, firing the events on the way.
    pub(super) fn pass_until(self: &Arc<Self>, to: Duration) -> Result<(), String> {
        self.fire_until(to)?;
        self.schedule.pass_until(to);
        self.serve_interrupts()
    }

    /// Changes an interrupt line for a model of `region`.
    pub(super) fn signal(self: &Arc<Self>, line: u32, signal: Signal, region: &'static str) {
        let changed = self.interrupts.signal(line, signal);
        let change = match signal {
            Signal::Raise => LineChange::Raised,
            Signal::Lower => LineChange::Lowered,
            Signal::Pulse => LineChange::Pulsed,
        };
        if changed {
            self.record_line(line, change, region);
        }
        self.reconsider_interrupts();
    }

    /// Has interrupts that may be served now served when the current access is complete.
    pub(super) fn reconsider_interrupts(self: &Arc<Self>) {
        if self.interrupts.has_work() {
            request(self);
        }
    }

    fn record_line(&self, line: u32, change: LineChange, region: &'static str) {
        self.record(0, region, EventKind::Interrupt { line, change });
    }
}

/// Ends the serving of a line, also when its handler panics.
struct End<'a>(&'a Arc<Core>, u32);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.interrupts.end();
        self.0.record_line(self.1, LineChange::Left, "");
    }
}
