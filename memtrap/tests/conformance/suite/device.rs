//! The simulated devices: bytes that remember how they were accessed.

use crate::suite::arena::{Arena, FIRST_DEVICE, SECOND_DEVICE};
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::{
    arch::asm,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

/// One access that reached a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) write: bool,
    pub(crate) address: u64,
    pub(crate) size: usize,
    pub(crate) read_modify_write: bool,
    pub(crate) locked: bool,
    /// Whether the model was called with the rounding, exception masks and flags that Rust code relies on.
    pub(crate) clean: bool,
}

type Log = Arc<Mutex<Vec<Entry>>>;

struct Bytes {
    start: u64,
    bytes: Vec<u8>,
    log: Log,
}

impl Bytes {
    fn note(&self, access: Access, write: bool) {
        let entry = Entry {
            write,
            address: self.start + access.offset as u64,
            size: access.width.bytes(),
            read_modify_write: access.read_modify_write,
            locked: access.locked,
            clean: environment_is_clean(),
        };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

impl Device for Bytes {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.note(access, false);
        let mut value = [0; 8];
        let size = access.width.bytes();
        value[..size].copy_from_slice(&self.bytes[access.offset..][..size]);
        Ok(u64::from_le_bytes(value))
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.note(access, true);
        let size = access.width.bytes();
        self.bytes[access.offset..][..size].copy_from_slice(&value.to_le_bytes()[..size]);
        Ok(())
    }
}

/// Whether the direction and alignment flags are clear and floating point is as a Rust program expects it.
fn environment_is_clean() -> bool {
    let (mut mxcsr, mut control, flags): (u32, u16, u64);
    mxcsr = 0;
    control = 0;
    // SAFETY: stores MXCSR to a variable.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack, preserves_flags)) };
    // SAFETY: stores the x87 control word to a variable.
    unsafe { asm!("fnstcw [{}]", in(reg) &raw mut control, options(nostack, preserves_flags)) };
    // SAFETY: reads the flags by way of the stack.
    unsafe { asm!("pushfq", "pop {}", out(reg) flags, options(preserves_flags)) };
    let unwanted = crate::suite::state::flags::DIRECTION | crate::suite::state::flags::ALIGNMENT;
    mxcsr & 0xffc0 == 0x1f80 && control == 0x37f && flags & unwanted == 0
}

/// The devices of one arena.
pub(crate) struct Devices {
    regions: [(Range<usize>, Region<Bytes>); 2],
    bus: Bus,
    log: Log,
}

impl Devices {
    /// Maps the devices into the window of `arena`.
    pub(crate) fn map(arena: Arena) -> Result<Self, memtrap::MapError> {
        let (bus, log) = (Bus::new(), Log::default());
        let region = |range: Range<usize>| {
            let start = arena.window() + range.start as u64;
            let device = Bytes { start, bytes: vec![0; range.len()], log: Arc::clone(&log) };
            Ok((range.clone(), bus.map_at(start as usize, range.len(), device)?))
        };
        let regions = [region(FIRST_DEVICE)?, region(SECOND_DEVICE)?];
        Ok(Self { regions, bus, log })
    }

    /// Gives the devices their contents out of those of the whole window, and forgets what happened.
    pub(crate) fn fill(&self, window: &[u8]) {
        for (range, region) in &self.regions {
            region.device().bytes.copy_from_slice(&window[range.clone()]);
        }
        self.bus.clear_trace();
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Copies the devices' contents to where they belong in the window; returns what was accessed, in order.
    pub(crate) fn collect(&self, window: &mut [u8]) -> Vec<Entry> {
        for (range, region) in &self.regions {
            window[range.clone()].copy_from_slice(&region.device().bytes);
        }
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether an address belongs to a device of `arena`.
pub(crate) fn in_device(arena: Arena, address: u64) -> bool {
    let offset = address.wrapping_sub(arena.window());
    usize::try_from(offset).is_ok_and(|offset| FIRST_DEVICE.contains(&offset) || SECOND_DEVICE.contains(&offset))
}
