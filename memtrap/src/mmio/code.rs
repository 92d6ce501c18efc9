//! A place in the driver's code as one word that several threads may read and write.

use crate::bus::CodeLocation;
use std::{
    panic::Location,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A [`CodeLocation`] in one word: the address of a `Location`, which is even, or that of an instruction, shifted to be odd.
///
/// INVARIANT: an even word is the address of a `Location<'static>`.
#[derive(Debug)]
pub(crate) struct CodeWord(AtomicPtr<Location<'static>>);

impl Default for CodeWord {
    /// The instruction at address 0.
    fn default() -> Self {
        Self(AtomicPtr::new(ptr::without_provenance_mut(1)))
    }
}

impl CodeWord {
    /// Replaces what the word holds.
    #[inline(always)]
    pub(crate) fn set(&self, location: CodeLocation) {
        const { assert!(align_of::<Location<'static>>().is_multiple_of(2)) };
        let word = match location {
            CodeLocation::Source(location) => ptr::from_ref(location).cast_mut(),
            CodeLocation::Instruction(address) => ptr::without_provenance_mut(address << 1 | 1),
        };
        self.0.store(word, Ordering::Relaxed);
    }

    /// What the word holds.
    pub(crate) fn get(&self) -> CodeLocation {
        let word = self.0.load(Ordering::Relaxed);
        if word.addr() & 1 == 1 {
            // The highest bit of an address is a copy of the one below it.
            return CodeLocation::Instruction((word.addr().cast_signed() >> 1).cast_unsigned());
        }
        // SAFETY: By the invariant an even word is the address of a `Location`, which is never written and lives for ever.
        CodeLocation::Source(unsafe { &*word })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_either_kind_of_location() {
        let word = CodeWord::default();
        assert_eq!(word.get(), CodeLocation::Instruction(0));
        for address in [1, 0x7fff_ffff_ffff, 0xffff_ffff_ff60_0000] {
            word.set(CodeLocation::Instruction(address));
            assert_eq!(word.get(), CodeLocation::Instruction(address));
        }
        let here = CodeLocation::Source(Location::caller());
        word.set(here);
        assert_eq!(word.get(), here);
    }
}
