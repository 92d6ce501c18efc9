//! An array of equal registers.

use super::{Reg, RegisterBits, RegisterValue};
use core::{fmt, marker::PhantomData};

/// An array of `N` registers: what the accessor of an array returns.
#[must_use = "naming a register does not access it: call `at` or `get` for one of its elements"]
pub struct RegArray<'a, T, A, const N: usize> {
    /// INVARIANT: `N` elements, `stride` bytes apart, each aligned and valid for volatile accesses of `T::Bits` until
    /// the process ends, start here; so are their places in the windows that `A` names.
    first: *mut u8,
    stride: usize,
    reset: u64,
    handle: PhantomData<&'a ()>,
    declared: PhantomData<fn() -> (T, A)>,
}

// SAFETY: The pointer is used for volatile accesses only, and those may be made from any thread, as the handle that it came
// from says. Which of them need exclusive access is decided by the receivers of the methods; registers that others may have as
// well are of an access kind that is not `Send`.
unsafe impl<T, A: Send, const N: usize> Send for RegArray<'_, T, A, N> {}

impl<'a, T, A, const N: usize> RegArray<'a, T, A, N> {
    /// The elements, each for an owner of its own.
    #[inline(always)]
    pub fn split(self) -> [Reg<'a, T, A>; N] {
        core::array::from_fn(|index| self.element(index).extended())
    }
}

impl<T, A, const N: usize> RegArray<'_, T, A, N> {
    /// The array for as long as the caller's pointer is borrowed. The caller does not make a second one.
    #[inline(always)]
    pub(super) const fn extended<'a>(self) -> RegArray<'a, T, A, N> {
        RegArray {
            first: self.first,
            stride: self.stride,
            reset: self.reset,
            handle: PhantomData,
            declared: PhantomData,
        }
    }

    /// The array whose first element is at `first`.
    ///
    /// # Safety
    ///
    /// The `N` elements, `stride` bytes apart, are aligned for `T::Bits`, and until the process ends may be accessed with
    /// volatile loads and stores of that type; so are their places in the windows that `A` names.
    #[inline(always)]
    pub(super) const unsafe fn new(first: *mut u8, stride: usize, reset: u64) -> Self {
        Self { first, stride, reset, handle: PhantomData, declared: PhantomData }
    }

    /// Number of elements.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        N
    }

    /// Whether there are no elements. Never: an empty array is refused when it is declared.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        N == 0
    }

    /// Element `index`, or `None` if the array is shorter.
    #[inline(always)]
    pub const fn get(&mut self, index: usize) -> Option<Reg<'_, T, A>> {
        if index < N { Some(self.element(index)) } else { None }
    }

    /// Element `index`.
    ///
    /// # Panics
    ///
    /// If the array is shorter. The check disappears when the index is a constant; [`get`](Self::get) never panics.
    #[inline(always)]
    #[track_caller]
    pub const fn at(&mut self, index: usize) -> Reg<'_, T, A> {
        assert!(index < N, "index out of range of an array of registers");
        self.element(index)
    }

    /// The elements in ascending order of their addresses.
    #[inline(always)]
    pub fn iter(&mut self) -> impl ExactSizeIterator<Item = Reg<'_, T, A>> + DoubleEndedIterator {
        (0..N).map(|index| self.element(index))
    }

    /// Element `index`, which the caller has checked to be less than `N`.
    #[inline(always)]
    const fn element(&self, index: usize) -> Reg<'_, T, A> {
        let pointer = self.first.wrapping_add(index * self.stride);
        // SAFETY: `index` is less than `N`, so by the invariant the pointer is that of an aligned, accessible element.
        unsafe { Reg::new(pointer, self.reset) }
    }
}

impl<T: RegisterValue, A, const N: usize> fmt::Debug for RegArray<'_, T, A, N> {
    /// Shows the address and the number of elements. Reading them for a debug print could have a side effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegArray({:#x}, {N} x {} bits)", self.first.addr(), T::Bits::WIDTH.bits())
    }
}
