//! A block under every lint of a strict user: expanded code causes no warning.

use memtrap::{FieldEnum, RegisterValue, register, simulated};

/// Flags of the UART.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    /// Whether the transmitter is idle.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        self.0 & 0x80 != 0
    }
}

impl RegisterValue for Flags {
    type Bits = u32;

    fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    fn into_bits(self) -> u32 {
        self.0
    }
}

/// What the UART does with parity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[repr(u8)]
pub enum Parity {
    /// No parity bit.
    None = 0,
    /// An odd number of ones.
    Odd = 1,
    /// Values without a meaning.
    #[other]
    Reserved(u8),
}

#[register(u16)]
pub struct LineControl {
    /// Sends a break.
    #[bits(0)]
    pub send_break: bool,
    #[bits(1..=3)]
    pub parity: Parity,
    #[bits(4..=15, ro)]
    divider: u16,
}

/// A small UART.
#[simulated(size = 0x1000, width = 32)]
pub struct Uart {
    /// Data.
    #[reg(0x000, rw)]
    pub data: u32,
    #[reg(0x018, ro, reset = 0x80)]
    pub flags: Flags,
    #[reg(0x020, wo)]
    pub clear: u16,
    #[reg(0x024, rw, reset = 0x10)]
    pub line_control: LineControl,
    #[reg(0x030, rw, read = pop, write = push)]
    pub fifo: u32,
    #[reg(0x034, ro, value = data & 0xff)]
    pub low: u32,
    #[reg(0x038, ro, constant = 0x11)]
    pub id: u32,
    #[reg(0x03c, wo, write = w1c, state = data)]
    pub acknowledge: u32,
    #[reg(0x100, rw, stride = 8, reset = 0x12)]
    pub channel: [u32; 4],
    #[reg(0x200, rw)]
    scratch: [Flags; 2],
}

/// Sends a byte.
pub fn put(uart: &mut Uart, byte: u8) {
    while !uart.shared().flags().read().is_idle() {}
    uart.data().write(u32::from(byte));
    uart.line_control().modify(|line| line.with_send_break(false).with_parity(Parity::Odd));
    uart.scratch().at(0).modify(|flags| Flags(flags.0 | 1));
}

/// A private block that nobody uses yet.
mod unused {
    #[memtrap::simulated(size = 0x10)]
    struct Timer {
        #[reg(0x0, rw)]
        count: u32,
    }
}
