//! Several faults at single accesses of a test.

use super::{Fault, FaultKind, Injected, on};
use crate::{bus::Bus, trace::any_access};
use std::fmt;

/// Faults at single accesses of a test: each at the access with its number, counted from 1 over all regions of the bus.
///
/// A plan is a plain value. [`random_faults`](super::random_faults) draws plans from a seed and prints the one that fails; with
/// the feature `proptest`, `fault::strategy` makes them for property tests. Its `Display` form is a line for each fault.
///
/// ```
/// use memtrap::{Bus, fault::{FaultKind, Plan}};
///
/// let bus = Bus::new();
/// // What the test's third access writes is lost, and the fifth takes a bit away.
/// let plan = Plan::new([(3, FaultKind::DropWrite), (5, FaultKind::FlipBit(0))]);
/// let injected = plan.inject(&bus);
/// // … the driver …
/// assert_eq!(injected[0].struck(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plan(Vec<(usize, FaultKind)>);

impl Plan {
    /// A plan of these faults: the number of the access, and what happens to it.
    ///
    /// # Panics
    ///
    /// If a number is 0.
    #[track_caller]
    pub fn new(faults: impl IntoIterator<Item = (usize, FaultKind)>) -> Self {
        let mut faults: Vec<_> = faults.into_iter().collect();
        assert!(faults.iter().all(|(number, _)| *number > 0), "memtrap: accesses are counted from 1");
        // Of faults at one access the order counts.
        faults.sort_by_key(|(number, _)| *number);
        Self(faults)
    }

    /// The faults, in the order of their accesses.
    #[must_use]
    pub fn faults(&self) -> &[(usize, FaultKind)] {
        &self.0
    }

    /// Injects the faults into a bus, whose accesses are counted from now on; they are told apart in the order of
    /// [`faults`](Self::faults).
    pub fn inject(&self, bus: &Bus) -> Vec<Injected> {
        let fault = |&(number, kind): &(usize, FaultKind)| -> Fault { on(any_access()).nth(number).fault(kind) };
        self.0.iter().map(|planned| bus.inject(fault(planned))).collect()
    }

    /// The same without the fault at `index`.
    pub(super) fn without(&self, index: usize) -> Self {
        let mut fewer = self.clone();
        fewer.0.remove(index);
        fewer
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (number, kind)) in self.0.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}#{number} {kind}")?;
        }
        Ok(())
    }
}
