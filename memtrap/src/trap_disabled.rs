//! The trap engine's twin for hosts it does not support: regions have addresses, but nothing is mapped there.
//!
//! The typed door works in full. A raw pointer into a region faults as any wild pointer does.
#![forbid(unsafe_code)]

/// Without traps every report is raised by a typed accessor, from which unwinding is sound.
pub(crate) mod driver_stack {
    use crate::bus::core::Core;
    use std::sync::Arc;

    pub(crate) fn run<R>(_bus: &Arc<Core>, driver: impl FnOnce() -> R) -> R {
        driver()
    }
}

/// Threads say nothing about who has started them.
pub(crate) mod lineage {
    pub(crate) fn mark(_bus: u64) {}

    pub(crate) fn parent(_candidates: &mut dyn Iterator<Item = u64>) -> Option<u64> {
        None
    }
}

/// Memory cannot be had at fixed addresses.
pub(crate) mod ram {
    use crate::{error::MapError, mmio::Window};

    pub(crate) fn map_at(address: usize, size: usize) -> Result<Window, MapError> {
        Err(MapError::System { address: Some(address), size, source: std::io::ErrorKind::Unsupported.into() })
    }

    pub(crate) fn release(_window: Window) {}
}

pub(crate) mod pages {
    use crate::error::MapError;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// First address that is handed out: below the limit of the bus, above what a 47-bit user space can contain, so
    /// that a raw access to it faults.
    const FIRST: usize = 1 << 47;
    const LAST: usize = (1 << 48) - (1 << 30);
    static NEXT: AtomicUsize = AtomicUsize::new(FIRST);

    pub(crate) fn reserve(size: usize) -> Result<usize, MapError> {
        let span = size.next_multiple_of(crate::bus::table::PAGE) + crate::bus::table::PAGE;
        let start = NEXT.fetch_add(span, Ordering::Relaxed);
        if start + span > LAST {
            return Err(MapError::System { address: None, size, source: std::io::ErrorKind::OutOfMemory.into() });
        }
        Ok(start)
    }

    pub(crate) fn reserve_ports() -> Result<(), MapError> {
        Err(MapError::System { address: None, size: 0, source: std::io::ErrorKind::Unsupported.into() })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the supported host's twin can fail")]
    pub(crate) fn reserve_at(_address: usize, _size: usize) -> Result<(), MapError> {
        Ok(())
    }
}
