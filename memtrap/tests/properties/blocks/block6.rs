//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u8, reserved = zero)]
pub struct Block6R2 {
    #[bits(2, rw)]
    pub f0: bool,
    #[bits(4..=5, wsrc)]
    pub f1: u8,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R3 {
    #[bits(1..=2, wc)]
    pub f0: u8,
    #[bits(5, w1src)]
    pub f1: bool,
}

/// Value of a register of a random block.
#[register(u8, reserved = one)]
pub struct Block6R4 {
    #[bits(2, w1t)]
    pub f0: bool,
    #[bits(4, w1)]
    pub f1: bool,
    #[bits(7, w0crs)]
    pub f2: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R6 {
    #[bits(0..=2)]
    pub f0: u8,
    #[bits(3, rc)]
    pub f1: bool,
    #[bits(6, rc)]
    pub f2: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x30, width = 8)]
pub struct Block6 {
    #[reg(0x0, rw, read = set, write = ws, reset = 0x72)]
    pub r0: u8,
    #[reg(0x1, rw, write = once, reset = 0x11)]
    pub r1: u8,
    #[reg(0x2, rw, read = fields)]
    pub r2: Block6R2,
    #[reg(0x3, rw, read = fields, reset = 0xc6)]
    pub r3: Block6R3,
    #[reg(0x4, rw, stride = 2, read = fields)]
    pub r4: [Block6R4; 2],
    #[reg(0x7, rw, write = w0c, state = r1)]
    pub r5: u8,
    #[reg(0x8, rw, read = fields, write = ws, reset = 0x2f)]
    pub r6: Block6R6,
    #[reg(0x9, rw, read = set, reset = 0xa1)]
    pub r7: [u8; 3],
    #[reg(0xc, ro, reset = 0x8c)]
    pub r8: u8,
    #[reg(0xf, ro, reset = 0xc7)]
    pub r9: u8,
    #[reg(0x10, rw, state = r4)]
    pub r10: [u8; 2],
    #[reg(0x12, wo, write = w1c, reset = 0x9a)]
    pub r11: [u8; 1],
}

impl block6::Model for Plain {}

#[rustfmt::skip]
impl Stored for block6::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&[self.r2]),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&[self.r6]),
            bits(&self.r7),
            bits(&[self.r8]),
            bits(&[self.r9]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
    }
}
