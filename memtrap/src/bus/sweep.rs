//! One interrupt or event at a point that a sweep chooses.

use super::{Bus, boundary, core::Core, interrupts::Signal, mapping::Mapping, meter::flag};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// When something happens, and what.
#[derive(Debug)]
pub(super) struct Point {
    /// The access after which it happens; 0 stands for when a handler is there.
    after: AtomicU64,
    cause: Mutex<Cause>,
}

/// What happens at the point.
#[derive(Debug)]
enum Cause {
    /// A line is pulsed.
    Pulse(u32),
    /// The model of a region gets an event.
    Event(Event),
}

#[derive(Debug)]
struct Event {
    region: String,
    number: u64,
    /// The region of this name, once it is mapped.
    mapping: Option<&'static Mapping>,
    delivered: bool,
}

/// No access has this number.
const NEVER: u64 = u64::MAX;

impl Default for Point {
    fn default() -> Self {
        Self { after: AtomicU64::new(NEVER), cause: Mutex::new(Cause::Pulse(0)) }
    }
}

impl Point {
    fn cause(&self) -> MutexGuard<'_, Cause> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// An access was answered; whether it is the one that the sweep waits for.
    pub(super) fn reached(self: &Arc<Self>, sequence: u64) -> bool {
        let now = self.point.after.load(Ordering::Relaxed) == sequence;
        if now {
            self.point.after.store(NEVER, Ordering::Relaxed);
            self.set_flag(flag::POINT, false);
            self.happen();
        }
        now
    }

    fn happen(self: &Arc<Self>) {
        let mut cause = self.point.cause();
        match &mut *cause {
            Cause::Pulse(line) => {
                let line = *line;
                drop(cause);
                self.signal(line, Signal::Pulse, "");
            }
            Cause::Event(event) => {
                if let Some(mapping) = event.mapping.filter(|mapping| mapping.is_live()) {
                    event.delivered = true;
                    // The access still holds its device: the model is told when that is over.
                    self.schedule.schedule(mapping, Duration::ZERO, event.number, false);
                    boundary::request(self);
                }
            }
        }
    }

    /// A line has got a handler; whether that is what the sweep waits for.
    pub(super) fn has_handler(self: &Arc<Self>, line: u32) -> bool {
        let is_awaited = match &*self.point.cause() {
            Cause::Pulse(pulsed) => *pulsed == line,
            Cause::Event(event) => event.mapping.is_some(),
        };
        is_awaited && self.reached(0)
    }

    /// A region was mapped.
    pub(super) fn is_mapped(&self, mapping: &'static Mapping) {
        if let Cause::Event(event) = &mut *self.point.cause()
            && event.region == mapping.name()
        {
            event.mapping = Some(mapping);
        }
    }
}

impl Bus {
    /// Has a line pulsed after the access with this number, or when it gets its handler if that is 0.
    pub(crate) fn pulse_after(&self, sequence: u64, line: u32) {
        self.await_access(sequence, Cause::Pulse(line));
    }

    /// Has the model of a region, which is yet to be mapped, get an event after the access with this number, or when any line
    /// gets a handler if that is 0.
    pub(crate) fn event_after(&self, sequence: u64, region: &str, number: u64) {
        let region = region.to_owned();
        self.await_access(sequence, Cause::Event(Event { region, number, mapping: None, delivered: false }));
    }

    fn await_access(&self, sequence: u64, cause: Cause) {
        *self.core.point.cause() = cause;
        self.core.point.after.store(sequence, Ordering::Relaxed);
        self.core.set_flag(flag::POINT, true);
    }

    /// Whether the point was reached.
    pub(crate) fn has_reached_point(&self) -> bool {
        self.core.point.after.load(Ordering::Relaxed) == NEVER
    }

    /// Whether the region was there when the point was reached.
    pub(crate) fn has_delivered(&self) -> bool {
        matches!(&*self.core.point.cause(), Cause::Event(Event { delivered: true, .. }))
    }
}
