//! Direct memory access: what a device model does with the driver's memory.

use super::{context::Context, ownership::Ownership};
use crate::{
    error::{BusError, DmaError},
    mmio::Window,
    trace::{Direction, EventKind},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The memory that devices on a bus can reach.
#[derive(Debug, Default)]
pub(super) struct Memory {
    shared: Mutex<Vec<Shared>>,
    pub(super) owned: Ownership,
}

/// Memory at an address of the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shared {
    /// Address of the first byte as devices see it.
    pub(super) bus_address: u64,
    pub(super) window: Window,
}

impl Memory {
    fn list(&self) -> MutexGuard<'_, Vec<Shared>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn share(&self, shared: Shared) {
        self.list().push(shared);
    }

    pub(super) fn withdraw(&self, window: Window) {
        self.list().retain(|shared| shared.window != window);
    }

    /// The window and the offset in it of `length` bytes at a bus address.
    fn find(&self, address: u64, length: usize) -> Result<(Window, usize), DmaError> {
        let list = self.list();
        let offset_in = |shared: &Shared, address: u64| {
            let offset = usize::try_from(address.checked_sub(shared.bus_address)?).ok()?;
            let rest = shared.window.size().checked_sub(offset)?;
            (length <= rest && (length > 0 || rest > 0)).then_some(offset)
        };
        if let Some(found) = list.iter().rev().find_map(|shared| Some((shared.window, offset_in(shared, address)?))) {
            return Ok(found);
        }
        // A driver for a 32-bit device may have dropped the high half of a host address.
        let cut = |shared: &&Shared| {
            let whole = shared.bus_address & !u64::from(u32::MAX) | address;
            (address <= u64::from(u32::MAX) && whole != address && offset_in(shared, whole).is_some()).then_some(whole)
        };
        Err(DmaError { address, length, cut_from: list.iter().find_map(|shared| cut(&shared)) })
    }
}

/// A device model's access to the driver's memory: checked, and recorded in the trace.
///
/// Addresses are those that the driver gives to the device. Reachable is the memory of [`Bus::ram`](super::Bus::ram),
/// [`Bus::ram_at`](super::Bus::ram_at) and [`Bus::share_memory`](super::Bus::share_memory).
#[derive(Debug)]
pub struct Dma<'a, 'b> {
    cx: &'a mut Context<'b>,
}

impl<'b> Context<'b> {
    /// Access to the memory that the driver shares with the device.
    pub fn dma(&mut self) -> Dma<'_, 'b> {
        Dma { cx: self }
    }
}

impl Dma<'_, '_> {
    /// Reads `into.len()` bytes at `address`.
    ///
    /// # Errors
    ///
    /// [`DmaError`] if they are not all in memory that devices can reach; nothing is read.
    pub fn read(&mut self, address: u64, into: &mut [u8]) -> Result<(), DmaError> {
        let (window, offset) = self.cx.bus.memory.find(address, into.len())?;
        self.cx.check_ownership(window, offset, into.len());
        window.read(offset, into);
        self.record(Direction::Read, address, into.len());
        Ok(())
    }

    /// Writes `bytes` at `address`.
    ///
    /// # Errors
    ///
    /// [`DmaError`] if they do not all fit in memory that devices can reach; nothing is written.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), DmaError> {
        let (window, offset) = self.cx.bus.memory.find(address, bytes.len())?;
        self.cx.check_ownership(window, offset, bytes.len());
        window.write(offset, bytes);
        self.cx.bus.memory.owned.written(window, offset, bytes);
        self.record(Direction::Write, address, bytes.len());
        Ok(())
    }

    /// Reads a little-endian value of `N` bytes at `address`, for use with `u32::from_le_bytes` and its like.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_array<const N: usize>(&mut self, address: u64) -> Result<[u8; N], DmaError> {
        let mut bytes = [0; N];
        self.read(address, &mut bytes)?;
        Ok(bytes)
    }

    /// Takes note that the driver has handed `length` bytes at `address` to the device, as it does with the buffer of a
    /// descriptor, until they are [released](Self::release). A driver that writes to them meanwhile fails its test: with the
    /// next transfer of any of them, and at the latest when they are released. So does one that hands over bytes that a
    /// device owns already.
    ///
    /// It is the bytes that are compared: a driver that only reads them, or that writes what is there already, is not
    /// noticed.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn own(&mut self, address: u64, length: usize) -> Result<(), DmaError> {
        let (window, offset) = self.cx.bus.memory.find(address, length)?;
        self.cx.take_ownership(window, offset, length);
        Ok(())
    }

    /// Gives the bytes at `address`, as many as were taken, back to the driver. Does nothing if the device owns none that
    /// begin there.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn release(&mut self, address: u64) -> Result<(), DmaError> {
        let (window, offset) = self.cx.bus.memory.find(address, 0)?;
        self.cx.release_ownership(window, offset);
        Ok(())
    }

    fn record(&self, direction: Direction, address: u64, length: usize) {
        self.cx.bus.record(self.cx.sequence(), self.cx.mapping.name(), EventKind::Dma { direction, address, length });
    }
}

impl From<DmaError> for BusError {
    fn from(error: DmaError) -> Self {
        Self::Dma(error)
    }
}
