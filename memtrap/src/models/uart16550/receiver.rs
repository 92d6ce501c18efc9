//! The receiver: a buffer of one byte, or a FIFO of 16.

use super::registers::{fcr, lsr};
use std::collections::VecDeque;

const DEPTH: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// Bytes on the wire that are still to come.
    pub(super) arriving: VecDeque<u8>,
    pub(super) fcr: u8,
    pub(super) overrun: bool,
    pub(super) timed_out: bool,
    buffer: VecDeque<u8>,
    /// What an empty buffer reads as.
    last: u8,
}

impl Receiver {
    pub(super) fn is_fifo(&self) -> bool {
        self.fcr & fcr::ENABLE != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether there are as many bytes as the driver wants to be told of (section 8.5, bits 6 and 7).
    pub(super) fn is_at_trigger_level(&self) -> bool {
        let level = if self.is_fifo() { [1, 4, 8, 14][usize::from(self.fcr >> 6)] } else { 1 };
        self.buffer.len() >= level
    }

    pub(super) fn front(&self) -> u8 {
        self.buffer.front().copied().unwrap_or(self.last)
    }

    /// Takes a byte out; `false` if there is none.
    pub(super) fn pop(&mut self) -> bool {
        self.last = self.front();
        self.buffer.pop_front().is_some()
    }

    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.timed_out = false;
    }

    /// Puts a byte into the buffer. Without room, a FIFO keeps what it has, and the single byte is overwritten
    /// (section 8.3, bit 1).
    pub(super) fn take_in(&mut self, byte: u8) {
        let depth = if self.is_fifo() { DEPTH } else { 1 };
        if self.buffer.len() < depth {
            self.buffer.push_back(byte);
            return;
        }
        self.overrun = true;
        if !self.is_fifo() {
            self.buffer[0] = byte;
        }
    }

    /// The receiver's bits of LSR.
    pub(super) fn status(&self) -> u8 {
        let ready = if self.is_empty() { 0 } else { lsr::DR };
        if self.overrun { ready | lsr::OE } else { ready }
    }
}
