//! One register.

use super::{
    RegisterBits, RegisterValue,
    access::{ClearAlias, Clearable, Modifiable, Readable, SetAlias, Settable, ToggleAlias, Toggleable, Writable},
    volatile::{self, Purpose},
};
use crate::map::acting_bits;
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
    /// INVARIANT: aligned, and valid for volatile accesses of `T::Bits` until the process ends; so are the places in the
    /// windows that `A` names.
    pointer: *mut u8,
    reset: u64,
    handle: PhantomData<&'a ()>,
    declared: PhantomData<fn() -> (T, A)>,
}

// SAFETY: The pointer is used for volatile accesses only, and those may be made from any thread, as the handle that it came
// from says. Which of them need exclusive access is decided by the receivers of the methods; a register that others may have as
// well is of an access kind that is not `Send`.
unsafe impl<T, A: Send> Send for Reg<'_, T, A> {}

impl<T, A> Reg<'_, T, A> {
    /// The register for as long as the caller's pointer is borrowed. The caller does not make a second one.
    #[inline(always)]
    pub(super) const fn extended<'a>(self) -> Reg<'a, T, A> {
        Reg { pointer: self.pointer, reset: self.reset, handle: PhantomData, declared: PhantomData }
    }

    /// The register at `pointer`.
    ///
    /// # Safety
    ///
    /// `pointer` is aligned for `T::Bits`, and until the process ends may be accessed with volatile loads and stores of
    /// that type; so are the places in the windows that `A` names.
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
        self.load(Purpose::Plain)
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
        self.store(value, Purpose::Plain);
    }

    /// Writes what `change` makes of the reset value: one volatile store, no load. Bits that act when they are written
    /// start as the value that leaves them alone.
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
        let seed = if A::ONES_ACT {
            0
        } else if A::ZEROS_ACT {
            u64::MAX
        } else {
            self.reset
        };
        self.write(change(Self::neutral(seed)));
    }

    /// Writes what `change` makes of the current value: one volatile load, then one volatile store.
    ///
    /// Bits whose fields act when they are written, for example `#[bits(0, w1c)]`, reach `change` as the value that
    /// leaves them alone, so that the write acts on none that `change` does not name.
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
        A: Modifiable,
    {
        let value = change(Self::neutral(self.load(Purpose::Modify).into_bits().to_u64()));
        self.store(value, Purpose::Modify);
    }

    /// Sets the bits that are one in `bits`, and leaves the others alone: one volatile store.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn set(&self, bits: T)
    where
        A: Settable,
    {
        self.store(bits, Purpose::Plain);
    }

    /// Clears the bits that are one in `bits`, and leaves the others alone: one volatile store.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn clear(&self, bits: T)
    where
        A: Clearable,
    {
        self.store(bits, Purpose::Plain);
    }

    /// Inverts the bits that are one in `bits`, and leaves the others alone: one volatile store.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn toggle(&self, bits: T)
    where
        A: Toggleable,
    {
        self.store(bits, Purpose::Plain);
    }

    /// Sets the bits that are one in `bits`, and leaves the others alone: one volatile store, in the window that the block
    /// has for it.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn set_bits(&self, bits: T)
    where
        A: SetAlias,
    {
        self.store_behind(A::OFFSET, bits);
    }

    /// Clears the bits that are one in `bits`, and leaves the others alone: one volatile store, in the window that the
    /// block has for it.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn clear_bits(&self, bits: T)
    where
        A: ClearAlias,
    {
        self.store_behind(A::OFFSET, bits);
    }

    /// Inverts the bits that are one in `bits`, and leaves the others alone: one volatile store, in the window that the
    /// block has for it.
    ///
    /// # Panics
    ///
    /// As [`write`](Self::write).
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    pub fn toggle_bits(&self, bits: T)
    where
        A: ToggleAlias,
    {
        self.store_behind(A::OFFSET, bits);
    }

    /// Writes to the place in the window `distance` bytes behind the register, which `A` names.
    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    fn store_behind(&self, distance: usize, value: T) {
        let pointer = self.as_ptr().wrapping_byte_add(distance);
        // SAFETY: By the invariant the places in the windows are aligned and valid for volatile stores.
        unsafe { volatile::store(pointer, value.into_bits(), Purpose::Plain) }
    }

    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    fn load(&self, purpose: Purpose) -> T {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile loads.
        T::from_bits(unsafe { volatile::load(self.as_ptr(), purpose) })
    }

    #[inline(always)]
    #[cfg_attr(simulation, track_caller)]
    fn store(&self, value: T, purpose: Purpose) {
        // SAFETY: By its invariant the pointer is aligned and valid for volatile stores.
        unsafe { volatile::store(self.as_ptr(), value.into_bits(), purpose) }
    }

    /// The value in which the bits of fields that act when they are written leave them alone, and reserved bits are what they
    /// must be.
    #[inline(always)]
    fn neutral(bits: u64) -> T {
        let (ones, zeros) = const { acting_bits(T::FIELDS) };
        T::from_bits(T::Bits::from_u64(bits & !(ones | T::RESERVED_ZERO) | zeros | T::RESERVED_ONE))
    }
}

impl<T: RegisterValue, A> fmt::Debug for Reg<'_, T, A> {
    /// Shows the address. Reading the register for a debug print could have a side effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reg({:#x}, {} bits)", self.pointer.addr(), T::Bits::WIDTH.bits())
    }
}
