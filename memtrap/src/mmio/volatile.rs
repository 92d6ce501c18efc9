//! The one volatile access: every typed accessor ends here.

use super::RegisterBits;

/// Whether an access stands alone or is half of a read-modify-write. On hardware it makes no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Plain,
    Modify,
}

/// Reads the register at `address`: from its device model if the address is simulated, otherwise from the hardware.
///
/// # Safety
///
/// `address` is aligned and may be read with a volatile load of this width.
#[inline(always)]
#[cfg_attr(simulation, track_caller)]
pub(super) unsafe fn load<B: RegisterBits>(address: *const B, purpose: Purpose) -> B {
    let _ = purpose;
    #[cfg(simulation)]
    if let Some(value) = match purpose {
        Purpose::Plain => crate::bus::typed::read(address.addr(), B::WIDTH),
        Purpose::Modify => crate::bus::typed::read_to_modify(address.addr(), B::WIDTH),
    } {
        return B::from_u64(value);
    }
    // SAFETY: The caller guarantees that this load is permitted.
    unsafe { B::load(address) }
}

/// Writes the register at `address`: to its device model if the address is simulated, otherwise to the hardware.
///
/// # Safety
///
/// `address` is aligned and may be written with a volatile store of this width.
#[inline(always)]
#[cfg_attr(simulation, track_caller)]
pub(super) unsafe fn store<B: RegisterBits>(address: *mut B, value: B, purpose: Purpose) {
    let _ = purpose;
    #[cfg(simulation)]
    if match purpose {
        Purpose::Plain => crate::bus::typed::write(address.addr(), B::WIDTH, value.to_u64()),
        Purpose::Modify => crate::bus::typed::write_modified(address.addr(), B::WIDTH, value.to_u64()),
    } {
        return;
    }
    // SAFETY: The caller guarantees that this store is permitted.
    unsafe { B::store(address, value) }
}
