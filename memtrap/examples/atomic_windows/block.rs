//! The reset controller of the RP2040.

use memtrap::{register, simulated};

/// RP2040 reset controller (RP2040 datasheet, 2.14), with the windows of all its registers (2.1.2).
#[simulated(size = 0x4000, width = 32, alias(xor = 0x1000, set = 0x2000, clear = 0x3000))]
pub struct Resets {
    /// Which peripherals are held in reset.
    #[reg(0x0000, rw, reset = 0x01ff_ffff)]
    pub reset: Peripherals,
    /// Which peripherals the watchdog resets.
    #[reg(0x0004, rw)]
    pub wdsel: Peripherals,
    /// Which peripherals have come out of their reset.
    #[reg(0x0008, ro)]
    pub reset_done: Peripherals,
}

/// A bit for each peripheral, some of them.
#[register(u32)]
pub struct Peripherals {
    /// Direct memory access.
    #[bits(2)]
    pub dma: bool,
    /// Pins of bank 0.
    #[bits(5)]
    pub io_bank0: bool,
    /// The first UART.
    #[bits(22)]
    pub uart0: bool,
}
