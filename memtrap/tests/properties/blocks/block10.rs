//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u16)]
pub struct Block10R0 {
    #[bits(2, rc)]
    pub f0: bool,
    #[bits(3..=4)]
    pub f1: u8,
    #[bits(5..=6, ro)]
    pub f2: u8,
    #[bits(7)]
    pub f3: bool,
    #[bits(10..=13, w1crs)]
    pub f4: u8,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block10R1 {
    #[bits(1, rw)]
    pub f0: bool,
    #[bits(5, ro)]
    pub f1: bool,
    #[bits(6, w1c)]
    pub f2: bool,
    #[bits(10, ro)]
    pub f3: bool,
    #[bits(12, ws)]
    pub f4: bool,
    #[bits(15, w0s)]
    pub f5: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x40, width = 16)]
pub struct Block10 {
    #[reg(0x0, rw, read = fields, reset = 0x48d)]
    pub r0: Block10R0,
    #[reg(0x2, rw)]
    pub r1: [Block10R1; 1],
    #[reg(0x4, rw, read = clear, state = r0)]
    pub r2: u16,
    #[reg(0x6, wo, write = w1c, reset = 0x35a3)]
    pub r3: [u16; 2],
    #[reg(0xa, rw, read = set, write = w0s, reset = 0x18d8)]
    pub r4: [u16; 1],
    #[reg(0xc, rw, read = clear, reset = 0xfe)]
    pub r5: u8,
    #[reg(0xe, rw, read = clear, state = r0)]
    pub r6: u16,
    #[reg(0x10, ro, read = set)]
    pub r7: u8,
    #[reg(0x14, rw, reset = 0x54bb)]
    pub r8: u16,
    #[reg(0x16, wo, write = ws, state = r7)]
    pub r9: u8,
    #[reg(0x17, ro, constant = 0xee)]
    pub r10: u8,
    #[reg(0x18, ro, stride = 4, read = set)]
    pub r11: [u16; 3],
}

impl block10::Model for Plain {}

#[rustfmt::skip]
impl Stored for block10::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&self.r3),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
    }
}
