//! The pointer inside every handle.

use super::{BlockTypes, ExclusivePtr, Reg, RegArray, RegisterType, SharedPtr, access::Reach, bytes_of, stride_of};
use crate::map::{RegisterMap, Route};
use core::{fmt, marker::PhantomData, ptr::NonNull};

/// A register block: what `#[simulated]` makes of a struct.
///
/// Implemented by the attribute only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a register block",
    label = "not declared with `#[simulated]`",
    note = "put `#[memtrap::simulated]` on the struct that describes its registers; a single register is declared with \
            `#[reg(..)]`"
)]
pub trait Block: Sized + 'static {
    /// Names, offsets, widths, access kinds and reset values of the block's registers.
    const MAP: &'static RegisterMap;

    /// Where each register of the map was declared, if the block contains others.
    #[doc(hidden)]
    const ROUTES: &'static [Route];

    /// A block of this type that is part of another one, borrowed exclusively: it has the methods of the handle.
    type Exclusive<'a>;

    /// A view of such a block for reading.
    type Shared<'a>;

    /// The handle over `pointer`, which carries the right to access the block.
    #[doc(hidden)]
    fn from_block_ptr(pointer: BlockPtr<Self>) -> Self;

    #[doc(hidden)]
    fn exclusive_from_ptr(pointer: ExclusivePtr<'_, Self>) -> Self::Exclusive<'_>;

    #[doc(hidden)]
    fn shared_from_ptr(pointer: SharedPtr<'_, Self>) -> Self::Shared<'_>;
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

// SAFETY: As for `Send`: through a shared handle only reads without side effects can be made, and writes each of which acts
// on its own bits alone (write one to set); a device accepts both from several threads at once.
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

    /// The base address.
    #[inline(always)]
    pub(super) const fn non_null(&self) -> NonNull<u8> {
        self.base
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

    /// The register that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// `A` is the access kind that is declared for it, and `self` is borrowed exclusively unless that permits only reads without
    /// side effects and writes that act on single bits.
    #[inline(always)]
    pub const unsafe fn register<X, const INDEX: usize, A: Reach>(&self) -> Reg<'_, X::Value, A>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        const { Self::assert_inside::<X, INDEX, A>() };
        // SAFETY: By the invariant of `Self` the aligned location at the register's offset, which the assertion above
        // places inside the block, may be accessed for as long as the process lives.
        unsafe { Reg::new(self.base.as_ptr().wrapping_add(X::OFFSET), X::RESET) }
    }

    /// The array of `COUNT` registers that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// As for [`register`](Self::register).
    #[inline(always)]
    pub const unsafe fn array<X, const INDEX: usize, A: Reach, const COUNT: usize>(
        &self,
    ) -> RegArray<'_, X::Value, A, COUNT>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        const {
            Self::assert_inside::<X, INDEX, A>();
            assert!(COUNT == X::COUNT, "the array has as many elements as are declared");
        };
        // SAFETY: By the invariant of `Self` the aligned locations of all elements, which the assertion above places
        // inside the block, may be accessed for as long as the process lives.
        unsafe { RegArray::new(self.base.as_ptr().wrapping_add(X::OFFSET), stride_of::<X, INDEX>(), X::RESET) }
    }

    /// Places all elements of a register, and their places in its windows, inside the block.
    pub(super) const fn assert_inside<X: RegisterType<INDEX>, const INDEX: usize, A: Reach>() {
        let (offset, size, stride) = (X::OFFSET, bytes_of::<X, INDEX>(), stride_of::<X, INDEX>());
        assert!(X::COUNT > 0, "an array of registers needs an element");
        assert!(
            stride >= size && stride.is_multiple_of(size),
            "the stride does not keep the elements apart and aligned"
        );
        assert!(
            offset + (X::COUNT - 1) * stride + size + A::FARTHEST <= B::MAP.size,
            "the register lies outside its block"
        );
        assert!(
            offset.is_multiple_of(size) && A::ALIGN.is_multiple_of(size),
            "the register is not aligned to its width"
        );
    }
}
