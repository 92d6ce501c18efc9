//! The registers of a PL022, declared once: for drivers, for the simulation, and for the trace.

use crate::{FieldEnum, register, simulated};

/// Arm PrimeCell synchronous serial port (PL022), revision r1p4.
///
/// Offsets, widths and reset values: Arm DDI 0194G, table 3-1. The registers have 16 bits at most, on a bus of 32.
#[simulated(size = 0x1000, width = 32, crate = crate)]
pub struct Pl022 {
    /// SSPCR0: format and rate of frames (3.3.1).
    #[reg(0x000, rw, width = 16 | 32)]
    pub cr0: FrameControl,
    /// SSPCR1: what the port is to do (3.3.2).
    #[reg(0x004, rw, width = 16 | 32)]
    pub cr1: PortControl,
    /// SSPDR: a write enters the transmit FIFO, a read takes from the receive FIFO (3.3.3).
    #[reg(0x008, rw, width = 8 | 16 | 32, read = pop, write = push)]
    pub dr: u32,
    /// SSPSR (3.3.4).
    #[reg(0x00c, ro, width = 16 | 32, reset = 0x3)]
    pub sr: Status,
    /// SSPCPSR: the even number from 2 to 254 that the clock is divided by first (3.3.5).
    #[reg(0x010, rw, width = 16 | 32)]
    pub cpsr: Prescaler,
    /// SSPIMSC: interrupts that are not masked (3.3.6).
    #[reg(0x014, rw, width = 16 | 32)]
    pub imsc: Interrupts,
    /// SSPRIS: raw interrupt status (3.3.7).
    #[reg(0x018, ro, width = 16 | 32, reset = 0x8)]
    pub ris: Interrupts,
    /// SSPMIS: what is left of the raw status (3.3.8).
    #[reg(0x01c, ro, width = 16 | 32, value = ris & imsc)]
    pub mis: Interrupts,
    /// SSPICR: a second window on the raw status (3.3.9).
    #[reg(0x020, wo, width = 16 | 32, write = w1c, state = ris)]
    pub icr: Interrupts,
    /// SSPDMACR (3.3.10).
    #[reg(0x024, rw, width = 16 | 32)]
    pub dmacr: DmaControl,
    /// SSPPeriphID0 to 3: part number, designer, revision, configuration, a byte in each register (3.3.11).
    #[reg(0xfe0, ro, width = 16 | 32, constant = [0x22, 0x10, 0x34, 0x00])]
    pub periph_id: [u32; 4],
    /// SSPPCellID0 to 3, a byte in each register (3.3.12).
    #[reg(0xff0, ro, width = 16 | 32, constant = [0x0d, 0xf0, 0x05, 0xb1])]
    pub pcell_id: [u32; 4],
}

/// SSPCR0 (Arm DDI 0194G, 3.3.1).
#[register(u32, crate = crate)]
pub struct FrameControl {
    /// DSS: bits of a frame, less one; below 3 is reserved.
    #[bits(0..=3)]
    pub data_size: u8,
    /// FRF: the format of frames.
    #[bits(4..=5)]
    pub format: FrameFormat,
    /// SPO: polarity of the clock.
    #[bits(6)]
    pub clock_polarity: bool,
    /// SPH: phase of the clock.
    #[bits(7)]
    pub clock_phase: bool,
    /// SCR: what the clock is divided by, less one, behind the prescaler.
    #[bits(8..=15)]
    pub clock_rate: u8,
    /// Reserved.
    #[bits(16..=31, ro)]
    pub reserved: u16,
}

/// The format of frames (Arm DDI 0194G, 3.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[field_enum(crate = crate)]
#[repr(u8)]
pub enum FrameFormat {
    /// Motorola SPI.
    Spi = 0,
    /// TI synchronous serial.
    Ti = 1,
    /// National Microwire.
    Microwire = 2,
    /// Not defined.
    #[other]
    Reserved(u8),
}

/// SSPCR1 (Arm DDI 0194G, 3.3.2).
#[register(u32, crate = crate)]
pub struct PortControl {
    /// LBM: what is sent is received.
    #[bits(0)]
    pub loopback: bool,
    /// SSE: the port is enabled.
    #[bits(1)]
    pub enable: bool,
    /// MS: the port is the target of another controller.
    #[bits(2)]
    pub target_mode: bool,
    /// SOD: as a target the port does not send.
    #[bits(3)]
    pub output_disable: bool,
    /// Reserved.
    #[bits(4..=31, ro)]
    pub reserved: u32,
}

/// SSPSR (Arm DDI 0194G, 3.3.4).
#[register(u32, crate = crate)]
pub struct Status {
    /// TFE: the transmit FIFO is empty.
    #[bits(0)]
    pub tx_empty: bool,
    /// TNF: the transmit FIFO is not full.
    #[bits(1)]
    pub tx_not_full: bool,
    /// RNE: the receive FIFO is not empty.
    #[bits(2)]
    pub rx_not_empty: bool,
    /// RFF: the receive FIFO is full.
    #[bits(3)]
    pub rx_full: bool,
    /// BSY: a frame is on its way, or waits.
    #[bits(4)]
    pub busy: bool,
}

/// SSPCPSR (Arm DDI 0194G, 3.3.5).
#[register(u32, crate = crate)]
pub struct Prescaler {
    /// The lowest bit of CPSDVSR, always zero.
    #[bits(0, ro)]
    pub odd: bool,
    /// The other bits of CPSDVSR: half of what the clock is divided by.
    #[bits(1..=7)]
    pub half_divisor: u8,
    /// Reserved.
    #[bits(8..=31, ro)]
    pub reserved: u32,
}

/// Interrupts: mask, status and clear (Arm DDI 0194G, 3.3.6 to 3.3.9).
#[register(u32, crate = crate)]
pub struct Interrupts {
    /// ROR: a frame was lost, because the receive FIFO was full.
    #[bits(0)]
    pub overrun: bool,
    /// RT: the receive FIFO holds frames that nobody fetches.
    #[bits(1)]
    pub receive_timeout: bool,
    /// RX: the receive FIFO is half full at least.
    #[bits(2)]
    pub receive: bool,
    /// TX: the transmit FIFO is half empty at least.
    #[bits(3)]
    pub transmit: bool,
    /// Reserved.
    #[bits(4..=31, ro)]
    pub reserved: u32,
}

/// SSPDMACR (Arm DDI 0194G, 3.3.10).
#[register(u32, crate = crate)]
pub struct DmaControl {
    /// The receive FIFO requests transfers.
    #[bits(0)]
    pub receive: bool,
    /// The transmit FIFO requests transfers.
    #[bits(1)]
    pub transmit: bool,
    /// Reserved.
    #[bits(2..=31, ro)]
    pub reserved: u32,
}
