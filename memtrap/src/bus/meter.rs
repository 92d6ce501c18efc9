//! What every access of a bus changes or asks for, in one cache line: one counter, and values that are read.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering, fence},
    },
    time::Duration,
};

/// How long an access takes, unless the test says otherwise: a bus of 10 MHz. Nanoseconds.
const ACCESS_TIME: u64 = 100;

/// Equal reads in a row that nobody looks at: until then virtual time does not jump.
const PATIENCE: u32 = super::poll::SKIP as u32;

/// No event is due, ever.
pub(super) const NEVER: u64 = u64::MAX;

/// Something that accesses rarely have to care for; see [`Meter::flags`].
pub(super) mod flag {
    /// Faults are injected.
    pub(in super::super) const FAULTS: u32 = 1;
    /// A script watches.
    pub(in super::super) const SCRIPTS: u32 = 1 << 1;
    /// A report waits for a point where it can be raised.
    pub(in super::super) const REPORT: u32 = 1 << 2;
    /// A sweep waits for an access.
    pub(in super::super) const POINT: u32 = 1 << 3;
    /// Nothing is recorded.
    pub(in super::super) const QUIET: u32 = 1 << 4;
}

/// The counters of a bus.
///
/// Time is not counted but computed: each access takes the same time, so it is where the clock was set plus the number of
/// accesses, times what each of them takes. That leaves one atomic read-modify-write an access.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Meter {
    /// Accesses that have begun.
    begun: AtomicU64,
    /// Odd while `origin` and `step` are being changed.
    version: AtomicU64,
    /// What the time would have been before the first access. It wraps around.
    origin: AtomicU64,
    /// How long an access takes.
    step: AtomicU64,
    /// When the first event is due.
    next_due: AtomicU64,
    flags: AtomicU32,
    /// Equal reads in a row from which on somebody must look at them.
    patience: AtomicU32,
    /// Twice the number of the access before which a model last said that the driver does not wait in vain; minus one.
    progress: AtomicU64,
    /// Held while the clock is set.
    setting: Mutex<()>,
}

/// An access that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tick {
    /// Its number, counted from 1.
    pub(super) sequence: u64,
    /// The time, in nanoseconds.
    pub(super) now: u64,
    /// An event is due.
    pub(super) due: bool,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            begun: AtomicU64::new(0),
            version: AtomicU64::new(0),
            origin: AtomicU64::new(0),
            step: AtomicU64::new(ACCESS_TIME),
            next_due: AtomicU64::new(NEVER),
            flags: AtomicU32::new(0),
            patience: AtomicU32::new(PATIENCE),
            progress: AtomicU64::new(0),
            setting: Mutex::new(()),
        }
    }
}

impl Meter {
    /// Counts an access and lets its time pass.
    #[inline(always)]
    pub(super) fn tick(&self) -> Tick {
        let sequence = 1 + self.begun.fetch_add(1, Ordering::Relaxed);
        let now = self.time_of(sequence);
        Tick { sequence, now, due: now >= self.next_due.load(Ordering::Relaxed) }
    }

    /// Accesses that have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// The time, in nanoseconds.
    pub(super) fn now(&self) -> u64 {
        self.time_of(self.begun())
    }

    #[inline(always)]
    fn time_of(&self, sequence: u64) -> u64 {
        loop {
            let version = self.version.load(Ordering::Acquire);
            let origin = self.origin.load(Ordering::Relaxed);
            let step = self.step.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            if version & 1 == 0 && version == self.version.load(Ordering::Relaxed) {
                return origin.wrapping_add(sequence.wrapping_mul(step));
            }
            std::hint::spin_loop();
        }
    }

    /// Sets the time to `to`, unless that has passed.
    pub(super) fn pass_until(&self, to: u64) {
        self.set(|now, step| (now.max(to), step));
    }

    /// Sets how long an access takes.
    pub(super) fn set_access_time(&self, time: Duration) {
        self.set(|now, _| (now, nanoseconds(time)));
    }

    /// Changes the time and what an access takes.
    fn set(&self, change: impl FnOnce(u64, u64) -> (u64, u64)) {
        let _one_at_a_time = self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, step) = (self.begun(), self.step.load(Ordering::Relaxed));
        let now = self.origin.load(Ordering::Relaxed).wrapping_add(begun.wrapping_mul(step));
        let (now, step) = change(now, step);
        self.version.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.origin.store(now.wrapping_sub(begun.wrapping_mul(step)), Ordering::Relaxed);
        self.step.store(step, Ordering::Relaxed);
        self.version.fetch_add(1, Ordering::Release);
    }

    pub(super) fn next_due(&self) -> u64 {
        self.next_due.load(Ordering::Relaxed)
    }

    pub(super) fn set_next_due(&self, due: u64) {
        self.next_due.store(due, Ordering::Relaxed);
    }

    /// The [`flag`]s that are set.
    #[inline(always)]
    pub(super) fn flags(&self) -> u32 {
        self.flags.load(Ordering::Acquire)
    }

    #[inline(always)]
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags() & flag != 0
    }

    /// Sets or clears a flag; whether it was set.
    pub(super) fn set_flag(&self, flag: u32, on: bool) -> bool {
        let before = if on {
            self.flags.fetch_or(flag, Ordering::AcqRel)
        } else {
            self.flags.fetch_and(!flag, Ordering::AcqRel)
        };
        before & flag != 0
    }

    #[inline(always)]
    pub(super) fn patience(&self) -> u64 {
        self.patience.load(Ordering::Relaxed).into()
    }

    pub(super) fn set_patience(&self, reads: u32) {
        self.patience.store(reads, Ordering::Relaxed);
    }

    /// Says that the driver does not wait in vain: since before the answer to access `sequence`, or now if that is `None`.
    pub(super) fn progress(&self, sequence: Option<u64>) {
        let mark = sequence.map_or_else(|| 2 * self.begun() + 1, |sequence| 2 * sequence - 1);
        self.progress.fetch_max(mark, Ordering::Relaxed);
    }

    /// Whether [`progress`](Self::progress) was said after access `sequence` was answered.
    #[inline(always)]
    pub(super) fn has_progressed_since(&self, sequence: u64) -> bool {
        self.progress.load(Ordering::Relaxed) > 2 * sequence
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_takes_its_time_and_the_clock_can_be_set_ahead() {
        let meter = Meter::default();
        assert_eq!((meter.tick().now, meter.tick().now), (100, 200));
        meter.set_access_time(Duration::from_nanos(7));
        assert_eq!((meter.now(), meter.tick().now), (200, 207));
        meter.pass_until(5);
        assert_eq!(meter.now(), 207, "time does not go back");
        meter.pass_until(1_000);
        assert_eq!((meter.now(), meter.tick().now), (1_000, 1_007));
    }

    #[test]
    fn time_does_not_go_back_for_another_thread() {
        let meter = Meter::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..2_000 {
                    meter.set_access_time(Duration::from_nanos(1 + round % 1_000));
                    meter.pass_until(meter.now() + 3);
                }
            });
            let mut last = 0;
            for _ in 0..20_000 {
                let now = meter.now();
                assert!(now >= last && now < 1 << 40, "{last} {now}");
                last = now;
            }
        });
    }

    #[test]
    fn an_event_is_due_when_its_time_has_come() {
        let meter = Meter::default();
        meter.set_next_due(200);
        assert!(!meter.tick().due);
        assert!(meter.tick().due);
    }

    #[test]
    fn progress_lies_between_two_answers() {
        let meter = Meter::default();
        meter.tick();
        meter.progress(Some(1));
        assert!(!meter.has_progressed_since(1));
        meter.progress(None);
        assert!(meter.has_progressed_since(1));
        assert!(!meter.has_progressed_since(2));
    }
}
