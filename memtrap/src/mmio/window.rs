//! Memory that device models reach: what a driver shares with a device that masters the bus.

use std::{
    alloc::{Layout, alloc_zeroed, handle_alloc_error},
    fmt, ptr,
};

/// Alignment of memory that memtrap allocates, in bytes: that of a page.
const ALIGN: usize = 4096;

/// A range of memory that driver and device share.
///
/// INVARIANT: the bytes may be read and written with volatile accesses from any thread until the process ends, and Rust
/// code has no references to them, except where the driver's contract with the device keeps them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    start: usize,
    size: usize,
}

impl Window {
    /// Fresh zeroed memory of `size` bytes, which is not zero. It is never freed.
    pub(crate) fn allocate(size: usize) -> Self {
        let layout = Layout::from_size_align(size, ALIGN).expect("the size is that of an allocation");
        assert!(size > 0, "a window has bytes");
        // SAFETY: The size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        Self { start: start.expose_provenance(), size }
    }

    /// The `size` bytes at `start`.
    ///
    /// # Safety
    ///
    /// The invariant of the type holds for them; their provenance is exposed.
    #[cfg(trap)]
    pub(crate) const unsafe fn over(start: usize, size: usize) -> Self {
        Self { start, size }
    }

    /// Address of the first byte.
    pub(crate) fn start(self) -> usize {
        self.start
    }

    /// Number of bytes.
    pub(crate) fn size(self) -> usize {
        self.size
    }

    /// Copies the bytes at `offset` to `into`.
    ///
    /// # Panics
    ///
    /// If they are not all inside the window.
    pub(crate) fn read(self, offset: usize, into: &mut [u8]) {
        let from = self.at(offset, into.len());
        for (position, byte) in into.iter_mut().enumerate() {
            let from: *const u8 = ptr::with_exposed_provenance(from + position);
            // SAFETY: `at` has checked that the byte lies in the window; by the invariant it may be read.
            *byte = unsafe { from.read_volatile() };
        }
    }

    /// Copies `bytes` to `offset`.
    ///
    /// # Panics
    ///
    /// If they do not all fit in the window.
    pub(crate) fn write(self, offset: usize, bytes: &[u8]) {
        let to = self.at(offset, bytes.len());
        for (position, byte) in bytes.iter().enumerate() {
            let to: *mut u8 = ptr::with_exposed_provenance_mut(to + position);
            // SAFETY: `at` has checked that the byte lies in the window; by the invariant it may be written.
            unsafe { to.write_volatile(*byte) };
        }
    }

    /// Address of the byte at `offset`, `length` bytes from which lie in the window.
    fn at(self, offset: usize, length: usize) -> usize {
        assert!(offset <= self.size && length <= self.size - offset, "{length} bytes at {offset:#x} leave {self:?}");
        self.start + offset
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} bytes at {:#x}", self.size, self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn bytes_go_in_and_come_out() {
        let window = Window::allocate(16);
        window.write(3, &[1, 2, 3]);
        let mut bytes = [9; 5];
        window.read(2, &mut bytes);
        assert_eq!(bytes, [0, 1, 2, 3, 0]);
        window.write(16, &[]);
    }

    #[test]
    #[should_panic(expected = "2 bytes at 0xf leave 0x10 bytes at")]
    fn a_window_has_an_end() {
        Window::allocate(16).write(15, &[0, 0]);
    }
}
