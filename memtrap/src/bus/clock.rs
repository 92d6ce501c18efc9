//! The virtual clock, in the hands of drivers and tests.

use super::{core::Core, held};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Wake, Waker},
    time::Duration,
};

/// The virtual clock of a [`Bus`](super::Bus): what a driver's delay functions are made of in a test.
///
/// Nothing in memtrap looks at the wall clock. Time passes with each access, and when somebody sleeps.
#[derive(Clone, Debug)]
pub struct Clock {
    core: Arc<Core>,
}

impl Clock {
    pub(super) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    /// The virtual time since the bus was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.core.schedule.now()
    }

    /// Lets `duration` pass at once. Events that become due on the way reach their models, each at its time, and
    /// interrupt handlers run.
    ///
    /// # Panics
    ///
    /// With a report, if a model fails the test on the way; if a model or a handler panics; or if this thread holds a
    /// device.
    #[track_caller]
    pub fn sleep(&self, duration: Duration) {
        assert_no_device_is_held();
        let to = self.now().saturating_add(duration);
        self.core.pass_until(to).unwrap_or_else(|report| panic!("{report}"));
    }

    /// Lets time pass until an interrupt line is pending that is enabled: what a driver's `wfi` is in a test.
    ///
    /// # Panics
    ///
    /// If no line is pending and no event is scheduled that could raise one; or as [`sleep`](Self::sleep).
    #[track_caller]
    pub fn wait_for_interrupt(&self) {
        assert_no_device_is_held();
        let before = self.core.interrupts.signals();
        while self.core.interrupts.signals() == before && !self.core.interrupts.any_pending() {
            let Some(next) = self.core.schedule.next() else {
                panic!(
                    "memtrap: the driver waits for an interrupt, but no line is raised and no event is scheduled that \
                     could raise one"
                );
            };
            self.core.pass_until(next).unwrap_or_else(|report| panic!("{report}"));
        }
    }

    /// Has a task woken at a point of the bus's time: what asynchronous timers are made of.
    pub fn wake_at(&self, at: Duration, task: &Waker) {
        self.core.schedule.wake(at, task);
    }

    /// Runs an asynchronous driver to its end. Whenever it waits, time jumps from event to event until one of them, or the
    /// handler of an interrupt, wakes it.
    ///
    /// # Panics
    ///
    /// If the driver waits and no event is scheduled that could wake it; or as [`sleep`](Self::sleep).
    #[track_caller]
    pub fn block_on<F: Future>(&self, driver: F) -> F::Output {
        assert_no_device_is_held();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut driver = pin!(driver);
        loop {
            if let Poll::Ready(output) = driver.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
                return output;
            }
            while !woken.0.swap(false, Ordering::Relaxed) {
                let Some(next) = self.core.schedule.next() else {
                    panic!("memtrap: the driver waits, but no event is scheduled that could wake it");
                };
                self.core.pass_until(next).unwrap_or_else(|report| panic!("{report}"));
            }
        }
    }
}

/// Notes that a task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Core {
    /// The clock of the bus.
    pub(crate) fn clock(self: &Arc<Self>) -> Clock {
        Clock::new(self)
    }
}

#[track_caller]
fn assert_no_device_is_held() {
    assert!(
        held::count() == 0,
        "memtrap: time cannot pass while this thread holds a device: drop the guards of `model()`, `state()` and \
         `device()` first; a model schedules an event instead of sleeping"
    );
}

#[cfg(feature = "embedded-hal")]
impl embedded_hal::delay::DelayNs for Clock {
    /// Lets `ns` nanoseconds of virtual time pass.
    fn delay_ns(&mut self, ns: u32) {
        self.sleep(Duration::from_nanos(u64::from(ns)));
    }
}
