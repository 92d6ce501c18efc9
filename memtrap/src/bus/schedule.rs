//! Virtual time, and the events that are due at some point of it.

use super::{
    mapping::Mapping,
    meter::{Meter, NEVER, nanoseconds},
};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{Mutex, PoisonError},
    task::Waker,
    time::Duration,
};

/// The clock of a bus, and the events that are to come. All times are nanoseconds since the bus was made.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// Counts the time.
    pub(super) meter: Meter,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    events: BinaryHeap<Reverse<Entry>>,
    /// Events that are due at the same time fire in the order in which they were scheduled.
    scheduled: u64,
}

/// An event, ordered by when it fires.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    due: u64,
    order: u64,
    event: u64,
    period: Option<u64>,
    target: Target,
}

/// Whom an event is for. Not part of the order.
#[derive(Clone, Debug)]
enum Target {
    /// The model of a region.
    Model(&'static Mapping),
    /// A task that waits for the time to come.
    Task(Waker),
}

impl Target {
    fn is(&self, mapping: &'static Mapping) -> bool {
        matches!(self, Self::Model(target) if std::ptr::eq(*target, mapping))
    }
}

/// What is to be done when an event is due.
pub(super) enum Due {
    /// Tell the region's model this number.
    Event(&'static Mapping, u64),
    /// Wake the task.
    Wake(Waker),
}

impl PartialEq for Target {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Target {}

impl PartialOrd for Target {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Target {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl Schedule {
    pub(super) fn now(&self) -> Duration {
        Duration::from_nanos(self.meter.now())
    }

    pub(super) fn set_access_time(&self, time: Duration) {
        self.meter.set_access_time(time);
    }

    /// When the first event is due.
    pub(super) fn next(&self) -> Option<Duration> {
        let due = self.meter.next_due();
        (due != NEVER).then(|| Duration::from_nanos(due))
    }

    /// Sets the time to `to`, unless that has passed.
    pub(super) fn pass_until(&self, to: Duration) {
        self.meter.pass_until(nanoseconds(to));
    }

    /// Schedules `event` for the model of `mapping`, once or again and again.
    pub(super) fn schedule(&self, mapping: &'static Mapping, delay: Duration, event: u64, repeats: bool) {
        let delay = nanoseconds(delay);
        let due = self.meter.now().saturating_add(delay).min(NEVER - 1);
        // A period of zero would never let time pass.
        let period = repeats.then_some(delay.max(1));
        self.change(|queue| queue.push(due, event, period, Target::Model(mapping)));
    }

    /// Has a task woken at a point of time.
    pub(super) fn wake(&self, at: Duration, waker: &Waker) {
        let due = nanoseconds(at).min(NEVER - 1);
        self.change(|queue| queue.push(due, 0, None, Target::Task(waker.clone())));
    }

    /// Drops the events with this number that are scheduled for the model of `mapping`.
    pub(super) fn cancel(&self, mapping: &'static Mapping, event: u64) {
        self.change(|queue| {
            queue.events.retain(|Reverse(entry)| entry.event != event || !entry.target.is(mapping));
        });
    }

    /// Takes the first event that is due by `limit` and sets the time to when it is due, unless that has passed.
    pub(super) fn take(&self, limit: Duration) -> Option<Due> {
        let limit = nanoseconds(limit);
        self.change(|queue| {
            if queue.events.peek().is_none_or(|Reverse(entry)| entry.due > limit) {
                return None;
            }
            let Reverse(entry) = queue.events.pop()?;
            self.meter.pass_until(entry.due);
            Some(match entry.target {
                Target::Task(waker) => Due::Wake(waker),
                Target::Model(mapping) => {
                    if let Some(period) = entry.period
                        && mapping.is_live()
                    {
                        queue.push(entry.due.saturating_add(period), entry.event, Some(period), Target::Model(mapping));
                    }
                    Due::Event(mapping, entry.event)
                }
            })
        })
    }

    /// Changes the queue and tells the meter when its first event is due.
    fn change<R>(&self, work: impl FnOnce(&mut Queue) -> R) -> R {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut queue);
        self.meter.set_next_due(queue.events.peek().map_or(NEVER, |Reverse(entry)| entry.due));
        result
    }
}

impl Queue {
    fn push(&mut self, due: u64, event: u64, period: Option<u64>, target: Target) {
        let order = self.scheduled;
        self.scheduled += 1;
        self.events.push(Reverse(Entry { due, order, event, period, target }));
    }
}
