//! A place in the driver's code as one word.

use crate::bus::CodeLocation;
use std::{
    panic::Location,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A [`CodeLocation`] in one word: the address of a `Location`, which is even, or that of an instruction, shifted to be odd.
///
/// INVARIANT: an even word is the address of a `Location<'static>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedLocation(*mut Location<'static>);

impl From<CodeLocation> for PackedLocation {
    #[inline(always)]
    fn from(location: CodeLocation) -> Self {
        const { assert!(align_of::<Location<'static>>().is_multiple_of(2)) };
        Self(match location {
            CodeLocation::Source(location) => ptr::from_ref(location).cast_mut(),
            CodeLocation::Instruction(address) => ptr::without_provenance_mut(address << 1 | 1),
        })
    }
}

impl PackedLocation {
    /// What the word holds.
    #[inline(always)]
    pub(crate) fn unpack(self) -> CodeLocation {
        let Self(word) = self;
        if word.addr() & 1 == 1 {
            // The highest bit of an address is a copy of the one below it.
            return CodeLocation::Instruction((word.addr().cast_signed() >> 1).cast_unsigned());
        }
        // SAFETY: By the invariant an even word is the address of a `Location`, which is never written and lives for ever.
        CodeLocation::Source(unsafe { &*word })
    }

    /// A number that differs between any two places in the code.
    #[inline(always)]
    pub(crate) fn number(self) -> usize {
        self.0.addr()
    }
}

/// A [`PackedLocation`] that several threads may read and write.
#[derive(Debug)]
pub(crate) struct AtomicLocation(AtomicPtr<Location<'static>>);

impl Default for AtomicLocation {
    /// The instruction at address 0.
    fn default() -> Self {
        Self(AtomicPtr::new(PackedLocation::from(CodeLocation::Instruction(0)).0))
    }
}

impl AtomicLocation {
    /// Replaces the location.
    #[inline(always)]
    pub(crate) fn set(&self, location: PackedLocation) {
        self.0.store(location.0, Ordering::Relaxed);
    }

    /// The location.
    #[inline(always)]
    pub(crate) fn get(&self) -> PackedLocation {
        PackedLocation(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_either_kind_of_location() {
        let word = AtomicLocation::default();
        assert_eq!(word.get().unpack(), CodeLocation::Instruction(0));
        let here = CodeLocation::Source(Location::caller());
        let instructions = [1, 0x7fff_ffff_ffff, 0xffff_ffff_ff60_0000].map(CodeLocation::Instruction);
        for location in instructions.into_iter().chain([here]) {
            word.set(location.into());
            assert_eq!(word.get().unpack(), location);
        }
    }
}
