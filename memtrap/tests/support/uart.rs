//! A UART that holds what is written to it, for tests of what is said about a driver.

use memtrap::simulated;

/// A UART.
#[simulated(size = 0x100, width = 32)]
pub(crate) struct Uart {
    #[reg(0x00, rw)]
    pub(crate) dr: u32,
    #[reg(0x18, ro, reset = 0x90)]
    pub(crate) fr: u32,
    #[reg(0x24, rw)]
    pub(crate) ibrd: u32,
    #[reg(0x28, rw)]
    pub(crate) fbrd: u32,
    #[reg(0x30, rw, reset = 0x300)]
    pub(crate) cr: u32,
}

/// A device that does what is declared, and nothing else.
pub(crate) struct Plain;

impl uart::Model for Plain {}
