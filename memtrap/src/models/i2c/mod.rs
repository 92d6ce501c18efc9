//! The OpenCores I2C controller.

mod registers;
mod target;
#[cfg(test)]
mod tests;

pub use target::{I2cEeprom, I2cRegisters, I2cTarget};

use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};
use registers::{cr, ctr, register, sr};
use std::{any::Any, collections::BTreeMap, fmt, time::Duration};

/// The event of the model: the command is carried out.
const DONE: u64 = 0;

/// What the controller is doing on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between STOP and START.
    Idle,
    /// After START: the next byte is an address.
    Addressing,
    /// A target, or nobody, was addressed.
    Transfer(Option<u8>),
}

/// The OpenCores I2C controller with targets, for the drivers of many systems on FPGAs (Linux calls it `i2c-ocores`).
///
/// Follows "I2C-Master Core Specification", revision 0.9 (OpenCores, Richard Herveille), section 3, whose register names it
/// uses. A byte takes nine periods of the divided clock. Arbitration is not modelled: there is no other controller.
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
pub struct I2cController {
    stride: Width,
    clock: u32,
    line: Option<u32>,
    targets: BTreeMap<u8, Box<dyn I2cTarget>>,
    prescale: u16,
    control: u8,
    transmit: u8,
    receive: u8,
    /// The command that is being carried out.
    command: u8,
    phase: Phase,
    nack: bool,
    flag: bool,
}

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
        Self {
            stride: Width::U8,
            clock: Self::CLOCK,
            line: None,
            targets: BTreeMap::new(),
            prescale: 0xffff,
            control: 0,
            transmit: 0,
            receive: 0,
            command: 0,
            phase: Phase::Idle,
            nack: false,
            flag: false,
        }
    }

    /// Registers that start this far apart: 1 byte or 4.
    ///
    /// # Panics
    ///
    /// If it is another width.
    #[must_use]
    pub fn with_stride(self, stride: Width) -> Self {
        assert!(
            matches!(stride, Width::U8 | Width::U32),
            "memtrap: the registers of this controller are 1 or 4 bytes apart, not {}",
            stride.bytes()
        );
        Self { stride, ..self }
    }

    /// The bus's interrupt line that the interrupt output drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { line: Some(line), ..self }
    }

    /// Another frequency of the bus clock, in hertz.
    #[must_use]
    pub fn with_clock(self, hertz: u32) -> Self {
        Self { clock: hertz, ..self }
    }

    /// Attaches a target at an address of 7 bits; another one that was there goes.
    ///
    /// # Panics
    ///
    /// If the address has more than 7 bits.
    #[must_use]
    pub fn with_target(mut self, address: u8, target: impl I2cTarget) -> Self {
        assert!(address < 0x80, "memtrap: {address:#x} is not an address of 7 bits");
        self.targets.insert(address, Box::new(target));
        self
    }

    /// The target at an address, if it is a `T`.
    #[must_use]
    pub fn target<T: I2cTarget>(&mut self, address: u8) -> Option<&mut T> {
        let target: &mut dyn Any = &mut **self.targets.get_mut(&address)?;
        target.downcast_mut()
    }

    /// Size of the register block in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        5 * self.stride.bytes()
    }

    /// A period of SCL: five times the prescaler plus one (3.2.1).
    fn period(&self) -> Duration {
        let cycles = 5 * (u64::from(self.prescale) + 1);
        Duration::from_nanos(cycles * 1_000_000_000 / u64::from(self.clock.max(1)))
    }

    fn is_busy(&self) -> bool {
        self.command != 0
    }

    fn issue(&mut self, command: u8, cx: &mut Context<'_>) {
        if command & cr::IACK != 0 {
            self.flag = false;
        }
        let command = command & (cr::STA | cr::STO | cr::RD | cr::WR | cr::NACK);
        if command & !cr::NACK == 0 {
            return;
        }
        if self.control & ctr::EN == 0 {
            cx.note("the command is lost: the controller is not enabled");
            return;
        }
        if self.is_busy() {
            cx.fail("the driver has issued a command while another is being carried out: SR.TIP says when it is done");
            return;
        }
        self.command = command;
        let bits = if command & (cr::RD | cr::WR) != 0 { 9 } else { 1 };
        cx.after(self.period() * bits, DONE);
    }

    fn carry_out(&mut self, cx: &mut Context<'_>) {
        let command = std::mem::take(&mut self.command);
        let now = cx.now();
        if command & cr::STA != 0 {
            self.phase = Phase::Addressing;
        }
        if command & cr::WR != 0 {
            let byte = self.transmit;
            self.nack = match self.phase {
                Phase::Addressing => {
                    let address = byte >> 1;
                    let acknowledged =
                        self.targets.get_mut(&address).is_some_and(|target| target.start(byte & 1 != 0, now));
                    self.phase = Phase::Transfer(acknowledged.then_some(address));
                    !acknowledged
                }
                Phase::Transfer(Some(address)) => {
                    !self.targets.get_mut(&address).is_some_and(|target| target.write(byte, now))
                }
                Phase::Transfer(None) | Phase::Idle => true,
            };
        } else if command & cr::RD != 0 {
            self.receive = match self.phase {
                Phase::Transfer(Some(address)) => {
                    self.targets.get_mut(&address).map_or(0xff, |target| target.read(now))
                }
                // Nobody drives the line.
                _ => 0xff,
            };
            self.nack = command & cr::NACK != 0;
        }
        if command & cr::STO != 0 {
            if let Phase::Transfer(Some(address)) = self.phase
                && let Some(target) = self.targets.get_mut(&address)
            {
                target.stop(now);
            }
            self.phase = Phase::Idle;
        }
        self.flag = true;
    }

    fn sr(&self) -> u8 {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        bit(self.nack, sr::RX_NACK)
            | bit(self.phase != Phase::Idle, sr::BUSY)
            | bit(self.is_busy(), sr::TIP)
            | bit(self.flag, sr::IF)
    }

    fn drive_interrupt(&self, cx: &mut Context<'_>) {
        if let Some(line) = self.line {
            if self.flag && self.control & ctr::IEN != 0 { cx.raise(line) } else { cx.lower(line) }
        }
    }

    fn register(&self, access: Access) -> Result<usize, BusError> {
        if !access.offset.is_multiple_of(self.stride.bytes()) {
            return Err(BusError::Unmapped);
        }
        Ok(access.offset / self.stride.bytes())
    }

    fn value(&self, register: usize) -> Option<u8> {
        let [low, high] = self.prescale.to_le_bytes();
        Some(match register {
            register::PRER_LOW => low,
            register::PRER_HIGH => high,
            register::CTR => self.control,
            register::TXR_RXR => self.receive,
            register::CR_SR => self.sr(),
            _ => return None,
        })
    }
}

impl Device for I2cController {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        let register = self.register(access)?;
        self.value(register).map(u64::from).ok_or(BusError::Unmapped)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let [value, ..] = value.to_le_bytes();
        let [low, high] = self.prescale.to_le_bytes();
        match self.register(access)? {
            // The prescaler may be changed only while the controller is off (3.2.1).
            register::PRER_LOW | register::PRER_HIGH if self.control & ctr::EN != 0 => {
                cx.note("the prescaler is not changed: the controller is enabled");
            }
            register::PRER_LOW => self.prescale = u16::from_le_bytes([value, high]),
            register::PRER_HIGH => self.prescale = u16::from_le_bytes([low, value]),
            register::CTR => self.control = value & (ctr::EN | ctr::IEN),
            register::TXR_RXR => self.transmit = value,
            register::CR_SR => self.issue(value, cx),
            _ => return Err(BusError::Unmapped),
        }
        self.drive_interrupt(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        self.value(offset / self.stride.bytes()).map(u64::from)
    }

    fn event(&mut self, _event: u64, cx: &mut Context<'_>) {
        self.carry_out(cx);
        self.drive_interrupt(cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        cx.cancel(DONE);
        let targets = std::mem::take(&mut self.targets);
        *self = Self { stride: self.stride, clock: self.clock, line: self.line, targets, ..Self::new() };
        self.drive_interrupt(cx);
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(registers::map(self.stride))
    }
}

impl fmt::Debug for I2cController {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("I2cController")
            .field("phase", &self.phase)
            .field("busy", &self.is_busy())
            .field("not_acknowledged", &self.nack)
            .field("targets", &self.targets.keys())
            .finish_non_exhaustive()
    }
}
