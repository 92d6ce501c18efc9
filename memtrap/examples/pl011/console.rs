//! A driver on the typed handle. It would run on hardware as it is: nothing in it knows of a simulation.

use super::block::{Control, Data, Interrupts, LineControl, Pl011};
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
        uart.cr().write(Control::new());
        // The divisor in 64ths, rounded: 64 * clock / (16 * baud rate) (3.3.6).
        let divisor = (clock * 8 / baud_rate).div_ceil(2);
        uart.ibrd().write(divisor >> 6);
        uart.fbrd().write(divisor & 0x3f);
        uart.lcr_h().write(LineControl::new().with_word_length(8 - 5).with_fifos(true));
        uart.cr().write(Control::new().with_uart(true).with_transmit(true).with_receive(true));
        Self { uart }
    }

    /// Gives the UART back, for another driver.
    pub fn into_regs(self) -> Pl011 {
        self.uart
    }

    /// Sends a byte, when there is room for it.
    pub fn put(&mut self, byte: u8) {
        while self.uart.fr().read().tx_full() {}
        self.uart.dr().write(Data::new().with_data(byte));
    }

    /// The next byte that has arrived, if there is one. Errors of the line are ignored.
    pub fn get(&mut self) -> Option<u8> {
        if self.uart.fr().read().rx_empty() {
            return None;
        }
        Some(self.uart.dr().read().data())
    }

    /// Has the UART interrupt when bytes have arrived: enough of them, or some and then none for a while.
    pub fn listen(&mut self) {
        self.uart.imsc().modify(|mask| mask.with_receive(true).with_receive_timeout(true));
    }

    /// What the interrupt handler does: silences the UART, and takes what has arrived.
    pub fn interrupted(&mut self) -> Vec<u8> {
        let pending: Interrupts = self.uart.mis().read();
        self.uart.icr().clear(pending);
        std::iter::from_fn(|| self.get()).collect()
    }

    /// Waits until everything has been sent.
    pub fn flush(&mut self) {
        while self.uart.fr().read().busy() {}
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.put(byte));
        Ok(())
    }
}
