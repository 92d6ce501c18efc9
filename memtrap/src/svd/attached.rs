//! A model on top of the stored registers of a peripheral.

use super::stored::{Registers, StoredRegisters};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// A device model in the place of a peripheral: what it does not answer, the peripheral's stored registers do.
pub struct Attached<D> {
    device: D,
    stored: StoredRegisters,
    /// Bytes between the start of the region and the peripheral's base address.
    skipped: usize,
    /// Whether the region begins before the base address.
    begins_before: bool,
}

impl<D: Device> Attached<D> {
    pub(super) fn new(device: D, stored: StoredRegisters, skipped: usize, begins_before: bool) -> Self {
        Self { device, stored, skipped, begins_before }
    }

    /// The stored registers below the model.
    pub fn stored(&mut self) -> Registers<'_> {
        self.stored.values()
    }

    /// Offset from the peripheral's base address.
    fn offset(&self, offset: usize) -> Option<usize> {
        if self.begins_before { offset.checked_sub(self.skipped) } else { Some(offset + self.skipped) }
    }
}

impl<D> Deref for Attached<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.device
    }
}

impl<D> DerefMut for Attached<D> {
    fn deref_mut(&mut self) -> &mut D {
        &mut self.device
    }
}

impl<D: Device> Device for Attached<D> {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match self.offset(access.offset).map(|offset| self.device.read(Access { offset, ..access }, cx)) {
            None | Some(Err(BusError::Unmapped)) => self.stored.read(access, cx),
            Some(answer) => answer,
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match self.offset(access.offset).map(|offset| self.device.write(Access { offset, ..access }, value, cx)) {
            None | Some(Err(BusError::Unmapped)) => self.stored.write(access, value, cx),
            Some(answer) => answer,
        }
    }

    fn peek(&self, offset: usize, width: Width) -> Option<u64> {
        let own = self.offset(offset).and_then(|offset| self.device.peek(offset, width));
        own.or_else(|| self.stored.peek(offset, width))
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        self.device.event(event, cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        self.device.reset(cx);
        self.stored.reset(cx);
    }

    fn bus_width(&self) -> Width {
        self.device.bus_width().min(self.stored.bus_width())
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Device::registers(&self.stored)
    }
}

impl<D: fmt::Debug> fmt::Debug for Attached<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("device", &self.device).field("stored", &self.stored).finish()
    }
}
