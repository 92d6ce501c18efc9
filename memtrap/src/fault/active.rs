//! The faults that are injected into a bus, and what they do to an access.

use super::{Fault, FaultKind, Trigger};
use crate::{
    bus::Access,
    map::RegisterMap,
    trace::{Direction, Pattern, place},
};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A fault in a bus, in the hands of the test.
#[derive(Clone, Debug)]
pub struct Injected(Arc<Armed>);

impl Injected {
    /// How many accesses the fault has struck: a test that injects a fault checks that it did.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.0.struck.load(Ordering::Relaxed)
    }

    /// The first access that the fault has struck, as a phrase.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first.get().map(String::as_str)
    }
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// Accesses that matched so far.
    matched: AtomicU64,
    struck: AtomicU64,
    first: OnceLock<String>,
}

/// The faults of a bus.
#[derive(Debug, Default)]
pub(crate) struct Active {
    faults: Mutex<Vec<Arc<Armed>>>,
}

/// An access, as far as a fault is concerned.
#[derive(Clone, Copy)]
pub(crate) struct Struck<'a> {
    pub(crate) direction: Direction,
    pub(crate) region: &'a str,
    pub(crate) registers: Option<&'static RegisterMap>,
    pub(crate) access: &'a Access,
}

/// What is done to a read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OnRead {
    pub(crate) delay: Duration,
    /// Nothing answers.
    pub(crate) lost: bool,
    /// What the faults did, in words.
    pub(crate) remarks: Vec<String>,
}

/// What is done to a write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OnWrite {
    pub(crate) delay: Duration,
    /// The write is lost because nothing answers.
    pub(crate) refused: bool,
    /// How often the write arrives.
    pub(crate) times: usize,
    pub(crate) remarks: Vec<String>,
}

impl Active {
    // Cloned before use: a predicate may access devices.
    fn list(&self) -> MutexGuard<'_, Vec<Arc<Armed>>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn inject(&self, fault: Fault) -> Injected {
        let (matched, struck, first) = (AtomicU64::new(0), AtomicU64::new(0), OnceLock::new());
        let armed = Arc::new(Armed { fault, matched, struck, first });
        self.list().push(Arc::clone(&armed));
        Injected(armed)
    }

    pub(crate) fn clear(&self) {
        self.list().clear();
    }

    /// Whether a read of which no value is known yet is struck; faults that ask for its value are not asked.
    pub(crate) fn before_read(&self, on: Struck<'_>) -> OnRead {
        let mut result = OnRead::default();
        for armed in self.list().clone().iter().filter(|armed| !armed.fault.trigger.asks_for_value()) {
            match armed.fault.kind {
                FaultKind::BusError if armed.strike(on, 0) => result.lost = true,
                FaultKind::Delay(delay) if armed.strike(on, 0) => result.delay += delay,
                _ => continue,
            }
            result.remarks.push(armed.fault.kind.to_string());
        }
        result
    }

    /// What is done to a read that the device has answered with `value`, which becomes what the driver sees.
    pub(crate) fn after_read(&self, on: Struck<'_>, value: &mut u64) -> OnRead {
        let mut result = OnRead::default();
        let mask = on.access.width.mask();
        for armed in self.list().clone().iter() {
            let kind = armed.fault.kind;
            let early = matches!(kind, FaultKind::BusError | FaultKind::Delay(_));
            if early && !armed.fault.trigger.asks_for_value() || !armed.strike(on, *value) {
                continue;
            }
            match kind {
                FaultKind::BusError => result.lost = true,
                FaultKind::Delay(delay) => result.delay += delay,
                _ => {}
            }
            result.remarks.push(change(kind, value, mask));
        }
        result
    }

    /// What is done to a write of `value`, which becomes what the device sees.
    pub(crate) fn on_write(&self, on: Struck<'_>, value: &mut u64) -> OnWrite {
        let mut result = OnWrite { times: 1, ..OnWrite::default() };
        let mask = on.access.width.mask();
        for armed in self.list().clone().iter() {
            if !armed.strike(on, *value) {
                continue;
            }
            let kind = armed.fault.kind;
            match kind {
                FaultKind::BusError => (result.refused, result.times) = (true, 0),
                FaultKind::DropWrite => result.times = 0,
                FaultKind::DoubleWrite => result.times *= 2,
                FaultKind::Delay(delay) => result.delay += delay,
                FaultKind::StuckAt(_) | FaultKind::FlipBit(_) => {}
            }
            result.remarks.push(change(kind, value, mask));
        }
        result
    }
}

/// Changes a value as a fault does, and says so.
fn change(kind: FaultKind, value: &mut u64, mask: u64) -> String {
    let before = *value;
    match kind {
        FaultKind::StuckAt(stuck) => *value = stuck & mask,
        FaultKind::FlipBit(bit) => *value ^= 1 << bit & mask,
        _ => return kind.to_string(),
    }
    format!("{kind}: {before:#x} -> {value:#x}")
}

impl Trigger {
    /// Whether it cannot be decided without the value of the access.
    fn asks_for_value(&self) -> bool {
        self.predicate.is_some() || self.pattern.asks_for_value()
    }

    fn matches(&self, on: Struck<'_>, value: u64) -> bool {
        let Self { pattern, predicate, .. } = self;
        Pattern::matches_place(pattern, on.direction, on.region, on.registers, on.access.offset)
            && pattern.matches_value(value, on.registers, on.access.offset)
            && predicate.as_ref().is_none_or(|predicate| predicate(on.access, value))
    }
}

impl Armed {
    /// Whether the fault strikes this access; counts it.
    fn strike(&self, on: Struck<'_>, value: u64) -> bool {
        let Fault { trigger, kind } = &self.fault;
        if !trigger.matches(on, value) {
            return false;
        }
        let number = 1 + self.matched.fetch_add(1, Ordering::Relaxed);
        let is_wanted = usize::try_from(number).is_ok_and(|number| trigger.numbers.contains(number));
        let strikes = is_wanted && kind.strikes(on.direction);
        if strikes {
            self.struck.fetch_add(1, Ordering::Relaxed);
            let Struck { direction, region, registers, access } = on;
            self.first.get_or_init(|| format!("{direction} of {}", place(region, registers, access.offset)));
        }
        strikes
    }
}
