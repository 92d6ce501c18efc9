//! A model of the PL011 with a wire at its end.

use super::block::{Data, Flags, Interrupts, pl011};
use memtrap::Context;
use std::collections::VecDeque;

/// What lies behind the registers: two FIFOs, and the wire.
///
/// Time passes when the driver looks: every so many reads of the flags, one byte leaves the transmit FIFO. So the same
/// driver sees the same flags in every run.
#[derive(Debug)]
pub struct Wire {
    /// Bytes that have left the UART.
    pub sent: Vec<u8>,
    /// Reads of the flags that found the transmit FIFO full: how often a driver had to wait.
    pub full: usize,
    transmit: VecDeque<u8>,
    receive: VecDeque<Data>,
    depth: usize,
    reads_per_byte: usize,
    reads: usize,
}

impl Wire {
    /// A UART whose FIFOs hold `depth` bytes (32 in r1p5; fewer show a driver's waiting sooner), and which sends a byte
    /// every `reads_per_byte` reads of the flags.
    pub fn new(depth: usize, reads_per_byte: usize) -> Self {
        assert!(depth > 0 && reads_per_byte > 0, "a FIFO holds something and a wire carries something");
        let (transmit, receive) = (VecDeque::new(), VecDeque::new());
        Self { sent: Vec::new(), full: 0, transmit, receive, depth, reads_per_byte, reads: 0 }
    }

    /// Bytes arrive on the wire.
    pub fn arrive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.receive.len() < self.depth {
                self.receive.push_back(Data::new().with_data(*byte));
            } else if let Some(last) = self.receive.back_mut() {
                // The byte is lost; the error is reported with the last one that was not (3.3.1).
                last.set_overrun_error(true);
            }
        }
    }

    /// Bytes the transmit FIFO holds: one if it is disabled (2.4.3).
    fn capacity(&self, regs: &pl011::State) -> usize {
        if regs.lcr_h.fifos() { self.depth } else { 1 }
    }

    fn flags(&self, regs: &pl011::State) -> Flags {
        Flags::new()
            .with_tx_empty(self.transmit.is_empty())
            .with_tx_full(self.transmit.len() >= self.capacity(regs))
            .with_rx_empty(self.receive.is_empty())
            .with_rx_full(self.receive.len() >= self.depth)
            .with_busy(!self.transmit.is_empty())
    }

    /// A byte leaves if the transmitter is on and its time has come.
    fn tick(&mut self, regs: &pl011::State, cx: &mut Context<'_>) {
        if !regs.cr.uart() || !regs.cr.transmit() || self.transmit.is_empty() {
            return;
        }
        self.reads += 1;
        if self.reads >= self.reads_per_byte {
            self.reads = 0;
            if let Some(byte) = self.transmit.pop_front() {
                cx.note(format!("{:?} goes over the wire", char::from(byte)));
                self.sent.push(byte);
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

    fn read_dr(&mut self, regs: &mut pl011::State, _cx: &mut Context<'_>) -> Data {
        // Reading an empty FIFO gives what was read last.
        regs.dr = self.receive.pop_front().unwrap_or(regs.dr);
        regs.dr
    }

    fn write_dr(&mut self, regs: &mut pl011::State, value: Data, cx: &mut Context<'_>) {
        if self.transmit.len() >= self.capacity(regs) {
            cx.fail("the driver wrote to a full transmit FIFO: the byte is lost");
            return;
        }
        self.transmit.push_back(value.data());
    }

    fn write_rsr_ecr(&mut self, regs: &mut pl011::State, _value: u32, _cx: &mut Context<'_>) {
        regs.rsr_ecr = 0;
    }

    fn read_mis(&mut self, regs: &mut pl011::State, _cx: &mut Context<'_>) -> Interrupts {
        Interrupts::from_bits(regs.ris.bits() & regs.imsc.bits())
    }

    fn write_icr(&mut self, regs: &mut pl011::State, value: Interrupts, _cx: &mut Context<'_>) {
        regs.ris = Interrupts::from_bits(regs.ris.bits() & !value.bits());
    }
}
