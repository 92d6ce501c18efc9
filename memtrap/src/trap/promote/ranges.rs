//! The address ranges that pads take for devices'.
//!
//! A pad compares its operand with a few ranges that together cover all reserved addresses, and more. Too wide a range
//! costs time only: the engine sends an access to memory on to the instruction's copy. So does one too narrow: the copy
//! faults, and the access is a trap.

use std::ops::Range;

/// How many ranges a pad compares.
pub(super) const COUNT: usize = 3;

/// What each of them is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Peripherals of 32-bit systems-on-chip, at their own addresses.
    Low,
    /// Other fixed addresses.
    High,
    /// Where the operating system puts mappings: the reservations for regions at any address.
    Anywhere,
}

/// The least ranges that cover what is reserved.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(pub(super) [Range<usize>; COUNT]);

impl Ranges {
    pub(super) const fn new() -> Self {
        Self([0..0, 0..0, 0..0])
    }

    /// Covers `reserved` as well; whether that changes anything.
    pub(super) fn cover(&mut self, reserved: &Range<usize>) -> bool {
        let range = &mut self.0[kind(reserved) as usize];
        let wider = if range.start == range.end {
            reserved.clone()
        } else {
            range.start.min(reserved.start)..range.end.max(reserved.end)
        };
        let changed = wider != *range;
        *range = wider;
        changed
    }
}

fn kind(reserved: &Range<usize>) -> Kind {
    const FOUR_GIB: usize = 1 << 32;
    const MAPPINGS: usize = 0x7000_0000_0000;
    match reserved.start {
        ..FOUR_GIB => Kind::Low,
        FOUR_GIB..MAPPINGS => Kind::High,
        _ => Kind::Anywhere,
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn peripherals_do_not_stretch_the_range_of_the_rest() {
        let mut ranges = Ranges::new();
        assert!(ranges.cover(&(0x4000_0000..0x4000_1000)));
        assert!(ranges.cover(&(0x7f00_0000_0000..0x7f00_0000_1000)));
        assert!(ranges.cover(&(0x5000_0000..0x5000_1000)));
        assert!(!ranges.cover(&(0x4800_0000..0x4800_1000)), "covered already");
        assert_eq!(ranges.0, [0x4000_0000..0x5000_1000, 0..0, 0x7f00_0000_0000..0x7f00_0000_1000]);
    }
}
