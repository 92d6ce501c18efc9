//! Memory at fixed addresses, and memory of the driver's own that devices may reach.

use super::pages;
use crate::{bus::Bus, error::MapError, mmio::Window};
use std::sync::{Mutex, PoisonError};

/// Windows at fixed addresses, and whether somebody uses them. They stay mapped until the process ends.
static FIXED: Mutex<Vec<(Window, bool)>> = Mutex::new(Vec::new());

/// Maps `size` bytes of zeroed memory at `address`, or takes those that were mapped there before and are not used.
pub(crate) fn map_at(address: usize, size: usize) -> Result<Window, MapError> {
    let mut fixed = FIXED.lock().unwrap_or_else(PoisonError::into_inner);
    let earlier = fixed.iter_mut().find(|(window, _)| (window.start(), window.size()) == (address, size));
    if let Some((window, used)) = earlier
        && !*used
    {
        *used = true;
        window.write(0, &vec![0; size]);
        return Ok(*window);
    }
    pages::map_memory(address, size)?;
    // SAFETY: The memory was just mapped, readable and writable, and is never unmapped; nobody refers to it yet.
    let window = unsafe { Window::over(address, size) };
    fixed.push((window, true));
    Ok(window)
}

/// Lets the address range of `window` be used again.
pub(crate) fn release(window: Window) {
    let mut fixed = FIXED.lock().unwrap_or_else(PoisonError::into_inner);
    for (other, used) in fixed.iter_mut() {
        *used &= *other != window;
    }
}

impl Bus {
    /// Lets devices reach `size` bytes at `start`: memory of the driver's own, as its statics or its heap.
    ///
    /// # Safety
    ///
    /// Until the bus is dropped, the memory is mapped and writable, and Rust code holds references to its bytes only
    /// while no device model reads or writes them: what a driver has to guarantee for a device on hardware as well.
    pub unsafe fn share_memory(&self, start: *mut u8, size: usize) {
        // SAFETY: The caller gives the guarantees that a window needs for as long as the bus can use it.
        self.share(unsafe { Window::over(start.expose_provenance(), size) });
    }
}
