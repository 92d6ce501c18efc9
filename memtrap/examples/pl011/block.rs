//! The registers of a PL011, declared once: for drivers, for the simulation, and for the trace.

use memtrap::simulated;

/// Arm PrimeCell UART (PL011), revision r1p5.
///
/// Offsets, widths and reset values: Arm DDI 0183G, section 3.2, table 3-1.
#[simulated(size = 0x1000, width = 32)]
pub struct Pl011 {
    /// Data: a write enters the transmit FIFO, a read takes from the receive FIFO (3.3.1).
    #[reg(0x000, rw)]
    pub dr: u32,
    /// Receive status; a write clears the errors (3.3.2).
    #[reg(0x004, rw)]
    pub rsr_ecr: u32,
    /// Flags (3.3.3).
    #[reg(0x018, ro, reset = 0x90)]
    pub fr: u32,
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
    pub lcr_h: u32,
    /// Control (3.3.8).
    #[reg(0x030, rw, reset = 0x300)]
    pub cr: u32,
    /// FIFO levels that raise interrupts (3.3.9).
    #[reg(0x034, rw, reset = 0x12)]
    pub ifls: u32,
    /// Interrupt mask (3.3.10).
    #[reg(0x038, rw)]
    pub imsc: u32,
    /// Raw interrupt status (3.3.11).
    #[reg(0x03c, ro)]
    pub ris: u32,
    /// Masked interrupt status (3.3.12).
    #[reg(0x040, ro)]
    pub mis: u32,
    /// Interrupt clear (3.3.13).
    #[reg(0x044, wo)]
    pub icr: u32,
    /// DMA control (3.3.14).
    #[reg(0x048, rw)]
    pub dmacr: u32,
    /// Peripheral identification, bits 7 to 0: part number (3.3.15).
    #[reg(0xfe0, ro, reset = 0x11)]
    pub periph_id0: u32,
    /// Peripheral identification, bits 15 to 8: designer, part number (3.3.15).
    #[reg(0xfe4, ro, reset = 0x10)]
    pub periph_id1: u32,
    /// Peripheral identification, bits 23 to 16: revision, designer (3.3.15).
    #[reg(0xfe8, ro, reset = 0x34)]
    pub periph_id2: u32,
    /// Peripheral identification, bits 31 to 24: configuration (3.3.15).
    #[reg(0xfec, ro, reset = 0x00)]
    pub periph_id3: u32,
    /// PrimeCell identification, bits 7 to 0 (3.3.16).
    #[reg(0xff0, ro, reset = 0x0d)]
    pub pcell_id0: u32,
    /// PrimeCell identification, bits 15 to 8 (3.3.16).
    #[reg(0xff4, ro, reset = 0xf0)]
    pub pcell_id1: u32,
    /// PrimeCell identification, bits 23 to 16 (3.3.16).
    #[reg(0xff8, ro, reset = 0x05)]
    pub pcell_id2: u32,
    /// PrimeCell identification, bits 31 to 24 (3.3.16).
    #[reg(0xffc, ro, reset = 0xb1)]
    pub pcell_id3: u32,
}

/// Bits of the flag register `fr` (Arm DDI 0183G, 3.3.3).
pub mod flags {
    /// The transmit FIFO is empty.
    pub const TXFE: u32 = 1 << 7;
    /// The receive FIFO is full.
    pub const RXFF: u32 = 1 << 6;
    /// The transmit FIFO is full.
    pub const TXFF: u32 = 1 << 5;
    /// The receive FIFO is empty.
    pub const RXFE: u32 = 1 << 4;
    /// Data is being sent or waits to be sent.
    pub const BUSY: u32 = 1 << 3;
}

/// Bits of the line control register `lcr_h` (Arm DDI 0183G, 3.3.7).
pub mod line {
    /// Words of 8 bits.
    pub const WLEN_8: u32 = 0b11 << 5;
    /// The FIFOs are enabled.
    pub const FEN: u32 = 1 << 4;
}

/// Bits of the control register `cr` (Arm DDI 0183G, 3.3.8).
pub mod control {
    /// The receiver is enabled.
    pub const RXE: u32 = 1 << 9;
    /// The transmitter is enabled.
    pub const TXE: u32 = 1 << 8;
    /// The UART is enabled.
    pub const UARTEN: u32 = 1 << 0;
}
