//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits, fill, queues};
use memtrap::{register, simulated};

/// Value of a register of a random block.
#[register(u32, reserved = zero)]
pub struct Block2R0 {
    #[bits(2..=8, wcrs)]
    pub f0: u8,
    #[bits(12, w1t)]
    pub f1: bool,
    #[bits(14, woc)]
    pub f2: bool,
    #[bits(15, w1c)]
    pub f3: bool,
    #[bits(19)]
    pub f4: bool,
    #[bits(22, w1crs)]
    pub f5: bool,
    #[bits(25, wo1)]
    pub f6: bool,
    #[bits(27)]
    pub f7: bool,
    #[bits(30, wcrs)]
    pub f8: bool,
}

/// Value of a register of a random block.
#[register(u64, reserved = one)]
pub struct Block2R3 {
    #[bits(1..=7)]
    pub f0: u8,
    #[bits(8)]
    pub f1: bool,
    #[bits(11, w1src)]
    pub f2: bool,
    #[bits(12..=19, w0s)]
    pub f3: u8,
    #[bits(20..=24)]
    pub f4: u8,
    #[bits(25..=26, w1t)]
    pub f5: u8,
    #[bits(27..=34, rc)]
    pub f6: u8,
    #[bits(36, wsrc)]
    pub f7: bool,
    #[bits(39, wo1)]
    pub f8: bool,
    #[bits(41)]
    pub f9: bool,
    #[bits(45..=47, ro)]
    pub f10: u8,
    #[bits(50..=52)]
    pub f11: u8,
    #[bits(56..=63, ws)]
    pub f12: u8,
}

/// Value of a register of a random block.
#[register(u32, reserved = zero)]
pub struct Block2R9 {
    #[bits(1, wo1)]
    pub f0: bool,
    #[bits(2..=7)]
    pub f1: u8,
    #[bits(10..=11, w0src)]
    pub f2: u8,
    #[bits(13..=14, w1c)]
    pub f3: u8,
    #[bits(16..=19, wc)]
    pub f4: u8,
    #[bits(20)]
    pub f5: bool,
    #[bits(23, w0t)]
    pub f6: bool,
    #[bits(25, ro)]
    pub f7: bool,
    #[bits(29)]
    pub f8: bool,
    #[bits(31, wc)]
    pub f9: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block2R10 {
    #[bits(1, w0c)]
    pub f0: bool,
    #[bits(3, wrs)]
    pub f1: bool,
    #[bits(7, woc)]
    pub f2: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0xb0, width = 64)]
pub struct Block2 {
    #[reg(0x4, rw, read = fields)]
    pub r0: Block2R0,
    #[reg(0x8, rw, write = push, reset = 0xff)]
    pub r1: u8,
    #[reg(0x10, rw, stride = 16, write = ws, reset = 0xff2350059a7ee680)]
    pub r2: [u64; 3],
    #[reg(0x38, rw, read = fields, reset = 0xf6fb9feec279f739)]
    pub r3: Block2R3,
    #[reg(0x40, ro)]
    pub r4: u16,
    #[reg(0x42, rw, read = set, write = w0c)]
    pub r5: u8,
    #[reg(0x44, ro, constant = [0x31d1, 0x35f2])]
    pub r6: [u16; 2],
    #[reg(0x4c, rw, write = w1s, reset = 0x383d79a1)]
    pub r7: u32,
    #[reg(0x50, ro, read = clear, reset = 0xa6)]
    pub r8: u8,
    #[reg(0x54, rw, stride = 8, read = fields, reset = 0x2207280c)]
    pub r9: [Block2R9; 4],
    #[reg(0x70, rw, read = fields, reset = 0xd4)]
    pub r10: Block2R10,
    #[reg(0x78, rw, stride = 8, read = clear, write = w1c, reset = 0x1467e2bb)]
    pub r11: [u32; 3],
    #[reg(0x8c, ro, stride = 4, constant = [0x9c37, 0xcf, 0x9d0e])]
    pub r12: [u16; 3],
}

impl block2::Model for Plain {}

#[rustfmt::skip]
impl Stored for block2::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            queues(std::slice::from_ref(&self.r1)),
            bits(&self.r2),
            bits(&[self.r3]),
            bits(&[self.r4]),
            bits(&[self.r5]),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&self.r9),
            bits(&[self.r10]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
        fill(std::slice::from_mut(&mut self.r1));
    }
}
