//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u32, reserved = one)]
pub struct Block11R0 {
    #[bits(1)]
    pub f0: bool,
    #[bits(5, w1t)]
    pub f1: bool,
    #[bits(9..=14, w0s)]
    pub f2: u8,
    #[bits(17, w1crs)]
    pub f3: bool,
    #[bits(19..=23, w1c)]
    pub f4: u8,
    #[bits(24..=26)]
    pub f5: u8,
    #[bits(29..=31, ro)]
    pub f6: u8,
}

/// Value of a register of a random block.
#[register(u32)]
pub struct Block11R2 {
    #[bits(0)]
    pub f0: bool,
    #[bits(1..=6, w0t)]
    pub f1: u8,
    #[bits(9, w1s)]
    pub f2: bool,
    #[bits(10)]
    pub f3: bool,
    #[bits(14)]
    pub f4: bool,
    #[bits(17..=23, ws)]
    pub f5: u8,
    #[bits(27, wc)]
    pub f6: bool,
    #[bits(31, wos)]
    pub f7: bool,
}

/// Value of a register of a random block.
#[register(u32, reserved = one)]
pub struct Block11R3 {
    #[bits(1..=2, wcrs)]
    pub f0: u8,
    #[bits(6..=11)]
    pub f1: u8,
    #[bits(15, ws)]
    pub f2: bool,
    #[bits(16, w0crs)]
    pub f3: bool,
    #[bits(19, wc)]
    pub f4: bool,
    #[bits(20)]
    pub f5: bool,
    #[bits(24)]
    pub f6: bool,
    #[bits(27)]
    pub f7: bool,
    #[bits(31, ro)]
    pub f8: bool,
}

/// Value of a register of a random block.
#[register(u16, reserved = one)]
pub struct Block11R8 {
    #[bits(0..=6, woc)]
    pub f0: u8,
    #[bits(10, ws)]
    pub f1: bool,
    #[bits(11, wrc)]
    pub f2: bool,
    #[bits(13..=15, wc)]
    pub f3: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x50, width = 32)]
pub struct Block11 {
    #[reg(0x0, rw, read = fields, reset = 0x7caff7ff)]
    pub r0: Block11R0,
    #[reg(0x4, rw, write = once, reset = 0x240e)]
    pub r1: u16,
    #[reg(0x10, rw, reset = 0x6a9cadf8)]
    pub r2: [Block11R2; 2],
    #[reg(0x1c, rw, stride = 8, read = fields, write = w1t, reset = 0xf7f67ab9)]
    pub r3: [Block11R3; 1],
    #[reg(0x22, rw, read = clear, write = w1t)]
    pub r4: u8,
    #[reg(0x24, rw, read = set, reset = 0xe7)]
    pub r5: [u8; 2],
    #[reg(0x26, ro, constant = [0x76, 0xfa, 0x9b])]
    pub r6: [u8; 3],
    #[reg(0x2c, wo, write = w0t)]
    pub r7: u32,
    #[reg(0x30, rw, read = fields, reset = 0x3392)]
    pub r8: Block11R8,
    #[reg(0x34, rw, write = w0s, reset = 0xde1d9146)]
    pub r9: u32,
}

impl block11::Model for Plain {}

#[rustfmt::skip]
impl Stored for block11::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&self.r2),
            bits(&self.r3),
            bits(&[self.r4]),
            bits(&self.r5),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&[self.r9]),
        ]
    }

    fn fill(&mut self) {
    }
}
