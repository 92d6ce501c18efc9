//! What can be at the other end of an I2C bus.

use std::{any::Any, time::Duration};

/// A device on an I2C bus. The time is the bus's virtual time.
///
/// The bus is that of "UM10204 I2C-bus specification and user manual" (NXP), section 3.1.
pub trait I2cTarget: Any + Send {
    /// The target was addressed after a START, for a read or for a write; whether it acknowledges.
    fn start(&mut self, read: bool, now: Duration) -> bool;

    /// The controller sends a byte; whether the target acknowledges it.
    fn write(&mut self, byte: u8, now: Duration) -> bool;

    /// The controller fetches a byte.
    fn read(&mut self, now: Duration) -> u8;

    /// A STOP.
    fn stop(&mut self, now: Duration) {
        let _ = now;
    }
}

/// A serial EEPROM of up to 256 bytes.
///
/// Follows "24AA02/24LC02B 2K I2C Serial EEPROM" (Microchip, DS21709): a word address of one byte, pages of 8 bytes in which
/// a write wraps round (section 6.2), sequential reads over the whole array (8.3), and a write cycle of 5 ms that begins
/// with the STOP, during which it does not acknowledge (section 7).
#[derive(Clone, Debug)]
pub struct I2cEeprom {
    bytes: Vec<u8>,
    address: usize,
    /// The first byte of a write is the word address.
    addressed: bool,
    /// What a write will change.
    page: Vec<(usize, u8)>,
    busy_until: Duration,
}

impl I2cEeprom {
    const PAGE: usize = 8;
    /// How long a write takes.
    pub const WRITE_CYCLE: Duration = Duration::from_millis(5);

    /// An EEPROM with this content.
    ///
    /// # Panics
    ///
    /// If it is not 1 to 256 bytes, or not whole pages of 8 bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let size = bytes.len();
        assert!(
            (1..=256).contains(&size) && size.is_multiple_of(Self::PAGE),
            "memtrap: an EEPROM of pages of 8 bytes, at most 256 bytes, cannot have {size}"
        );
        Self { bytes, address: 0, addressed: false, page: Vec::new(), busy_until: Duration::ZERO }
    }

    /// What it holds.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl I2cTarget for I2cEeprom {
    fn start(&mut self, _read: bool, now: Duration) -> bool {
        self.addressed = false;
        self.page.clear();
        now >= self.busy_until
    }

    fn write(&mut self, byte: u8, _now: Duration) -> bool {
        if self.addressed {
            self.page.push((self.address, byte));
            let page = self.address - self.address % Self::PAGE;
            self.address = page + (self.address + 1) % Self::PAGE;
        } else {
            self.address = usize::from(byte) % self.bytes.len();
            self.addressed = true;
        }
        true
    }

    fn read(&mut self, _now: Duration) -> u8 {
        let byte = self.bytes[self.address];
        self.address = (self.address + 1) % self.bytes.len();
        byte
    }

    fn stop(&mut self, now: Duration) {
        if !self.page.is_empty() {
            self.busy_until = now + Self::WRITE_CYCLE;
        }
        for (address, byte) in self.page.drain(..) {
            self.bytes[address] = byte;
        }
    }
}

/// A target that is a file of byte registers, as most sensors are: the first byte of a write selects a register, further
/// bytes are written from there on, and reads continue where the last access ended.
#[derive(Clone, Debug)]
pub struct I2cRegisters {
    registers: [u8; 256],
    selected: u8,
    addressed: bool,
}

impl Default for I2cRegisters {
    fn default() -> Self {
        Self::new()
    }
}

impl I2cRegisters {
    /// All registers are zero.
    #[must_use]
    pub fn new() -> Self {
        Self { registers: [0; 256], selected: 0, addressed: false }
    }

    /// Has registers hold `bytes`, from `first` on.
    #[must_use]
    pub fn with(mut self, first: u8, bytes: &[u8]) -> Self {
        self.set(first, bytes);
        self
    }

    /// Has registers hold `bytes`, from `first` on; behind the last register comes the first.
    pub fn set(&mut self, first: u8, bytes: &[u8]) {
        for (number, byte) in (0u8..=255).cycle().skip(usize::from(first)).zip(bytes) {
            self.registers[usize::from(number)] = *byte;
        }
    }

    /// What a register holds.
    #[must_use]
    pub fn get(&self, register: u8) -> u8 {
        self.registers[usize::from(register)]
    }
}

impl I2cTarget for I2cRegisters {
    fn start(&mut self, _read: bool, _now: Duration) -> bool {
        self.addressed = false;
        true
    }

    fn write(&mut self, byte: u8, _now: Duration) -> bool {
        if self.addressed {
            self.registers[usize::from(self.selected)] = byte;
            self.selected = self.selected.wrapping_add(1);
        } else {
            self.selected = byte;
            self.addressed = true;
        }
        true
    }

    fn read(&mut self, _now: Duration) -> u8 {
        let byte = self.registers[usize::from(self.selected)];
        self.selected = self.selected.wrapping_add(1);
        byte
    }
}
