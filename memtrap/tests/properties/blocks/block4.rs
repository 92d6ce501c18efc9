//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u32)]
pub struct Block4R4 {
    #[bits(0, w0src)]
    pub f0: bool,
    #[bits(3..=10, rs)]
    pub f1: u8,
    #[bits(12)]
    pub f2: bool,
    #[bits(13, w1)]
    pub f3: bool,
    #[bits(14..=19, wos)]
    pub f4: u8,
    #[bits(22, w1c)]
    pub f5: bool,
    #[bits(23, w1crs)]
    pub f6: bool,
    #[bits(26..=28, wc)]
    pub f7: u8,
    #[bits(31, w1src)]
    pub f8: bool,
}

/// Value of a register of a random block.
#[register(u8, reserved = one)]
pub struct Block4R8 {
    #[bits(2, w1c)]
    pub f0: bool,
    #[bits(3..=7, wo1)]
    pub f1: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x70, width = 32)]
pub struct Block4 {
    #[reg(0x2, rw, reset = 0xada7)]
    pub r0: u16,
    #[reg(0x6, ro, reset = 0x9b)]
    pub r1: [u8; 4],
    #[reg(0xc, ro, reset = 0xb17adf94)]
    pub r2: [u32; 1],
    #[reg(0x10, rw, read = set, write = ws, reset = 0xe850)]
    pub r3: u16,
    #[reg(0x14, rw, read = fields, write = ws, reset = 0x8bff3777)]
    pub r4: [Block4R4; 1],
    #[reg(0x18, rw, read = clear, write = w1c)]
    pub r5: [u8; 1],
    #[reg(0x1c, ro, stride = 8, reset = 0xde469479)]
    pub r6: [u32; 4],
    #[reg(0x3c, rw, reset = 0x7548f84)]
    pub r7: u32,
    #[reg(0x42, rw, reset = 0x97)]
    pub r8: Block4R8,
    #[reg(0x44, rw)]
    pub r9: u16,
    #[reg(0x48, ro, constant = [0x686136b6])]
    pub r10: [u32; 1],
    #[reg(0x54, rw, write = wc, reset = 0xb4b81660)]
    pub r11: [u32; 3],
}

impl block4::Model for Plain {}

#[rustfmt::skip]
impl Stored for block4::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&self.r2),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&self.r5),
            bits(&self.r6),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&[self.r9]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
    }
}
