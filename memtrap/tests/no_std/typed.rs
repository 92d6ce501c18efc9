//! Accesses on the handle, which must be compiled to the same instructions as those of `raw.rs`.
#![no_std]

use memtrap::{register, simulated};

/// A UART.
#[simulated(size = 0x1000, width = 32)]
pub struct Uart {
    /// Data.
    #[reg(0x000, rw)]
    pub dr: u32,
    /// One priority a line.
    #[reg(0x400, rw)]
    pub priority: [u8; 8],
    /// Line control.
    #[reg(0x02c, rw)]
    pub lcr: LineControl,
    /// Flags.
    #[reg(0x018, ro)]
    pub fr: Flags,
}

/// Flags.
#[register(u32)]
pub struct Flags {
    /// The transmit FIFO is full.
    #[bits(5)]
    pub tx_full: bool,
}

/// Line control.
#[register(u32)]
pub struct LineControl {
    /// The FIFOs are enabled.
    #[bits(4)]
    pub fifos: bool,
    /// Bits of a word, less five.
    #[bits(5..=6)]
    pub word_length: u8,
}

#[unsafe(no_mangle)]
pub extern "C" fn read(uart: &Uart) -> u32 {
    uart.fr().read().bits()
}

#[unsafe(no_mangle)]
pub extern "C" fn write(uart: &mut Uart, value: u32) {
    uart.dr().write(value);
}

#[unsafe(no_mangle)]
pub extern "C" fn wait(uart: &mut Uart, byte: u32) {
    while uart.fr().read().tx_full() {}
    uart.dr().write(byte);
}

#[unsafe(no_mangle)]
pub extern "C" fn modify(uart: &mut Uart) {
    uart.lcr().modify(|lcr| lcr.with_fifos(true).with_word_length(3));
}

#[unsafe(no_mangle)]
pub extern "C" fn element(uart: &mut Uart, value: u8) {
    uart.priority().at(5).write(value);
}
