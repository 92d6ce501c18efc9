//! The untyped device model.

use super::{Access, Context, shape::Shape};
use crate::{
    error::BusError,
    map::{RegisterMap, Width},
};
use std::any::Any;

/// A device model: answers the reads and writes of one region by offset and width.
///
/// Methods run in ordinary context on the driver's thread and stack: they may allocate, lock, print and access other
/// devices. The region is locked while one of them runs; an access to the same region from inside is
/// [`BusError::Reentered`].
pub trait Device: Any + Send {
    /// Answers a read. The bits above [`access.width`](Access::width) are ignored.
    ///
    /// # Errors
    ///
    /// Any [`BusError`] if the device does not answer this access; the driver's test then fails with a report.
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError>;

    /// Carries out a write. The bits of `value` above [`access.width`](Access::width) are zero.
    ///
    /// # Errors
    ///
    /// Any [`BusError`] if the device does not accept this access; the driver's test then fails with a report.
    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError>;

    /// The value a read of `width` at `offset` (in bytes) would return, without its side effects; `None` if unknown.
    /// For reports and dumps.
    fn peek(&self, offset: usize, width: Width) -> Option<u64> {
        let _ = (offset, width);
        None
    }

    /// What a report says of the model's state; `None` if nothing. For a model that is [`Debug`](std::fmt::Debug),
    /// `Some(format!("{self:?}"))`.
    fn describe(&self) -> Option<String> {
        None
    }

    /// An event that the model has scheduled with [`Context::after`] or [`Context::every`] is due.
    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        let _ = (event, cx);
    }

    /// Returns the device to its state after reset.
    fn reset(&mut self, cx: &mut Context<'_>) {
        let _ = cx;
    }

    /// The widest access the device's bus transfers; wider ones are split. 8 bytes unless overridden.
    fn bus_width(&self) -> Width {
        self.registers().map_or(Width::U64, |map| map.width)
    }

    /// Names and offsets of the device's registers, for the trace and for reports.
    fn registers(&self) -> Option<&'static RegisterMap> {
        None
    }

    /// The fields that conditions of the block name, as bits: which of the registers at one offset an access reaches.
    #[doc(hidden)]
    #[inline(always)]
    fn bank(&self) -> u8 {
        0
    }

    /// The register that an access is of, if nothing else is to be known for it to be read or written.
    #[doc(hidden)]
    #[inline(always)]
    fn simple_register(&self, offset: usize, shape: Shape) -> Option<usize> {
        let _ = (offset, shape);
        None
    }

    /// Reads a register that [`simple_register`](Self::simple_register) has returned.
    #[doc(hidden)]
    fn read_simple(&mut self, register: usize, cx: &mut Context<'_>) -> u64 {
        let _ = (register, cx);
        unreachable!("this device names no registers")
    }

    /// Writes a register that [`simple_register`](Self::simple_register) has returned.
    #[doc(hidden)]
    fn write_simple(&mut self, register: usize, value: u64, cx: &mut Context<'_>) {
        let _ = (register, value, cx);
        unreachable!("this device names no registers")
    }
}
