//! A model of the PL011 with a wire at its end.
//!
//! It is a model to be read, and simpler than [`Pl011Uart`](memtrap::models::pl011::Pl011Uart) in what counts here: time
//! passes when the driver looks, so two drivers that do the same leave the same trace, whatever their accesses take.
//!
//! What the declaration says is not repeated here: that reads pop and writes push, that the masked status is computed, that
//! a one written to the clear register clears a raw interrupt, and that any write clears the errors.

use super::block::{Data, FifoLevel, Flags, pl011};
use memtrap::Context;
use std::time::Duration;

/// The interrupt line.
pub const IRQ: u32 = 33;

/// The event that nothing has arrived for a while.
const TIMEOUT: u64 = 1;
/// How long that is: 32 bits at 115,200 Bd.
const SILENCE: Duration = Duration::from_micros(278);

/// What lies behind the registers: the FIFOs' other ends, and the wire.
///
/// Time passes when the driver looks: every so many reads of the flags, one byte leaves the transmit FIFO. So the same
/// driver sees the same flags in every run.
#[derive(Debug)]
pub struct Wire {
    /// Bytes that have left the UART.
    pub sent: Vec<u8>,
    /// Reads of the flags that found the transmit FIFO full: how often a driver had to wait.
    pub full: usize,
    /// What was read last: reading an empty FIFO gives it again.
    last: Data,
    depth: usize,
    reads_per_byte: usize,
    reads: usize,
}

impl Wire {
    /// A UART whose FIFOs hold `depth` bytes (32 in r1p5; fewer show a driver's waiting sooner), and which sends a byte
    /// every `reads_per_byte` reads of the flags.
    pub fn new(depth: usize, reads_per_byte: usize) -> Self {
        assert!(depth > 0 && reads_per_byte > 0, "a FIFO holds something and a wire carries something");
        Self { sent: Vec::new(), full: 0, last: Data::new(), depth, reads_per_byte, reads: 0 }
    }

    /// Bytes arrive on the wire, and then none for a while.
    pub fn arrive(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>, bytes: &[u8]) {
        let level = self.level(regs, regs.ifls.receive());
        for byte in bytes {
            if regs.dr.to_driver.len() < self.capacity(regs) {
                regs.dr.to_driver.push_back(Data::new().with_data(*byte));
                if regs.dr.to_driver.len() == level {
                    regs.ris.set_receive(true);
                }
            } else if let Some(last) = regs.dr.to_driver.back_mut() {
                // The byte is lost; the error is reported with the last one that was not (3.3.1).
                last.set_overrun_error(true);
                regs.ris.set_overrun_error(true);
            }
        }
        cx.cancel(TIMEOUT);
        cx.after(SILENCE, TIMEOUT);
    }

    /// Bytes a FIFO holds: one if it is disabled (2.4.3).
    fn capacity(&self, regs: &pl011::State) -> usize {
        if regs.lcr_h.fifos() { self.depth } else { 1 }
    }

    /// How many bytes a level is: one if the FIFO is disabled.
    fn level(&self, regs: &pl011::State, level: FifoLevel) -> usize {
        level.of(self.capacity(regs)).max(1)
    }

    fn flags(&self, regs: &pl011::State) -> Flags {
        let (transmit, receive) = (regs.dr.from_driver.len(), regs.dr.to_driver.len());
        Flags::new()
            .with_tx_empty(transmit == 0)
            .with_tx_full(transmit >= self.capacity(regs))
            .with_rx_empty(receive == 0)
            .with_rx_full(receive >= self.capacity(regs))
            .with_busy(transmit > 0)
    }

    /// A byte leaves if the transmitter is on and its time has come.
    fn tick(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        if !regs.cr.uart() || !regs.cr.transmit() || regs.dr.from_driver.is_empty() {
            return;
        }
        self.reads += 1;
        if self.reads >= self.reads_per_byte {
            self.reads = 0;
            if let Some(data) = regs.dr.from_driver.pop_front() {
                let byte = data.data();
                cx.note(format!("{:?} goes over the wire", char::from(byte)));
                self.sent.push(byte);
                if regs.dr.from_driver.len() == self.level(regs, regs.ifls.transmit()) - 1 {
                    regs.ris.set_transmit(true);
                }
            }
        }
    }
}

impl pl011::Model for Wire {
    fn read_fr(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) -> Flags {
        let flags = self.flags(regs);
        self.full += usize::from(flags.tx_full());
        self.tick(regs, cx);
        flags
    }

    fn read_dr(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) -> Data {
        if let Some(data) = regs.dr.to_driver.pop_front() {
            self.last = data;
            cx.progress();
        }
        if regs.dr.to_driver.len() < self.level(regs, regs.ifls.receive()) {
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
        if regs.dr.from_driver.len() >= self.level(regs, regs.ifls.transmit()) {
            regs.ris.set_transmit(false);
        }
    }

    fn event(&mut self, regs: &mut pl011::State, _timeout: u64, _cx: &mut Context<'_>) {
        if !regs.dr.to_driver.is_empty() {
            regs.ris.set_receive_timeout(true);
        }
    }

    /// The line follows the masked status, whatever has changed that.
    fn drive(&mut self, regs: &mut pl011::State, cx: &mut Context<'_>) {
        if regs.mis().bits() != 0 { cx.raise(IRQ) } else { cx.lower(IRQ) }
    }
}
