//! The OpenCores I2C controller.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
pub mod block;
mod controller;
mod target;
#[cfg(test)]
mod tests;

pub use target::{I2cEeprom, I2cRegisters, I2cTarget};

use super::{device_by::device_by, output::Output, strided::Strided};
use crate::map::Width;
use controller::Controller;
use std::any::Any;

/// The OpenCores I2C controller with targets, for the drivers of many systems on FPGAs (Linux calls it `i2c-ocores`).
///
/// Follows "I2C-Master Core Specification", revision 0.9 (OpenCores, Richard Herveille), section 3, whose register names it
/// uses. A byte takes nine periods of the divided clock. Arbitration is not modelled: there is no other controller.
///
/// The registers are those of [`block::I2c`].
///
/// ```
/// use memtrap::{Bus, Width, models::{I2cController, I2cEeprom, I2cRegisters}};
///
/// let i2c = I2cController::new()
///     .with_stride(Width::U32)
///     .with_target(0x50, I2cEeprom::new(vec![0xff; 256]))
///     .with_target(0x48, I2cRegisters::new().with(0x00, &[0x19, 0x80])); // a thermometer at 25.5 degrees
/// let bus = Bus::new();
/// let region = bus.map(i2c.size(), i2c)?;
/// # let _ = region;
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Debug)]
pub struct I2cController {
    registers: Strided<block::I2c, Controller>,
}

device_by!(I2cController, registers);

impl Default for I2cController {
    fn default() -> Self {
        Self::new()
    }
}

impl I2cController {
    /// Frequency of the bus clock unless set, in hertz.
    pub const CLOCK: u32 = 50_000_000;

    /// A controller after reset, with registers next to each other, no targets, and nothing on its interrupt output.
    #[must_use]
    pub fn new() -> Self {
        Self { registers: Strided::new(Controller::new(Self::CLOCK)) }
    }

    /// Registers that start this far apart. They answer to accesses of up to this width, of which the low byte counts.
    #[must_use]
    pub fn with_stride(mut self, stride: Width) -> Self {
        self.registers.stride = stride;
        self
    }

    /// The bus's interrupt line that the interrupt output drives.
    #[must_use]
    pub fn with_interrupt(mut self, line: u32) -> Self {
        self.registers.file.model.output = Output::to(line);
        self
    }

    /// Another frequency of the bus clock, in hertz.
    #[must_use]
    pub fn with_clock(mut self, hertz: u32) -> Self {
        self.registers.file.model.clock = hertz;
        self
    }

    /// Attaches a target at an address of 7 bits; another one that was there goes.
    ///
    /// # Panics
    ///
    /// If the address has more than 7 bits.
    #[must_use]
    pub fn with_target(mut self, address: u8, target: impl I2cTarget) -> Self {
        assert!(address < 0x80, "memtrap: {address:#x} is not an address of 7 bits");
        self.registers.file.model.targets.insert(address, Box::new(target));
        self
    }

    /// The target at an address, if it is a `T`.
    #[must_use]
    pub fn target<T: I2cTarget>(&mut self, address: u8) -> Option<&mut T> {
        let target: &mut dyn Any = &mut **self.registers.file.model.targets.get_mut(&address)?;
        target.downcast_mut()
    }

    /// Size of the register block in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.registers.size()
    }
}
