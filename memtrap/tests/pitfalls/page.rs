//! A device that is plain memory and remembers its accesses, and one that lies behind ordinary memory.

use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::ptr;

pub(crate) const PAGE: usize = 0x1000;

/// One access: `'R'` or `'W'`, the offset, and how many bytes.
pub(crate) type Entry = (char, usize, usize);

/// Plain memory that logs accesses.
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) log: Vec<Entry>,
    /// `MXCSR` as the model found it.
    pub(crate) mxcsr: u32,
    pub(crate) refuses_writes: bool,
}

impl Memory {
    fn new(size: usize) -> Self {
        let bytes = (0..size).map(|at| (at * 7 + at / 256) as u8).collect();
        Self { bytes, log: Vec::new(), mxcsr: 0, refuses_writes: false }
    }

    fn note(&mut self, direction: char, access: Access) {
        self.log.push((direction, access.offset, access.width.bytes()));
        // SAFETY: Stores MXCSR to the field.
        unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut self.mxcsr, options(nostack, preserves_flags)) };
    }
}

impl Device for Memory {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.note('R', access);
        let mut value = [0; 8];
        let size = access.width.bytes();
        value[..size].copy_from_slice(&self.bytes[access.offset..][..size]);
        Ok(u64::from_le_bytes(value))
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.note('W', access);
        if self.refuses_writes {
            return Err(BusError::ReadOnly);
        }
        let size = access.width.bytes();
        self.bytes[access.offset..][..size].copy_from_slice(&value.to_le_bytes()[..size]);
        Ok(())
    }
}

/// Two pages of [`Memory`].
pub(crate) struct Page(pub(crate) Region<Memory>);

impl Page {
    pub(crate) fn new() -> Self {
        Self(Bus::new().map(2 * PAGE, Memory::new(2 * PAGE)).expect("there is address space for two pages"))
    }

    pub(crate) fn at(&self, offset: usize) -> *mut u8 {
        self.0.base().wrapping_add(offset)
    }

    pub(crate) fn set(&self, offset: usize, bytes: &[u8]) {
        self.0.device().bytes[offset..][..bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn bytes(&self, offset: usize, length: usize) -> Vec<u8> {
        self.0.device().bytes[offset..][..length].to_vec()
    }

    /// What was accessed since the last call.
    pub(crate) fn log(&self) -> Vec<Entry> {
        std::mem::take(&mut self.0.device().log)
    }
}

/// A page of ordinary memory with a device right behind it.
pub(crate) struct Edge {
    pub(crate) device: Page,
}

impl Edge {
    pub(crate) fn new() -> Self {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // Another thread may take the addresses between the calls; then others will do.
        for _ in 0..100 {
            // SAFETY: A new mapping anywhere has no preconditions.
            let start = unsafe { libc::mmap(ptr::null_mut(), 3 * PAGE, protection, flags, -1, 0) };
            assert_ne!(start, libc::MAP_FAILED, "three pages can be mapped");
            let behind = start.wrapping_byte_add(PAGE);
            // SAFETY: The last two of the three pages are nobody else's, and unused.
            unsafe { libc::munmap(behind, 2 * PAGE) };
            if let Ok(region) = Bus::new().map_at(behind.addr(), 2 * PAGE, Memory::new(2 * PAGE)) {
                let _exposed = behind.expose_provenance();
                return Self { device: Page(region) };
            }
        }
        panic!("no address was free for long enough");
    }

    /// The address this many bytes before the device.
    pub(crate) fn before(&self, distance: usize) -> *mut u8 {
        self.device.0.base().wrapping_sub(distance)
    }

    /// Fills the memory that ends where the device begins.
    pub(crate) fn set_memory(&self, bytes: &[u8]) {
        // SAFETY: The page before the device is the test's own memory.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.before(bytes.len()), bytes.len()) };
    }

    /// The last bytes of memory before the device.
    pub(crate) fn memory<const N: usize>(&self) -> [u8; N] {
        // SAFETY: As above.
        unsafe { self.before(N).cast::<[u8; N]>().read() }
    }
}

/// Whether the processor has AVX-512 with byte masks; if not, says that the test was left out.
pub(crate) fn has_avx512(test: &str) -> bool {
    let has = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
    if !has {
        eprintln!("{test}: left out, the processor has no AVX-512");
    }
    has
}
