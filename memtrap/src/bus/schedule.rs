//! Virtual time, and the events that are due at some point of it.

use super::mapping::Mapping;
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

/// How long an access takes, unless the test says otherwise: a bus of 10 MHz.
const ACCESS_TIME: Duration = Duration::from_nanos(100);

/// `next_due` when nothing is scheduled.
const NEVER: u64 = u64::MAX;

/// The clock of a bus. All times are nanoseconds since the bus was made.
#[derive(Debug)]
pub(super) struct Schedule {
    now: AtomicU64,
    access_time: AtomicU64,
    /// When the first event is due, so that an access need not lock the queue.
    next_due: AtomicU64,
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

impl Default for Schedule {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(0),
            access_time: AtomicU64::new(nanoseconds(ACCESS_TIME)),
            next_due: AtomicU64::new(NEVER),
            queue: Mutex::default(),
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER - 1)
}

impl Schedule {
    pub(super) fn now(&self) -> Duration {
        Duration::from_nanos(self.now.load(Ordering::Relaxed))
    }

    /// Lets the time of one access pass; the time afterwards, and whether an event is due.
    pub(super) fn tick(&self) -> (Duration, bool) {
        let step = self.access_time.load(Ordering::Relaxed);
        let now = self.now.fetch_add(step, Ordering::Relaxed).saturating_add(step);
        (Duration::from_nanos(now), now >= self.next_due.load(Ordering::Relaxed))
    }

    pub(super) fn set_access_time(&self, time: Duration) {
        self.access_time.store(nanoseconds(time), Ordering::Relaxed);
    }

    /// Schedules `event` for the model of `mapping`, once or again and again.
    pub(super) fn schedule(&self, mapping: &'static Mapping, delay: Duration, event: u64, repeats: bool) {
        let delay = nanoseconds(delay);
        let due = self.now.load(Ordering::Relaxed).saturating_add(delay).min(NEVER - 1);
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

    /// When the first event is due.
    pub(super) fn next(&self) -> Option<Duration> {
        let due = self.next_due.load(Ordering::Relaxed);
        (due != NEVER).then(|| Duration::from_nanos(due))
    }

    /// Takes the first event that is due by `limit` and sets the time to when it is due, unless that has passed.
    pub(super) fn take(&self, limit: Duration) -> Option<Due> {
        let limit = nanoseconds(limit);
        self.change(|queue| {
            if queue.events.peek().is_none_or(|Reverse(entry)| entry.due > limit) {
                return None;
            }
            let Reverse(entry) = queue.events.pop()?;
            self.now.fetch_max(entry.due, Ordering::Relaxed);
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

    /// Sets the time to `to`, unless that has passed.
    pub(super) fn pass_until(&self, to: Duration) {
        self.now.fetch_max(nanoseconds(to), Ordering::Relaxed);
    }

    /// Changes the queue and keeps `next_due` true.
    fn change<R>(&self, work: impl FnOnce(&mut Queue) -> R) -> R {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut queue);
        let next = queue.events.peek().map_or(NEVER, |Reverse(entry)| entry.due);
        self.next_due.store(next, Ordering::Relaxed);
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
