//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u64)]
pub struct Block5R5 {
    #[bits(0)]
    pub f0: bool,
    #[bits(3..=5, wo)]
    pub f1: u8,
    #[bits(6..=8, wcrs)]
    pub f2: u8,
    #[bits(11..=12, w1c)]
    pub f3: u8,
    #[bits(15, wo)]
    pub f4: bool,
    #[bits(16, w0t)]
    pub f5: bool,
    #[bits(19, w0crs)]
    pub f6: bool,
    #[bits(22..=24, wrc)]
    pub f7: u8,
    #[bits(28..=35, ws)]
    pub f8: u8,
    #[bits(37, w0c)]
    pub f9: bool,
    #[bits(40..=44, w1crs)]
    pub f10: u8,
    #[bits(45..=48, w0src)]
    pub f11: u8,
    #[bits(49, w1src)]
    pub f12: bool,
    #[bits(53, rs)]
    pub f13: bool,
    #[bits(57..=61, w1t)]
    pub f14: u8,
    #[bits(63, w1c)]
    pub f15: bool,
}

/// Value of a register of a random block.
#[register(u32, reserved = zero)]
pub struct Block5R6 {
    #[bits(1..=7, woc)]
    pub f0: u8,
    #[bits(9, woc)]
    pub f1: bool,
    #[bits(13..=20, wc)]
    pub f2: u8,
    #[bits(24, ro)]
    pub f3: bool,
    #[bits(28)]
    pub f4: bool,
    #[bits(29..=30, wcrs)]
    pub f5: u8,
}

/// Value of a register of a random block.
#[register(u16, reserved = zero)]
pub struct Block5R7 {
    #[bits(1, woc)]
    pub f0: bool,
    #[bits(5, w1s)]
    pub f1: bool,
    #[bits(7..=9, rw)]
    pub f2: u8,
    #[bits(11)]
    pub f3: bool,
    #[bits(12, rs)]
    pub f4: bool,
    #[bits(15, rs)]
    pub f5: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block5R8 {
    #[bits(2)]
    pub f0: bool,
    #[bits(5, w0s)]
    pub f1: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 64)]
pub struct Block5 {
    #[reg(0x10, ro, constant = [0xa44d2b98643c76f5, 0xb79ff13ff3871358, 0xb78860ce1933cb7e])]
    pub r0: [u64; 3],
    #[reg(0x28, rw, write = w1c)]
    pub r1: u8,
    #[reg(0x2a, rw, write = wc)]
    pub r2: u16,
    #[reg(0x2c, ro)]
    pub r3: u32,
    #[reg(0x30, ro, reset = 0xede4)]
    pub r4: [u16; 2],
    #[reg(0x38, rw, read = fields, reset = 0xf3a5b30997b3163d)]
    pub r5: Block5R5,
    #[reg(0x40, rw, read = fields)]
    pub r6: Block5R6,
    #[reg(0x44, rw, read = fields, write = w0t, reset = 0x13a0)]
    pub r7: [Block5R7; 4],
    #[reg(0x4c, rw, reset = 0x81)]
    pub r8: [Block5R8; 2],
}

impl block5::Model for Plain {}

#[rustfmt::skip]
impl Stored for block5::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r1]),
            bits(&[self.r2]),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&self.r7),
            bits(&self.r8),
        ]
    }

    fn fill(&mut self) {
    }
}
