//! A driver on the typed handle. It would run on hardware as it is: nothing in it knows of a simulation.

use super::block::{Pl011, control, flags, line};
use core::fmt;

/// A console on a PL011.
#[derive(Debug)]
pub struct Console {
    uart: Pl011,
}

impl Console {
    /// Sets up 8 data bits, no parity and one stop bit, and enables the UART. `clock` and `baud_rate` are in hertz.
    ///
    /// The order is the one of Arm DDI 0183G, 3.3.8: disabled while the line is set up, and the line control register
    /// written after the divisors, because only that takes them over (3.3.6).
    pub fn new(mut uart: Pl011, baud_rate: u32, clock: u32) -> Self {
        uart.rsr_ecr().write(0);
        uart.cr().write(0);
        // The divisor in 64ths, rounded: 64 * clock / (16 * baud rate) (3.3.6).
        let divisor = (clock * 8 / baud_rate).div_ceil(2);
        uart.ibrd().write(divisor >> 6);
        uart.fbrd().write(divisor & 0x3f);
        uart.lcr_h().write(line::WLEN_8 | line::FEN);
        uart.cr().write(control::RXE | control::TXE | control::UARTEN);
        Self { uart }
    }

    /// Gives the UART back, for another driver.
    pub fn into_regs(self) -> Pl011 {
        self.uart
    }

    /// Sends a byte, when there is room for it.
    pub fn put(&mut self, byte: u8) {
        while self.uart.fr().read() & flags::TXFF != 0 {}
        self.uart.dr().write(byte.into());
    }

    /// The next byte that has arrived, if there is one. Errors of the line are ignored.
    pub fn get(&mut self) -> Option<u8> {
        if self.uart.fr().read() & flags::RXFE != 0 {
            return None;
        }
        let [byte, ..] = self.uart.dr().read().to_le_bytes();
        Some(byte)
    }

    /// Waits until everything has been sent.
    pub fn flush(&mut self) {
        while self.uart.fr().read() & flags::BUSY != 0 {}
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.put(byte));
        Ok(())
    }
}
