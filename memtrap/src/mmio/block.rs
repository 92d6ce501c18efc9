//! The pointer inside every handle.

use super::{Reg, RegArray, RegisterValue};
use crate::map::RegisterMap;
use core::{fmt, marker::PhantomData, ptr::NonNull};

/// A register block: what `#[simulated]` makes of a struct.
///
/// Implemented by the attribute only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a register block",
    label = "not declared with `#[simulated]`",
    note = "put `#[memtrap::simulated]` on the struct that describes its registers"
)]
pub trait Block: Sized {
    /// Names, offsets, widths, access kinds and reset values of the block's registers.
    const MAP: &'static RegisterMap;

    /// The handle over `pointer`, which carries the right to access the block.
    #[doc(hidden)]
    fn from_block_ptr(pointer: BlockPtr<Self>) -> Self;
}

/// The base address of a block `B`, with the right to access it.
///
/// INVARIANT: the address is not null, is aligned to 8 bytes or to the widest register of the block, and every
/// naturally aligned location of 1, 2, 4 or 8 bytes within `B::MAP.size` bytes of it may be accessed with volatile
/// loads and stores for as long as the process lives, without an effect on memory that Rust manages. Only the
/// `unsafe` constructors can break it.
#[doc(hidden)]
#[repr(transparent)]
pub struct BlockPtr<B> {
    base: NonNull<u8>,
    block: PhantomData<fn() -> B>,
}

// SAFETY: The pointer is used for volatile accesses only, and by its invariant those may be made from any thread.
// Which of them need exclusive access to the handle is decided by the receivers of the accessors.
unsafe impl<B> Send for BlockPtr<B> {}

// SAFETY: As for `Send`: through a shared handle only reads without side effects can be made, which a device answers
// from several threads at once.
unsafe impl<B> Sync for BlockPtr<B> {}

impl<B> fmt::Debug for BlockPtr<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.base, f)
    }
}

impl<B> BlockPtr<B> {
    /// A block at `base`.
    ///
    /// # Safety
    ///
    /// `base` is not null, is aligned to the widest register of the block, and the bytes behind it, as many as the
    /// block is declared to have, are a device's registers (real or simulated) until the process ends: volatile
    /// accesses to them are permitted from any thread and have no effect on memory that Rust manages.
    #[inline(always)]
    pub const unsafe fn new(base: *mut u8) -> Self {
        // SAFETY: The caller guarantees that `base` is not null.
        let base = unsafe { NonNull::new_unchecked(base) };
        Self { base, block: PhantomData }
    }

    /// A block at `address`, as given in a data sheet or a device tree.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new), for a pointer with this address.
    #[inline(always)]
    pub const unsafe fn at(address: usize) -> Self {
        // SAFETY: The caller gives the guarantees of `new` for this address.
        unsafe { Self::new(address as *mut u8) }
    }

    /// The base address.
    #[inline(always)]
    pub const fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }
}

impl<B: Block> BlockPtr<B> {
    /// A block at the base of a simulated region.
    ///
    /// Sound without `unsafe`: a region's addresses stay reserved until the process ends, also after the region is
    /// retired, and an access to them never reaches memory. The caller passes the base of a region of `B::MAP.size`
    /// bytes.
    #[cfg(simulation)]
    pub(crate) fn simulated(base: NonNull<u8>) -> Self {
        Self { base, block: PhantomData }
    }

    /// The register at `OFFSET` bytes from the base, with the value `reset` after reset.
    #[inline(always)]
    pub const fn register<T: RegisterValue, A, const OFFSET: usize>(&self, reset: T::Bits) -> Reg<'_, T, A> {
        const {
            assert!(OFFSET + size_of::<T::Bits>() <= B::MAP.size, "the register lies outside its block");
            assert!(OFFSET.is_multiple_of(size_of::<T::Bits>()), "the register is not aligned to its width");
        }
        // SAFETY: By the invariant of `Self` the aligned location at `OFFSET`, which the assertions above place inside
        // the block, may be accessed for as long as the process lives.
        unsafe { Reg::new(self.base.as_ptr().wrapping_add(OFFSET).cast(), reset) }
    }

    /// The array of `COUNT` registers, `STRIDE` bytes apart, the first of which is `OFFSET` bytes from the base.
    #[inline(always)]
    pub const fn array<T: RegisterValue, A, const OFFSET: usize, const COUNT: usize, const STRIDE: usize>(
        &self,
        reset: T::Bits,
    ) -> RegArray<'_, T, A, COUNT, STRIDE> {
        const {
            let size = size_of::<T::Bits>();
            assert!(COUNT > 0, "an array of registers needs an element");
            assert!(
                STRIDE >= size && STRIDE.is_multiple_of(size),
                "the stride does not keep the elements apart and aligned"
            );
            assert!(OFFSET + (COUNT - 1) * STRIDE + size <= B::MAP.size, "the array lies outside its block");
            assert!(OFFSET.is_multiple_of(size), "the array is not aligned to its width");
        }
        // SAFETY: By the invariant of `Self` the aligned locations of all elements, which the assertions above place
        // inside the block, may be accessed for as long as the process lives.
        unsafe { RegArray::new(self.base.as_ptr().wrapping_add(OFFSET).cast(), reset) }
    }
}
