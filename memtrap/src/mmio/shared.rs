//! The pointer inside a shared view of a handle.

use super::{Block, BlockPtr, BlockTypes, Reg, RegArray, RegisterType, access::Reach, stride_of};
use core::{fmt, marker::PhantomData, ptr::NonNull};

/// The base address of a block `B`, with the right to read registers without side effects for `'a`, and to change bits
/// of them in windows where each write acts on its own bits alone.
///
/// INVARIANT: it was made from a `BlockPtr<B>` that is borrowed for `'a`, and holds its address; or from that of a block
/// that contains a `B`, and holds the address of that.
#[doc(hidden)]
pub struct SharedPtr<'a, B> {
    base: NonNull<u8>,
    block: PhantomData<&'a BlockPtr<B>>,
}

impl<B> Clone for SharedPtr<'_, B> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for SharedPtr<'_, B> {}

// SAFETY: It stands for a `&BlockPtr<B>`, which is `Send` because `BlockPtr` is `Sync`.
unsafe impl<B> Send for SharedPtr<'_, B> {}

// SAFETY: It stands for a `&BlockPtr<B>`, which is `Sync` because `BlockPtr` is.
unsafe impl<B> Sync for SharedPtr<'_, B> {}

impl<B> fmt::Debug for SharedPtr<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.base, f)
    }
}

impl<B> BlockPtr<B> {
    /// A copyable view for reading.
    #[inline(always)]
    pub const fn shared(&self) -> SharedPtr<'_, B> {
        SharedPtr { base: self.non_null(), block: PhantomData }
    }
}

impl<'a, B> SharedPtr<'a, B> {
    /// A block `distance` bytes further, which lies in the same block as this one: the caller has asserted it.
    #[inline(always)]
    pub(super) const fn moved<C>(self, distance: usize) -> SharedPtr<'a, C> {
        let base = self.base.as_ptr().wrapping_add(distance);
        // SAFETY: The caller has asserted that the block lies inside one whose addresses are not null.
        SharedPtr { base: unsafe { NonNull::new_unchecked(base) }, block: PhantomData }
    }
}

impl<'a, B: Block> SharedPtr<'a, B> {
    /// The register that `X` declares at `INDEX`, for reading.
    ///
    /// # Safety
    ///
    /// `A` permits nothing but reads, which are declared to have no side effect, and writes through windows.
    #[inline(always)]
    pub const unsafe fn register<X, const INDEX: usize, A: Reach>(self) -> Reg<'a, X::Value, A>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        const { BlockPtr::<B>::assert_inside::<X, INDEX, A>() };
        // SAFETY: By the invariant the base is that of a `BlockPtr<B>`, so the aligned location at the register's
        // offset, which the assertion above places inside the block, may be accessed for as long as the process lives.
        unsafe { Reg::new(self.base.as_ptr().wrapping_add(X::OFFSET), X::RESET) }
    }

    /// The array of `COUNT` registers that `X` declares at `INDEX`, for reading.
    ///
    /// # Safety
    ///
    /// As for [`register`](Self::register).
    #[inline(always)]
    pub const unsafe fn array<X, const INDEX: usize, A: Reach, const COUNT: usize>(
        self,
    ) -> RegArray<'a, X::Value, A, COUNT>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        const {
            BlockPtr::<B>::assert_inside::<X, INDEX, A>();
            assert!(COUNT == X::COUNT, "the array has as many elements as are declared");
        };
        // SAFETY: By the invariant the base is that of a `BlockPtr<B>`, so the aligned locations of all elements, which
        // the assertion above places inside the block, may be accessed for as long as the process lives.
        unsafe { RegArray::new(self.base.as_ptr().wrapping_add(X::OFFSET), stride_of::<X, INDEX>(), X::RESET) }
    }
}
