//! The transmitter: a holding register or a FIFO of 16, and a shift register.

use std::collections::VecDeque;

const DEPTH: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Transmitter {
    /// What went over the wire.
    pub(super) sent: Vec<u8>,
    pub(super) fifo: bool,
    held: VecDeque<u8>,
    shifting: Option<u8>,
}

impl Transmitter {
    /// Whether the holding register or the FIFO is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the shift register is empty too.
    pub(super) fn is_idle(&self) -> bool {
        self.is_empty() && self.shifting.is_none()
    }

    /// Takes a byte to be sent; `false` if there is no room for it.
    pub(super) fn hold(&mut self, byte: u8) -> bool {
        let room = self.held.len() < if self.fifo { DEPTH } else { 1 };
        if room {
            self.held.push_back(byte);
        }
        room
    }

    /// Moves a byte into the shift register, if there is one and that is empty.
    pub(super) fn shift(&mut self) -> bool {
        if self.shifting.is_none() {
            self.shifting = self.held.pop_front();
            return self.shifting.is_some();
        }
        false
    }

    /// The byte that has left the shift register.
    pub(super) fn finish(&mut self) -> Option<u8> {
        self.shifting.take()
    }

    /// Drops what is held; the shift register goes on (section 8.5, bit 2).
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }
}
