//! Bits that belong to no field, and what they must be written as.

use super::AliasOperation;

/// The bits of a register that must be written as zero, and those that must be written as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reserved {
    /// The bits that must be written as zero.
    pub zero: u64,
    /// The bits that must be written as one.
    pub one: u64,
}

impl Reserved {
    /// The reserved bits that a write of `value` changes to what they must not be: to one, and to zero. `window` is the one
    /// that the write goes through, `carried` the bits that the access carries.
    #[must_use]
    pub const fn broken_by(self, value: u64, window: Option<AliasOperation>, carried: u64) -> Self {
        let (ones, zeros) = match window {
            None => (value, !value),
            Some(AliasOperation::Set) => (value, 0),
            Some(AliasOperation::Clear) => (0, value),
            // What they must be they should be before.
            Some(AliasOperation::Toggle) => (value, value),
        };
        Self { zero: self.zero & ones & carried, one: self.one & zeros & carried }
    }

    /// Whether there are none.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.zero | self.one == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{AliasOperation::*, *};

    #[test]
    fn a_window_breaks_what_it_changes() {
        let reserved = Reserved { zero: 0xf0, one: 0x0f00 };
        let broken = |value, window| {
            let Reserved { zero, one } = reserved.broken_by(value, window, u64::MAX);
            (zero, one)
        };
        assert_eq!(broken(0x0f00, None), (0, 0));
        assert_eq!(broken(0x0e1f, None), (0x10, 0x100));
        assert_eq!(broken(0x111, Some(Set)), (0x10, 0));
        assert_eq!(broken(0x111, Some(Clear)), (0, 0x100));
        assert_eq!(broken(0x111, Some(Toggle)), (0x10, 0x100));
        assert_eq!(broken(0, Some(Set)), (0, 0));
    }

    #[test]
    fn bits_that_an_access_does_not_carry_are_not_broken() {
        let reserved = Reserved { zero: 0xff00, one: 0xff };
        assert!(reserved.broken_by(0xff, None, 0xff).is_empty());
        assert_eq!(reserved.broken_by(0x1200, None, 0xff00), Reserved { zero: 0x1200, one: 0 });
    }
}
