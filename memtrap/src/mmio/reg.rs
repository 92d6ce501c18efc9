//! One register, and arrays of them.

use super::{
    RegisterBits, RegisterValue,
    access::{Readable, Writable},
    volatile,
};
use core::{fmt, marker::PhantomData};

/// A register of type `T` with the access kind `A`: what an accessor of a handle returns.
///
/// The access kind decides which operations exist: [`read`](Self::read) for `ro` and `rw`, [`write`](Self::write) for
/// `wo` and `rw`, [`modify`](Self::modify) for `rw`.
///
/// On hardware each operation is exactly the volatile accesses its description names. In a build with the runtime the
/// bus is asked first; if the address is simulated, the device model is called directly.
#[must_use = "naming a register does not access it: call `read`, `write` or `modify`"]
pub struct Reg<'a, T: RegisterValue, A> {
    /// INVARIANT: aligned, and valid for volatile accesses of `T::Bits` until the process ends.
    pointer: *mut T::Bits,
    reset: T::Bits,
    handle: PhantomData<&'a ()>,
    access: PhantomData<fn() -> A>,
}

impl<T: RegisterValue, A> Reg<'_, T, A> {
    /// The register at `pointer`.
    ///
    /// # Safety
    ///
    /// `pointer` is aligned, and until the process ends may be accessed with volatile loads and stores of its width.
    #[inline(always)]
    pub(super) const unsafe fn new(pointer: *mut T::Bits, reset: T::Bits) -> Self {
        Self { pointer, reset, handle: PhantomData, access: PhantomData }
    }

    /// The address of the register. Dereferencing it is up to the caller.
    #[inline(always)]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut T::Bits {
        self.pointer
    }

    /// The value the register is declared to have after reset. Accesses nothing.
    #[inline(always)]
    #[must_use]
    pub fn reset_value(&self) -> T {
        T::from_bits(self.reset)
    }
}

impl<T: RegisterValue, A: Readable> Reg<'_, T, A> {
    /// Reads the register: one volatile load of its width.
    ///
    /// # Panics
    ///
    /// In a simulation, if the device refuses the access or its model panics. Never on hardware.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn read(&self) -> T {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile loads.
        T::from_bits(unsafe { volatile::load(self.pointer) })
    }
}

impl<T: RegisterValue, A: Writable> Reg<'_, T, A> {
    /// Writes `value`: one volatile store of the register's width.
    ///
    /// # Panics
    ///
    /// In a simulation, if the device refuses the access or its model panics. Never on hardware.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn write(&mut self, value: T) {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile stores.
        unsafe { volatile::store(self.pointer, value.into_bits()) }
    }

    /// Writes what `change` makes of the reset value: one volatile store, no load.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write), and if `change` panics.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn write_with(&mut self, change: impl FnOnce(T) -> T) {
        self.write(change(T::from_bits(self.reset)));
    }
}

impl<T: RegisterValue, A: Readable + Writable> Reg<'_, T, A> {
    /// Writes what `change` makes of the current value: one volatile load, then one volatile store.
    ///
    /// The two are separate accesses: an interrupt handler or another master may write in between.
    ///
    /// # Panics
    ///
    /// As [`read`](Self::read) and [`write`](Self::write), and if `change` panics.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn modify(&mut self, change: impl FnOnce(T) -> T) {
        let value = change(self.read());
        self.write(value);
    }
}

impl<T: RegisterValue, A> fmt::Debug for Reg<'_, T, A> {
    /// Shows the address. Reading the register for a debug print could have a side effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reg({:#x}, {} bits)", self.pointer.addr(), T::Bits::WIDTH.bits())
    }
}

/// An array of `N` registers, `STRIDE` bytes apart: what the accessor of an array returns.
#[must_use = "naming a register does not access it: call `at` or `get` for one of its elements"]
pub struct RegArray<'a, T: RegisterValue, A, const N: usize, const STRIDE: usize> {
    /// INVARIANT: `N` elements, `STRIDE` bytes apart, each aligned and valid for volatile accesses until the process
    /// ends, start here.
    first: *mut T::Bits,
    reset: T::Bits,
    handle: PhantomData<&'a ()>,
    access: PhantomData<fn() -> A>,
}

impl<T: RegisterValue, A, const N: usize, const STRIDE: usize> RegArray<'_, T, A, N, STRIDE> {
    /// The array whose first element is at `first`.
    ///
    /// # Safety
    ///
    /// The `N` elements, `STRIDE` bytes apart, are aligned, and until the process ends may be accessed with volatile
    /// loads and stores of their width.
    #[inline(always)]
    pub(super) const unsafe fn new(first: *mut T::Bits, reset: T::Bits) -> Self {
        Self { first, reset, handle: PhantomData, access: PhantomData }
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
        let pointer = self.first.wrapping_byte_add(index * STRIDE);
        // SAFETY: `index` is less than `N`, so by the invariant the pointer is that of an aligned, accessible element.
        unsafe { Reg::new(pointer, self.reset) }
    }
}

impl<T: RegisterValue, A, const N: usize, const STRIDE: usize> fmt::Debug for RegArray<'_, T, A, N, STRIDE> {
    /// Shows the address and the number of elements. Reading them for a debug print could have a side effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegArray({:#x}, {N} x {} bits)", self.first.addr(), T::Bits::WIDTH.bits())
    }
}
