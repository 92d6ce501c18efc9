//! Accesses that a device's declaration does not permit, and what comes of them.

use crate::error::BusError;
use std::{
    fmt,
    sync::atomic::{AtomicU8, Ordering},
};

/// A way in which an access breaks the rules of the register it is made to.
///
/// What comes of it is up to the [`ViolationPolicy`], which a test sets for [a bus](super::Bus::set_violation_policy), for
/// [a region](super::Region::set_violation_policy) or for [a simulation](crate::Simulation::set_violation_policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// No register is at the offset. If permitted, a read returns zeros and a write does nothing.
    Unmapped,
    /// The register is read-only. If permitted, the write does nothing.
    WriteToReadOnly,
    /// The register is write-only. If permitted, the read returns zeros.
    ReadOfWriteOnly,
    /// The access is narrower or wider than the register, or does not start where it does.
    ///
    /// If permitted, it acts on the registers whose bytes it covers, in ascending order. A write acts on the bytes that it
    /// carries, as the strobes of a bus have it (`PSTRB` of AMBA APB, Arm IHI 0024); the other bits are left alone. A read
    /// reads the register as a whole, with its side effects, and returns the bytes that it covers: a bus has no strobes for
    /// reads. Bytes that belong to no register read as zero.
    Width,
    /// A modification in one operation of a register in which a bit that is written back as it was read changes: one that is
    /// cleared by writing one, for example. The modification of one bit then clears all that are set.
    ///
    /// If permitted, the write is carried out. See the book's chapter on guarantees for what counts as one operation.
    ReadModifyWrite,
    /// Bits that belong to no field are written as one although they must be zero, or the other way round.
    ///
    /// What they must be is declared with `reserved = zero` or `reserved = one` for the [`register`](macro@crate::register).
    /// If permitted, the write is carried out.
    ReservedBits,
}

impl Violation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unmapped,
        Self::WriteToReadOnly,
        Self::ReadOfWriteOnly,
        Self::Width,
        Self::ReadModifyWrite,
        Self::ReservedBits,
    ];

    /// The violation for which a device refuses an access with `error`; `None` if that has another reason.
    #[must_use]
    pub const fn of(error: &BusError) -> Option<Self> {
        match error {
            BusError::Unmapped => Some(Self::Unmapped),
            BusError::ReadOnly => Some(Self::WriteToReadOnly),
            BusError::WriteOnly => Some(Self::ReadOfWriteOnly),
            BusError::Width { .. } => Some(Self::Width),
            BusError::ReadModifyWrite => Some(Self::ReadModifyWrite),
            BusError::ReservedBits { .. } => Some(Self::ReservedBits),
            BusError::Reentered | BusError::Dma(_) | BusError::Injected | BusError::Refused(_) => None,
        }
    }
}

/// What comes of a [`Violation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ViolationPolicy {
    /// The device refuses the access, and the test fails with a report.
    #[default]
    Error,
    /// The access is carried out as far as the device can, and the trace has a remark.
    Log,
    /// The access is carried out as far as the device can.
    Allow,
}

/// The policies that were set, one for each kind of violation.
#[derive(Default)]
pub(crate) struct Policies([AtomicU8; Violation::ALL.len()]);

/// What stands for a policy that was not set.
const UNSET: u8 = 0;

impl Policies {
    pub(super) fn set(&self, violation: Violation, policy: ViolationPolicy) {
        let code = match policy {
            ViolationPolicy::Error => 1,
            ViolationPolicy::Log => 2,
            ViolationPolicy::Allow => 3,
        };
        self.0[violation as usize].store(code, Ordering::Relaxed);
    }

    pub(super) fn get(&self, violation: Violation) -> Option<ViolationPolicy> {
        match self.0[violation as usize].load(Ordering::Relaxed) {
            UNSET => None,
            1 => Some(ViolationPolicy::Error),
            2 => Some(ViolationPolicy::Log),
            _ => Some(ViolationPolicy::Allow),
        }
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Violation::ALL.iter().filter_map(|violation| Some((violation, self.get(*violation)?)));
        f.debug_map().entries(set).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_set_is_up_to_others() {
        let policies = Policies::default();
        assert!(Violation::ALL.iter().all(|violation| policies.get(*violation).is_none()));
        for policy in [ViolationPolicy::Log, ViolationPolicy::Allow, ViolationPolicy::Error] {
            policies.set(Violation::Width, policy);
            assert_eq!(policies.get(Violation::Width), Some(policy));
        }
        assert_eq!(format!("{policies:?}"), "{Width: Error}");
    }

    #[test]
    fn every_violation_has_its_own_place() {
        for (index, violation) in Violation::ALL.into_iter().enumerate() {
            assert_eq!(violation as usize, index);
        }
    }
}
