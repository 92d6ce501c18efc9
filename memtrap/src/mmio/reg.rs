//! One register.

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
pub struct Reg<'a, T, A> {
    /// INVARIANT: aligned, and valid for volatile accesses of `T::Bits` until the process ends.
    pointer: *mut u8,
    reset: u64,
    handle: PhantomData<&'a ()>,
    declared: PhantomData<fn() -> (T, A)>,
}

impl<T, A> Reg<'_, T, A> {
    /// The register at `pointer`.
    ///
    /// # Safety
    ///
    /// `pointer` is aligned for `T::Bits`, and until the process ends may be accessed with volatile loads and stores of
    /// that type.
    #[inline(always)]
    pub(super) const unsafe fn new(pointer: *mut u8, reset: u64) -> Self {
        Self { pointer, reset, handle: PhantomData, declared: PhantomData }
    }
}

impl<T: RegisterValue, A> Reg<'_, T, A> {
    /// The address of the register. Dereferencing it is up to the caller.
    #[inline(always)]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut T::Bits {
        self.pointer.cast()
    }

    /// The value the register is declared to have after reset. Accesses nothing.
    #[inline(always)]
    #[must_use]
    pub fn reset_value(&self) -> T {
        T::from_bits(T::Bits::from_u64(self.reset))
    }

    /// Reads the register: one volatile load of its width.
    ///
    /// # Panics
    ///
    /// In a simulation, if the device refuses the access or its model panics. Never on hardware.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn read(&self) -> T
    where
        A: Readable,
    {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile loads.
        T::from_bits(unsafe { volatile::load(self.as_ptr()) })
    }

    /// Writes `value`: one volatile store of the register's width.
    ///
    /// # Panics
    ///
    /// In a simulation, if the device refuses the access or its model panics. Never on hardware.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn write(&mut self, value: T)
    where
        A: Writable,
    {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile stores.
        unsafe { volatile::store(self.as_ptr(), value.into_bits()) }
    }

    /// Writes what `change` makes of the reset value: one volatile store, no load.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write), and if `change` panics.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn write_with(&mut self, change: impl FnOnce(T) -> T)
    where
        A: Writable,
    {
        self.write(change(self.reset_value()));
    }

    /// Writes what `change` makes of the current value: one volatile load, then one volatile store.
    ///
    /// The two are separate accesses: an interrupt handler or another master may write in between.
    ///
    /// # Panics
    ///
    /// As [`read`](Self::read) and [`write`](Self::write), and if `change` panics.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn modify(&mut self, change: impl FnOnce(T) -> T)
    where
        A: Readable + Writable,
    {
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
