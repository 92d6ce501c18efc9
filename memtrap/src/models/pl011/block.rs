//! The registers of a PL011, declared once: for drivers, for the simulation, and for the trace.

use crate::{FieldEnum, register, simulated};

/// Arm PrimeCell UART (PL011), revision r1p5.
///
/// Offsets, widths and reset values: Arm DDI 0183G, section 3.2, table 3-1.
#[simulated(size = 0x1000, width = 32, crate = crate)]
pub struct Pl011 {
    /// Data: a write enters the transmit FIFO, a read takes from the receive FIFO (3.3.1).
    #[reg(0x000, rw, read = pop, write = push)]
    pub dr: Data,
    /// Receive status; a write clears the errors (3.3.2).
    #[reg(0x004, rw, write = wc)]
    pub rsr_ecr: u32,
    /// Flags (3.3.3).
    #[reg(0x018, ro, reset = 0x90)]
    pub fr: Flags,
    /// IrDA low-power counter (3.3.4).
    #[reg(0x020, rw)]
    pub ilpr: u32,
    /// Integer part of the baud rate divisor (3.3.5).
    #[reg(0x024, rw)]
    pub ibrd: u32,
    /// Fractional part of the baud rate divisor, in 64ths (3.3.6).
    #[reg(0x028, rw)]
    pub fbrd: u32,
    /// Line control (3.3.7).
    #[reg(0x02c, rw)]
    pub lcr_h: LineControl,
    /// Control (3.3.8).
    #[reg(0x030, rw, reset = 0x300)]
    pub cr: Control,
    /// FIFO levels that raise interrupts (3.3.9).
    #[reg(0x034, rw, reset = 0x12)]
    pub ifls: FifoLevels,
    /// Interrupt mask (3.3.10).
    #[reg(0x038, rw)]
    pub imsc: Interrupts,
    /// Raw interrupt status (3.3.11).
    #[reg(0x03c, ro)]
    pub ris: Interrupts,
    /// Masked interrupt status: what is left of the raw one (3.3.12).
    #[reg(0x040, ro, value = ris & imsc)]
    pub mis: Interrupts,
    /// Interrupt clear: a second window on the raw status (3.3.13).
    #[reg(0x044, wo, write = w1c, state = ris)]
    pub icr: Interrupts,
    /// DMA control (3.3.14).
    #[reg(0x048, rw)]
    pub dmacr: u32,
    /// Peripheral identification: part number, designer, revision, configuration, a byte in each register (3.3.15).
    #[reg(0xfe0, ro, constant = [0x11, 0x10, 0x34, 0x00])]
    pub periph_id: [u32; 4],
    /// PrimeCell identification, a byte in each register (3.3.16).
    #[reg(0xff0, ro, constant = [0x0d, 0xf0, 0x05, 0xb1])]
    pub pcell_id: [u32; 4],
}

/// Data (Arm DDI 0183G, 3.3.1).
#[register(u32, crate = crate)]
pub struct Data {
    /// The byte.
    #[bits(0..=7)]
    pub data: u8,
    /// The stop bit was missing.
    #[bits(8)]
    pub framing_error: bool,
    /// The parity was wrong.
    #[bits(9)]
    pub parity_error: bool,
    /// The line was held low for longer than a byte.
    #[bits(10)]
    pub break_error: bool,
    /// A byte was lost, because the FIFO was full.
    #[bits(11)]
    pub overrun_error: bool,
}

/// Flags (Arm DDI 0183G, 3.3.3).
#[register(u32, crate = crate)]
pub struct Flags {
    /// Data is being sent or waits to be sent.
    #[bits(3)]
    pub busy: bool,
    /// The receive FIFO is empty.
    #[bits(4)]
    pub rx_empty: bool,
    /// The transmit FIFO is full.
    #[bits(5)]
    pub tx_full: bool,
    /// The receive FIFO is full.
    #[bits(6)]
    pub rx_full: bool,
    /// The transmit FIFO is empty.
    #[bits(7)]
    pub tx_empty: bool,
}

/// Line control (Arm DDI 0183G, 3.3.7).
#[register(u32, crate = crate)]
pub struct LineControl {
    /// Sends a break.
    #[bits(0)]
    pub send_break: bool,
    /// Sends and checks a parity bit.
    #[bits(1)]
    pub parity: bool,
    /// The parity is even.
    #[bits(2)]
    pub even_parity: bool,
    /// Sends two stop bits.
    #[bits(3)]
    pub two_stop_bits: bool,
    /// The FIFOs are enabled.
    #[bits(4)]
    pub fifos: bool,
    /// Bits of a word, less five.
    #[bits(5..=6)]
    pub word_length: u8,
    /// The parity bit is fixed.
    #[bits(7)]
    pub stick_parity: bool,
}

/// Control (Arm DDI 0183G, 3.3.8).
#[register(u32, crate = crate)]
pub struct Control {
    /// The UART is enabled.
    #[bits(0)]
    pub uart: bool,
    /// What is sent is received.
    #[bits(7)]
    pub loopback: bool,
    /// The transmitter is enabled.
    #[bits(8)]
    pub transmit: bool,
    /// The receiver is enabled.
    #[bits(9)]
    pub receive: bool,
}

/// FIFO levels that raise interrupts (Arm DDI 0183G, 3.3.9).
#[register(u32, crate = crate)]
pub struct FifoLevels {
    /// The transmit FIFO has no more than this.
    #[bits(0..=2)]
    pub transmit: FifoLevel,
    /// The receive FIFO has at least this.
    #[bits(3..=5)]
    pub receive: FifoLevel,
}

/// A part of a FIFO (Arm DDI 0183G, 3.3.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[field_enum(crate = crate)]
#[repr(u8)]
pub enum FifoLevel {
    /// One eighth.
    Eighth = 0,
    /// One quarter.
    Quarter = 1,
    /// One half.
    Half = 2,
    /// Three quarters.
    ThreeQuarters = 3,
    /// Seven eighths.
    SevenEighths = 4,
    /// Not defined.
    #[other]
    Reserved(u8),
}

impl FifoLevel {
    /// How many characters of a FIFO of `depth` characters that is. One that is not defined is taken for the level after
    /// reset, a half.
    #[must_use]
    pub const fn of(self, depth: usize) -> usize {
        let eighths = match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::Half | Self::Reserved(_) => 4,
            Self::ThreeQuarters => 6,
            Self::SevenEighths => 7,
        };
        depth * eighths / 8
    }
}

/// Interrupts: status, mask and clear (Arm DDI 0183G, 3.3.10 to 3.3.13).
#[register(u32, crate = crate)]
pub struct Interrupts {
    /// The receive FIFO has reached its level.
    #[bits(4)]
    pub receive: bool,
    /// The transmit FIFO has reached its level.
    #[bits(5)]
    pub transmit: bool,
    /// The receive FIFO holds data that nobody fetches.
    #[bits(6)]
    pub receive_timeout: bool,
    /// A stop bit was missing.
    #[bits(7)]
    pub framing_error: bool,
    /// A parity was wrong.
    #[bits(8)]
    pub parity_error: bool,
    /// The line was held low.
    #[bits(9)]
    pub break_error: bool,
    /// A byte was lost.
    #[bits(10)]
    pub overrun_error: bool,
}
