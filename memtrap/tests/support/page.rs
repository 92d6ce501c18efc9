//! A page of scratch registers, and a driver's access to one.

use super::device::Scratch;
use memtrap::{Bus, Region};

/// One page of scratch registers on a bus of its own.
pub(crate) fn scratch() -> Region<Scratch> {
    Bus::new().map(0x1000, Scratch::default()).expect("there is address space for a page")
}

/// Reads the 32-bit register at this offset, as a driver does: through a raw pointer.
#[inline(never)]
pub(crate) fn load(region: &Region<Scratch>, offset: usize) -> u32 {
    let register = region.base().wrapping_add(offset).cast::<u32>();
    // SAFETY: The access is trapped.
    unsafe { register.read_volatile() }
}
