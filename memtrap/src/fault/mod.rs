//! Fault injection: what goes wrong between a driver and its device.
//!
//! A [`Fault`] says which accesses it strikes and what happens to them. It is given to
//! [`Bus::inject`](crate::Bus::inject). [`sweep_faults`] runs a test once for every access it makes, with one fault each time;
//! [`random_faults`] runs it with several at a time, drawn from a seed. Accesses of either door are struck, and the trace shows
//! what was done to them.
#![forbid(unsafe_code)]

mod active;
mod plan;
mod random;
#[cfg(feature = "proptest")]
pub mod strategy;
mod sweep;

pub use active::Injected;
pub(crate) use active::{Active, Struck};
pub use plan::Plan;
pub use random::random_faults;
pub use sweep::sweep_faults;

use crate::{
    bus::Access,
    trace::{Direction, Pattern, Times},
};
use std::{fmt, sync::Arc, time::Duration};

/// What happens to an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// Nothing answers: a read returns all bits set and a write is lost, as on a PCI bus whose device has gone. The device
    /// does not see the access, and the driver's test goes on.
    BusError,
    /// A read returns this value, and a write writes it.
    StuckAt(u64),
    /// The bit with this number arrives inverted.
    FlipBit(u32),
    /// A write is lost. Does not strike reads.
    DropWrite,
    /// A write arrives twice. Does not strike reads.
    DoubleWrite,
    /// The access takes this much longer, in virtual time.
    Delay(Duration),
}

impl FaultKind {
    /// Whether it can happen to an access of this direction.
    #[must_use]
    pub fn strikes(self, direction: Direction) -> bool {
        direction == Direction::Write || !matches!(self, Self::DropWrite | Self::DoubleWrite)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BusError => f.write_str("bus error"),
            Self::StuckAt(value) => write!(f, "stuck at {value:#x}"),
            Self::FlipBit(bit) => write!(f, "bit {bit} flipped"),
            Self::DropWrite => f.write_str("write dropped"),
            Self::DoubleWrite => f.write_str("write doubled"),
            Self::Delay(delay) => write!(f, "delayed by {delay:?}"),
        }
    }
}

/// Which accesses a fault strikes.
#[derive(Clone)]
#[must_use = "say what happens to the accesses, and give the fault to `Bus::inject`"]
pub struct Trigger {
    pattern: Pattern,
    /// Which of the accesses that match, counted from 1.
    numbers: Times,
    predicate: Option<Predicate>,
}

type Predicate = Arc<dyn Fn(&Access, u64) -> bool + Send + Sync>;

/// Strikes every access that matches, unless said otherwise.
pub fn on(pattern: Pattern) -> Trigger {
    Trigger { pattern, numbers: (1..).into(), predicate: None }
}

impl Trigger {
    /// Strikes only the access with this number among those that match, or those with the numbers of a range. Counted from
    /// 1, from when the fault is injected.
    pub fn nth(self, numbers: impl Into<Times>) -> Self {
        Self { numbers: numbers.into(), ..self }
    }

    /// Strikes only accesses for which `predicate`, given the access and its value, is true.
    pub fn when(self, predicate: impl Fn(&Access, u64) -> bool + Send + Sync + 'static) -> Self {
        Self { predicate: Some(Arc::new(predicate)), ..self }
    }

    /// [`FaultKind::BusError`]. If the pattern or the predicate asks for the value of a read, the device sees the read
    /// first.
    pub fn bus_error(self) -> Fault {
        self.fault(FaultKind::BusError)
    }

    /// [`FaultKind::StuckAt`].
    pub fn stuck_at(self, value: u64) -> Fault {
        self.fault(FaultKind::StuckAt(value))
    }

    /// [`FaultKind::FlipBit`].
    ///
    /// # Panics
    ///
    /// If `bit` is not below 64.
    #[track_caller]
    pub fn flip_bit(self, bit: u32) -> Fault {
        assert!(bit < 64, "memtrap: no register has a bit {bit}");
        self.fault(FaultKind::FlipBit(bit))
    }

    /// [`FaultKind::DropWrite`].
    pub fn drop_write(self) -> Fault {
        self.fault(FaultKind::DropWrite)
    }

    /// [`FaultKind::DoubleWrite`].
    pub fn double_write(self) -> Fault {
        self.fault(FaultKind::DoubleWrite)
    }

    /// [`FaultKind::Delay`].
    pub fn delay(self, time: Duration) -> Fault {
        self.fault(FaultKind::Delay(time))
    }

    /// The fault of this kind.
    pub fn fault(self, kind: FaultKind) -> Fault {
        Fault { trigger: self, kind }
    }
}

/// A fault: which accesses it strikes, and what happens to them. Its `Display` form is the plan as a phrase.
#[derive(Clone, Debug)]
#[must_use = "a fault strikes nothing until `Bus::inject` is given it"]
pub struct Fault {
    trigger: Trigger,
    kind: FaultKind,
}

impl Fault {
    pub(crate) fn pattern(&self) -> &Pattern {
        &self.trigger.pattern
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trigger { pattern, numbers, predicate } = &self.trigger;
        write!(f, "{pattern}")?;
        match (numbers.least, numbers.most) {
            (..=1, usize::MAX) => {}
            (least, usize::MAX) => write!(f, " from number {least}")?,
            (least, most) if least == most => write!(f, " number {least}")?,
            (least, most) => write!(f, " number {least} to {most}")?,
        }
        if predicate.is_some() {
            f.write_str(" under a condition")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger")
            .field("pattern", &self.pattern)
            .field("numbers", &self.numbers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
