//! Random register blocks, written by `generate.rs`: `MEMTRAP_BLESS=1` writes them again.

use crate::subject::{Plain, Stored, Subject, bits, fill, queues, simulate};
use memtrap::{register, simulated};

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 32)]
pub struct Block0 {
    #[reg(0x0, rw)]
    pub r0: u8,
    #[reg(0x4, rw, reset = 0x9ff9b6c9)]
    pub r1: u32,
    #[reg(0x8, wo, stride = 8, write = wc, reset = 0xb12bfaaf)]
    pub r2: [u32; 4],
    #[reg(0x24, wo, stride = 4)]
    pub r3: [u16; 1],
    #[reg(0x28, rw, write = once, reset = 0x406f9762)]
    pub r4: u32,
    #[reg(0x2c, wo, reset = 0x2c9c)]
    pub r5: u16,
    #[reg(0x2e, rw, write = ws)]
    pub r6: u8,
    #[reg(0x2f, ro, reset = 0xa0)]
    pub r7: [u8; 2],
    #[reg(0x34, rw, stride = 8)]
    pub r8: [u32; 4],
}

impl block0::Model for Plain {}

#[rustfmt::skip]
impl Stored for block0::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&self.r2),
            bits(&self.r3),
            bits(&[self.r4]),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&self.r7),
            bits(&self.r8),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block1R3 {
    #[bits(0..=3, w0t)]
    pub f0: u8,
    #[bits(6)]
    pub f1: bool,
    #[bits(10)]
    pub f2: bool,
    #[bits(13)]
    pub f3: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 32)]
pub struct Block1 {
    #[reg(0x0, rw, reset = 0x509a)]
    pub r0: u16,
    #[reg(0x4, rw, write = w0s, reset = 0xda18c583)]
    pub r1: u32,
    #[reg(0x8, ro, constant = 0x3a)]
    pub r2: u8,
    #[reg(0xa, rw, stride = 4, reset = 0x5ca1)]
    pub r3: [Block1R3; 3],
    #[reg(0x14, rw, stride = 8, reset = 0x217c9c03)]
    pub r4: [u32; 2],
    #[reg(0x20, wo, stride = 8, write = w1c, reset = 0xad958695)]
    pub r5: [u32; 4],
    #[reg(0x3c, wo, reset = 0x1f14)]
    pub r6: u16,
    #[reg(0x3e, rw, write = once, reset = 0xc016)]
    pub r7: u16,
    #[reg(0x48, ro, value = r0 & r1)]
    pub r8: u32,
}

impl block1::Model for Plain {}

#[rustfmt::skip]
impl Stored for block1::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&self.r3),
            bits(&self.r4),
            bits(&self.r5),
            bits(&[self.r6]),
            bits(&[self.r7]),
        ]
    }

    fn fill(&mut self) {
    }
}

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

/// Value of a register of a random block.
#[register(u16, reserved = one)]
pub struct Block7R2 {
    #[bits(2, w0c)]
    pub f0: bool,
    #[bits(6, ws)]
    pub f1: bool,
    #[bits(9, wo1)]
    pub f2: bool,
    #[bits(12..=13, w0src)]
    pub f3: u8,
    #[bits(14..=15, rw)]
    pub f4: u8,
}

/// Value of a register of a random block.
#[register(u32)]
pub struct Block7R7 {
    #[bits(2..=9, w1c)]
    pub f0: u8,
    #[bits(11, woc)]
    pub f1: bool,
    #[bits(15, wsrc)]
    pub f2: bool,
    #[bits(16..=19, w0s)]
    pub f3: u8,
    #[bits(20..=21)]
    pub f4: u8,
    #[bits(24..=26, w1src)]
    pub f5: u8,
    #[bits(30..=31, ro)]
    pub f6: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 32)]
pub struct Block7 {
    #[reg(0x0, rw, write = w1c, reset = 0x56f7)]
    pub r0: u16,
    #[reg(0x4, rw, write = w1s, reset = 0x2d8ea112)]
    pub r1: [u32; 3],
    #[reg(0x10, rw, read = fields, reset = 0xddbb)]
    pub r2: [Block7R2; 4],
    #[reg(0x18, rw, reset = 0x359a)]
    pub r3: [u16; 1],
    #[reg(0x1c, rw, write = w0s)]
    pub r4: [u32; 3],
    #[reg(0x28, rw, read = set, write = w0s)]
    pub r5: u32,
    #[reg(0x2c, rw, read = set, reset = 0x78)]
    pub r6: u8,
    #[reg(0x38, rw, stride = 8, read = fields)]
    pub r7: [Block7R7; 3],
}

impl block7::Model for Plain {}

#[rustfmt::skip]
impl Stored for block7::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&self.r2),
            bits(&self.r3),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&self.r7),
        ]
    }

    fn fill(&mut self) {
    }
}

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

/// Value of a register of a random block.
#[register(u8)]
pub struct Block9R3 {
    #[bits(2..=6, w1t)]
    pub f0: u8,
}

/// Value of a register of a random block.
#[register(u16, reserved = zero)]
pub struct Block9R4 {
    #[bits(0, w1crs)]
    pub f0: bool,
    #[bits(2)]
    pub f1: bool,
    #[bits(4..=6, rc)]
    pub f2: u8,
    #[bits(8)]
    pub f3: bool,
    #[bits(12, w1s)]
    pub f4: bool,
    #[bits(13, woc)]
    pub f5: bool,
}

/// Value of a register of a random block.
#[register(u16, reserved = one)]
pub struct Block9R9 {
    #[bits(1)]
    pub f0: bool,
    #[bits(3, wos)]
    pub f1: bool,
    #[bits(4, wrs)]
    pub f2: bool,
    #[bits(8..=11)]
    pub f3: u8,
    #[bits(15, wos)]
    pub f4: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 64)]
pub struct Block9 {
    #[reg(0x4, wo)]
    pub r0: u32,
    #[reg(0x8, rw, write = w0s, reset = 0x31)]
    pub r1: [u8; 2],
    #[reg(0xa, rw, reset = 0x153f)]
    pub r2: u16,
    #[reg(0xc, rw, reset = 0x37)]
    pub r3: [Block9R3; 3],
    #[reg(0x10, rw, read = fields, write = wc)]
    pub r4: [Block9R4; 2],
    #[reg(0x14, rw, write = wc, reset = 0xb395)]
    pub r5: u16,
    #[reg(0x18, rw, write = w1t, reset = 0x528a7c03)]
    pub r6: u32,
    #[reg(0x20, rw, write = w1t, reset = 0x36d1ff6d62ebacc2)]
    pub r7: u64,
    #[reg(0x28, ro, state = r7)]
    pub r8: u64,
    #[reg(0x32, rw, read = fields, reset = 0xf6ed)]
    pub r9: [Block9R9; 2],
    #[reg(0x38, ro, reset = 0x6b1b654a)]
    pub r10: [u32; 4],
    #[reg(0x48, ro, value = r7 & r5)]
    pub r11: u64,
}

impl block9::Model for Plain {}

#[rustfmt::skip]
impl Stored for block9::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&[self.r2]),
            bits(&self.r3),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&[self.r7]),
            bits(&self.r9),
            bits(&self.r10),
        ]
    }

    fn fill(&mut self) {
    }
}

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

/// A simulation of each block.
#[rustfmt::skip]
pub(crate) const SUBJECTS: &[fn() -> Box<dyn Subject>] = &[
    simulate::<Block0>,
    simulate::<Block1>,
    simulate::<Block2>,
    simulate::<Block3>,
    simulate::<Block4>,
    simulate::<Block5>,
    simulate::<Block6>,
    simulate::<Block7>,
    simulate::<Block8>,
    simulate::<Block9>,
    simulate::<Block10>,
    simulate::<Block11>,
];
