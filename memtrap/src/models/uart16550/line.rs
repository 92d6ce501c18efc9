//! Baud rate and format of a character.

use super::registers::lcr;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Line {
    /// Frequency of the crystal in hertz.
    pub(super) clock: u32,
    pub(super) divisor: u16,
    pub(super) lcr: u8,
}

impl Line {
    pub(super) fn new(clock: u32) -> Self {
        Self { clock, divisor: 0, lcr: 0 }
    }

    pub(super) fn set_divisor(&mut self, byte: usize, value: u8) {
        let mut bytes = self.divisor.to_le_bytes();
        bytes[byte] = value;
        self.divisor = u16::from_le_bytes(bytes);
    }

    /// The time of one character, if there is a baud clock: 16 periods of the divided crystal a bit (section 8.2).
    pub(super) fn character(&self) -> Option<Duration> {
        if self.divisor == 0 || self.clock == 0 {
            return None;
        }
        let data = u64::from(self.lcr & lcr::WORD_LENGTH) + 5;
        let parity = u64::from(self.lcr & lcr::PARITY != 0);
        // In half bits: two stop bits, but one and a half with five data bits.
        let stop = match (self.lcr & lcr::STOP != 0, data) {
            (false, _) => 2,
            (true, 5) => 3,
            (true, _) => 4,
        };
        let half_bits = 2 * (1 + data + parity) + stop;
        let nanoseconds = half_bits * 8 * u64::from(self.divisor) * 1_000_000_000 / u64::from(self.clock);
        Some(Duration::from_nanos(nanoseconds))
    }
}
