//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::simulated;

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x40, width = 32)]
pub struct Block8 {
    #[reg(0x0, rw, write = w0t, reset = 0x8a)]
    pub r0: u8,
    #[reg(0x4, rw, write = w0c, reset = 0xa6af)]
    pub r1: u16,
    #[reg(0x6, rw, write = w1t, state = r1)]
    pub r2: u16,
    #[reg(0xa, rw, write = w1s, reset = 0xf5db)]
    pub r3: u16,
    #[reg(0xc, rw, write = ws, reset = 0x2c)]
    pub r4: u8,
    #[reg(0xd, rw)]
    pub r5: [u8; 1],
    #[reg(0xe, rw, reset = 0x4)]
    pub r6: [u8; 2],
    #[reg(0x10, wo, write = w0t, reset = 0xda)]
    pub r7: u8,
    #[reg(0x12, rw, stride = 4)]
    pub r8: [u16; 2],
    #[reg(0x19, rw, read = clear, reset = 0x4)]
    pub r9: u8,
    #[reg(0x20, wo, reset = 0xe6435a22)]
    pub r10: [u32; 1],
    #[reg(0x24, ro, read = clear, reset = 0x90882590)]
    pub r11: u32,
}

impl block8::Model for Plain {}

#[rustfmt::skip]
impl Stored for block8::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&[self.r3]),
            bits(&[self.r4]),
            bits(&self.r5),
            bits(&self.r6),
            bits(&[self.r7]),
            bits(&self.r8),
            bits(&[self.r9]),
            bits(&self.r10),
            bits(&[self.r11]),
        ]
    }

    fn fill(&mut self) {
    }
}
