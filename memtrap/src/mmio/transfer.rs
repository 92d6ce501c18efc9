//! The load or store that an access is on hardware.

/// An integer that one load or store instruction transfers.
pub trait Transfer: Copy {
    /// Loads from `address`, in one instruction and exactly once.
    ///
    /// # Safety
    ///
    /// `address` is aligned and may be read with a volatile load of this type.
    unsafe fn load(address: *const Self) -> Self;

    /// Stores to `address`, in one instruction and exactly once.
    ///
    /// # Safety
    ///
    /// `address` is aligned and may be written with a volatile store of this type.
    unsafe fn store(address: *mut Self, value: Self);
}

/// On aarch64 the compiler makes a volatile access an instruction that changes its address register as well if that saves
/// one, and two accesses a pair. A hypervisor that emulates a device cannot carry those out: the processor does not tell it
/// what they were (ISV in ESR_EL2 is 0: Arm DDI 0487; rust-lang/rust#131894). So the instruction is written out.
#[cfg(all(target_arch = "aarch64", not(miri)))]
macro_rules! transfer {
    ($($ty:ty: $load:literal, $store:literal;)*) => {$(
        impl Transfer for $ty {
            #[inline(always)]
            unsafe fn load(address: *const Self) -> Self {
                let value;
                // SAFETY: The caller guarantees that this load is permitted.
                unsafe {
                    core::arch::asm!(
                        $load,
                        value = out(reg) value,
                        address = in(reg) address,
                        options(nostack, preserves_flags),
                    );
                }
                value
            }

            #[inline(always)]
            unsafe fn store(address: *mut Self, value: Self) {
                // SAFETY: The caller guarantees that this store is permitted.
                unsafe {
                    core::arch::asm!(
                        $store,
                        value = in(reg) value,
                        address = in(reg) address,
                        options(nostack, preserves_flags),
                    );
                }
            }
        }
    )*};
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
transfer! {
    u8: "ldrb {value:w}, [{address}]", "strb {value:w}, [{address}]";
    u16: "ldrh {value:w}, [{address}]", "strh {value:w}, [{address}]";
    u32: "ldr {value:w}, [{address}]", "str {value:w}, [{address}]";
    u64: "ldr {value:x}, [{address}]", "str {value:x}, [{address}]";
}

#[cfg(not(all(target_arch = "aarch64", not(miri))))]
macro_rules! transfer {
    ($($ty:ty),*) => {$(
        impl Transfer for $ty {
            #[inline(always)]
            unsafe fn load(address: *const Self) -> Self {
                // SAFETY: The caller guarantees that this load is permitted.
                unsafe { address.read_volatile() }
            }

            #[inline(always)]
            unsafe fn store(address: *mut Self, value: Self) {
                // SAFETY: The caller guarantees that this store is permitted.
                unsafe { address.write_volatile(value) }
            }
        }
    )*};
}

#[cfg(not(all(target_arch = "aarch64", not(miri))))]
transfer!(u8, u16, u32, u64);
