//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u8, reserved = zero)]
pub struct Block3R1 {
    #[bits(0, woc)]
    pub f0: bool,
    #[bits(3..=5, w1crs)]
    pub f1: u8,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block3R4 {
    #[bits(2, wos)]
    pub f0: bool,
    #[bits(4, wrc)]
    pub f1: bool,
    #[bits(8, w1c)]
    pub f2: bool,
    #[bits(12)]
    pub f3: bool,
    #[bits(13)]
    pub f4: bool,
    #[bits(15)]
    pub f5: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x30, width = 16)]
pub struct Block3 {
    #[reg(0x0, ro, read = set, reset = 0x5d)]
    pub r0: u8,
    #[reg(0x1, rw, read = fields)]
    pub r1: [Block3R1; 4],
    #[reg(0x5, rw, reset = 0x28)]
    pub r2: [u8; 2],
    #[reg(0x7, rw, state = r0)]
    pub r3: u8,
    #[reg(0x8, rw, read = fields, write = ws, reset = 0xb111)]
    pub r4: Block3R4,
    #[reg(0xb, wo, stride = 2, state = r2)]
    pub r5: [u8; 2],
    #[reg(0xe, ro, reset = 0xa027)]
    pub r6: u16,
    #[reg(0x10, ro, constant = [0xb89e])]
    pub r7: [u16; 1],
    #[reg(0x14, rw, read = set, write = w1s)]
    pub r8: u16,
    #[reg(0x16, rw, write = w1s)]
    pub r9: u16,
    #[reg(0x1c, rw, reset = 0xa49f)]
    pub r10: u16,
}

impl block3::Model for Plain {}

#[rustfmt::skip]
impl Stored for block3::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&self.r2),
            bits(&[self.r4]),
            bits(&[self.r6]),
            bits(&[self.r8]),
            bits(&[self.r9]),
            bits(&[self.r10]),
        ]
    }

    fn fill(&mut self) {
    }
}
