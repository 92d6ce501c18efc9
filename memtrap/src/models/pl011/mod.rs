//! The PrimeCell UART.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
mod block;
#[cfg(test)]
mod tests;

pub use block::*;

use super::output::Output;
use crate::bus::Context;
use std::{collections::VecDeque, time::Duration};

/// Events of the model.
const SHIFTED: u64 = 0;
const ARRIVED: u64 = 1;
const TIMED_OUT: u64 = 2;

/// The bit of UARTRSR that says that a character was lost (3.3.2).
const OVERRUN: u32 = 1 << 3;

/// A model of the PL011 UART with a wire at its end, for the register block [`Pl011`].
///
/// Follows "PrimeCell UART (PL011) Technical Reference Manual", Arm DDI 0183G, chapters 2 and 3: the divisor that a
/// write of UARTLCR_H takes over, both FIFOs and their levels, characters that take their time, loopback, errors of the
/// line, overruns, the receive time-out and the combined interrupt. A driver that changes the line control while the
/// UART is enabled (3.3.7) or writes to a full FIFO fails its test. The modem lines and their interrupts, IrDA, DMA
/// requests and the separate interrupt outputs are not modelled.
///
/// ```
/// use memtrap::{Bus, models::pl011::{Pl011, Pl011Uart}};
///
/// let bus = Bus::new();
/// let uart = bus.simulate::<Pl011, _>(Pl011Uart::new().with_interrupt(33))?;
/// // A driver gets `uart.base()` or `uart.regs()`. Something arrives, after the time that it takes on the wire:
/// uart.stimulate(|uart, _, cx| uart.receive(b"hello", cx));
/// assert_eq!(uart.model().sent(), b"");
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pl011Uart {
    clock: u32,
    output: Output,
    depth: usize,
    sent: Vec<u8>,
    /// Characters on the wire that are still to come.
    arriving: VecDeque<Data>,
    /// How long a character takes, as of the last write of line control.
    character: Option<Duration>,
    /// The character in the transmitter's shift register.
    shifting: Option<u8>,
    /// A character was lost, and none has arrived since that could say so.
    overrun: bool,
    /// What was read last: reading an empty FIFO gives it again.
    last: Data,
}

impl Default for Pl011Uart {
    fn default() -> Self {
        Self::new()
    }
}

impl Pl011Uart {
    /// Frequency of UARTCLK unless set, in hertz.
    pub const CLOCK: u32 = 24_000_000;

    /// A UART after reset, with FIFOs of 32 characters as in revision r1p5 and nothing on its interrupt output.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Self::CLOCK,
            output: Output::default(),
            depth: 32,
            sent: Vec::new(),
            arriving: VecDeque::new(),
            character: None,
            shifting: None,
            overrun: false,
            last: Data::new(),
        }
    }

    /// The bus's interrupt line that the combined interrupt output drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { output: Output::to(line), ..self }
    }

    /// Another frequency of UARTCLK, in hertz.
    #[must_use]
    pub fn with_clock(self, hertz: u32) -> Self {
        Self { clock: hertz, ..self }
    }

    /// Other FIFOs: 16 characters in revisions before r1p5; fewer show a driver's waiting sooner.
    ///
    /// # Panics
    ///
    /// If they hold nothing.
    #[must_use]
    pub fn with_fifo_depth(self, characters: usize) -> Self {
        assert!(characters > 0, "memtrap: a FIFO holds a character at least");
        Self { depth: characters, ..self }
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }

    /// Lets `bytes` arrive from the other end, one after the other, each taking the time of a character.
    pub fn receive(&mut self, bytes: &[u8], cx: &mut Context<'_>) {
        for byte in bytes {
            self.receive_character(Data::new().with_data(*byte), cx);
        }
    }

    /// Lets a character arrive that may have errors: of its stop bit or parity, or a break.
    pub fn receive_character(&mut self, character: Data, cx: &mut Context<'_>) {
        if self.arriving.is_empty() {
            cx.after(self.character.unwrap_or_default(), ARRIVED);
        }
        self.arriving.push_back(character);
    }

    /// How long a character takes on the wire, or `None` while there is no divisor: a start bit, the data, a parity bit
    /// and the stop bits, each 16 periods of UARTCLK times the divisor (3.3.5 to 3.3.7).
    #[must_use]
    pub fn character_time(&self) -> Option<Duration> {
        self.character
    }

    fn bits(line: LineControl) -> u32 {
        1 + (5 + u32::from(line.word_length())) + u32::from(line.parity()) + 1 + u32::from(line.two_stop_bits())
    }

    /// Takes over the divisor and the line control, which are one register behind the scenes (3.3.7).
    fn take_over(&mut self, regs: &pl011::State) {
        let (integer, fraction) = (regs.ibrd & 0xffff, regs.fbrd & 0x3f);
        // A divisor below 1 is not valid (3.3.6).
        self.character = (integer > 0 && self.clock > 0).then(|| {
            let quarters = u64::from(Self::bits(regs.lcr_h)) * u64::from(64 * integer + fraction);
            Duration::from_nanos(quarters * 1_000_000_000 / (4 * u64::from(self.clock)))
        });
    }

    /// Characters a FIFO holds: one if it is disabled (3.3.7).
    fn capacity(&self, regs: &pl011::State) -> usize {
        if regs.lcr_h.fifos() { self.depth } else { 1 }
    }

    /// Characters at which the receiver asks for service (2.8.2).
    fn receive_level(&self, regs: &pl011::State) -> usize {
        if regs.lcr_h.fifos() { regs.ifls.receive().of(self.depth).max(1) } else { 1 }
    }

    /// Characters down to which the transmitter has to come to ask for more (2.8.3).
    fn transmit_level(&self, regs: &pl011::State) -> usize {
        if regs.lcr_h.fifos() { regs.ifls.transmit().of(self.depth) } else { 0 }
    }

    /// Takes the next character into the shift register, if it is free and has a clock.
    fn start(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        let Some(time) = self.character else { return };
        if self.shifting.is_some() || !regs.cr.uart() || !regs.cr.transmit() {
            return;
        }
        if let Some(data) = regs.dr.from_driver.pop_front() {
            self.shifting = Some(data.data());
            cx.after(time, SHIFTED);
            if regs.dr.from_driver.len() == self.transmit_level(regs) {
                regs.ris.set_transmit(true);
            }
        }
    }

    /// The character in the shift register has gone over the wire.
    fn shifted(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        let Some(byte) = self.shifting.take() else { return };
        self.sent.push(byte);
        if regs.cr.loopback() {
            self.arrived(regs, Data::new().with_data(byte), cx);
        }
        self.start(regs, cx);
    }

    fn arrived(&mut self, regs: &mut pl011::State, character: Data, cx: &mut Context<'_>) {
        if !regs.cr.uart() || !regs.cr.receive() {
            cx.note(format!("{:?} is lost: the receiver is disabled", char::from(character.data())));
            return;
        }
        if regs.dr.to_driver.len() >= self.capacity(regs) {
            // The FIFO keeps what it has, and the next character that fits into it says what happened (2.4.2).
            self.overrun = true;
            regs.ris.set_overrun_error(true);
            regs.rsr_ecr |= OVERRUN;
            return;
        }
        let overrun = std::mem::take(&mut self.overrun);
        regs.dr.to_driver.push_back(character.with_overrun_error(overrun));
        regs.ris.set_framing_error(regs.ris.framing_error() || character.framing_error());
        regs.ris.set_parity_error(regs.ris.parity_error() || character.parity_error());
        regs.ris.set_break_error(regs.ris.break_error() || character.break_error());
        if regs.dr.to_driver.len() == self.receive_level(regs) {
            regs.ris.set_receive(true);
        }
        cx.cancel(TIMED_OUT);
        if let Some(time) = self.character {
            cx.after(time * 32 / Self::bits(regs.lcr_h), TIMED_OUT);
        }
    }

    fn flags(&self, regs: &pl011::State) -> Flags {
        let (transmit, receive) = (regs.dr.from_driver.len(), regs.dr.to_driver.len());
        Flags::new()
            .with_tx_empty(transmit == 0)
            .with_tx_full(transmit >= self.capacity(regs))
            .with_rx_empty(receive == 0)
            .with_rx_full(receive >= self.capacity(regs))
            .with_busy(transmit > 0 || self.shifting.is_some())
    }

    /// The divisor "must not be changed when the UART is enabled" (3.3.7), but drivers do: it is harmless, since it
    /// counts only once line control is written.
    fn note_if_enabled(regs: &pl011::State, cx: &mut Context<'_>) {
        if regs.cr.uart() {
            cx.note("the divisor is written while the UART is enabled (3.3.7)");
        }
    }
}

/// What the declaration says is not repeated: that the masked status is computed, that a one written to the clear
/// register clears a raw interrupt, and that any write clears the errors.
impl pl011::Model for Pl011Uart {
    fn read_fr(&mut self, regs: &mut pl011::State, _cx: &mut Context<'_>) -> Flags {
        self.flags(regs)
    }

    fn read_dr(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) -> Data {
        if let Some(data) = regs.dr.to_driver.pop_front() {
            self.last = data;
            cx.progress();
        }
        // The errors are those of the character that was read; an overrun stays until it is cleared (3.3.2).
        regs.rsr_ecr = regs.rsr_ecr & OVERRUN | self.last.bits() >> 8 & 0xf;
        if regs.dr.to_driver.len() < self.receive_level(regs) {
            regs.ris.set_receive(false);
        }
        if regs.dr.to_driver.is_empty() {
            regs.ris.set_receive_timeout(false);
        }
        self.last
    }

    fn write_dr(&mut self, regs: &mut pl011::State, value: Data, cx: &mut Context<'_>) {
        if regs.dr.from_driver.len() >= self.capacity(regs) {
            cx.fail("the driver wrote to a full transmit FIFO: the byte is lost");
            return;
        }
        regs.dr.from_driver.push_back(value);
        self.start(regs, cx);
        if regs.dr.from_driver.len() > self.transmit_level(regs) {
            regs.ris.set_transmit(false);
        }
    }

    fn write_ibrd(&mut self, regs: &mut pl011::State, value: u32, cx: &mut Context<'_>) {
        Self::note_if_enabled(regs, cx);
        regs.ibrd = value;
    }

    fn write_fbrd(&mut self, regs: &mut pl011::State, value: u32, cx: &mut Context<'_>) {
        Self::note_if_enabled(regs, cx);
        regs.fbrd = value;
    }

    fn write_lcr_h(&mut self, regs: &mut pl011::State, value: LineControl, cx: &mut Context<'_>) {
        if regs.cr.uart() {
            cx.fail("line control is written while the UART is enabled (3.3.7)");
        }
        if regs.lcr_h.fifos() != value.fifos() {
            regs.dr.from_driver.clear();
            regs.dr.to_driver.clear();
        }
        regs.lcr_h = value;
        self.take_over(regs);
    }

    fn write_cr(&mut self, regs: &mut pl011::State, value: Control, cx: &mut Context<'_>) {
        // Disabled in the middle of a character, the UART finishes it (3.3.8).
        regs.cr = value;
        self.start(regs, cx);
    }

    fn event(&mut self, regs: &mut pl011::State, event: u64, cx: &mut Context<'_>) {
        match event {
            SHIFTED => self.shifted(regs, cx),
            ARRIVED => {
                let Some(character) = self.arriving.pop_front() else { return };
                if !self.arriving.is_empty() {
                    cx.after(self.character.unwrap_or_default(), ARRIVED);
                }
                self.arrived(regs, character, cx);
            }
            _ => regs.ris.set_receive_timeout(!regs.dr.to_driver.is_empty()),
        }
    }

    /// The line follows the masked status, whatever has changed that.
    fn drive(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        self.output.set(regs.mis().bits() != 0, cx);
    }

    fn reset(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        for event in [SHIFTED, ARRIVED, TIMED_OUT] {
            cx.cancel(event);
        }
        let sent = std::mem::take(&mut self.sent);
        *self = Self { clock: self.clock, output: self.output, depth: self.depth, sent, ..Self::new() };
        *regs = pl011::State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}
