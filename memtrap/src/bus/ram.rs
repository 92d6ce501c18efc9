//! Plain memory on a bus, for drivers and the devices that master it.

use super::{Bus, core::Core, dma::Shared};
use crate::{error::MapError, mmio::Window, trap::ram};
use std::{
    fmt,
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Plain memory that a driver and the devices of a bus share, until this value is dropped.
///
/// Afterwards devices no longer reach it. The memory itself stays until the process ends, so that a driver's pointer to
/// it is never dangling; a fixed address range can be used again.
#[must_use = "dropping the memory withdraws it from the bus"]
pub struct Ram {
    core: Arc<Core>,
    window: Window,
    fixed: bool,
    used: AtomicUsize,
}

impl Ram {
    fn new(core: &Arc<Core>, window: Window, fixed: bool) -> Self {
        core.memory.share(Shared { bus_address: window.start() as u64, window });
        Self { core: Arc::clone(core), window, fixed, used: AtomicUsize::new(0) }
    }

    /// Address of the first byte.
    #[must_use]
    pub fn base(&self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.window.start())
    }

    /// Size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.window.size()
    }

    /// Lets devices see the memory at `address` instead of where the driver sees it, as behind an IOMMU or a bridge.
    pub fn set_bus_address(&self, address: u64) {
        self.core.memory.withdraw(self.window);
        self.core.memory.share(Shared { bus_address: address, window: self.window });
    }

    /// Takes `size` bytes, aligned to `align` bytes, that have not been taken before; `None` if there are not enough
    /// left. They are zero until somebody writes them, and are given back only with the whole memory.
    ///
    /// # Panics
    ///
    /// If `align` is not a power of two.
    #[must_use]
    pub fn allocate(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        assert!(align.is_power_of_two(), "an alignment is a power of two, not {align}");
        let place = |used: usize| {
            let start = (self.window.start() + used).checked_next_multiple_of(align)? - self.window.start();
            let end = start.checked_add(size)?;
            (end <= self.window.size()).then_some((start, end))
        };
        let before = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(place(used)?.1)).ok()?;
        let (start, _) = place(before)?;
        NonNull::new(self.base().wrapping_add(start))
    }

    /// Copies the bytes at `offset` to `into`.
    ///
    /// # Panics
    ///
    /// If they are not all inside the memory.
    pub fn read(&self, offset: usize, into: &mut [u8]) {
        self.window.read(offset, into);
    }

    /// Copies `bytes` to `offset`.
    ///
    /// # Panics
    ///
    /// If they do not all fit in the memory.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        self.window.write(offset, bytes);
    }
}

impl Drop for Ram {
    fn drop(&mut self) {
        self.core.memory.withdraw(self.window);
        if self.fixed {
            ram::release(self.window);
        }
    }
}

impl fmt::Debug for Ram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ram").field(&self.window).finish()
    }
}

impl Bus {
    /// Adds `size` bytes of zeroed memory, at an address that the allocator chooses, which devices can reach.
    ///
    /// # Errors
    ///
    /// [`MapError::ZeroSize`] if `size` is zero.
    pub fn ram(&self, size: usize) -> Result<Ram, MapError> {
        if size == 0 {
            return Err(MapError::ZeroSize);
        }
        Ok(Ram::new(&self.core, Window::allocate(size), false))
    }

    /// Adds `size` bytes of zeroed memory at `address`, which devices can reach: for drivers that have the address of
    /// their memory built in, or that give a device only 32 bits of it.
    ///
    /// # Errors
    ///
    /// [`MapError`] if `size` is zero, `address` or `size` is not a multiple of 4096 bytes, or the range is in use; or
    /// where memory cannot be had at a fixed address (hosts other than Linux on x86-64).
    pub fn ram_at(&self, address: usize, size: usize) -> Result<Ram, MapError> {
        const PAGE: usize = super::table::PAGE;

        if size == 0 {
            return Err(MapError::ZeroSize);
        }
        if let Some(address) = [address, size].into_iter().find(|value| !value.is_multiple_of(PAGE)) {
            return Err(MapError::Misaligned { address, align: PAGE });
        }
        if address.checked_add(size).is_none_or(|end| end > super::table::ADDRESS_LIMIT) {
            return Err(MapError::OutOfRange { address, size });
        }
        Ok(Ram::new(&self.core, ram::map_at(address, size)?, true))
    }

    #[cfg(trap)]
    pub(crate) fn share(&self, window: Window) {
        self.core.memory.share(Shared { bus_address: window.start() as u64, window });
    }
}
