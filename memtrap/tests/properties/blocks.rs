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
    #[bits(0..=7, wrc)]
    pub f0: u8,
    #[bits(11)]
    pub f1: bool,
    #[bits(12..=14)]
    pub f2: u8,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block1R4 {
    #[bits(2, ws)]
    pub f0: bool,
    #[bits(5..=12, w0s)]
    pub f1: u8,
    #[bits(14, w1crs)]
    pub f2: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x50, width = 32)]
pub struct Block1 {
    #[reg(0x0, rw, reset = 0x509a)]
    pub r0: u16,
    #[reg(0x4, rw, write = w0s, reset = 0xda18c583)]
    pub r1: u32,
    #[reg(0x8, ro, constant = 0x3a)]
    pub r2: u8,
    #[reg(0xa, rw, stride = 4, read = fields, reset = 0xf671)]
    pub r3: [Block1R3; 3],
    #[reg(0x16, rw, read = fields, write = w1t, reset = 0x1979)]
    pub r4: Block1R4,
    #[reg(0x1a, rw, reset = 0xdf)]
    pub r5: u8,
    #[reg(0x1c, rw, write = once, reset = 0x6473c016)]
    pub r6: [u32; 3],
    #[reg(0x30, ro, value = r1 & r5)]
    pub r7: u32,
    #[reg(0x34, ro, reset = 0xcffac9f9)]
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
            bits(&[self.r4]),
            bits(&[self.r5]),
            bits(&self.r6),
            bits(&[self.r8]),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block2R1 {
    #[bits(2, ws)]
    pub f0: bool,
    #[bits(3..=7)]
    pub f1: u8,
}

/// Value of a register of a random block.
#[register(u64)]
pub struct Block2R5 {
    #[bits(2, rw)]
    pub f0: bool,
    #[bits(6, rc)]
    pub f1: bool,
    #[bits(10)]
    pub f2: bool,
    #[bits(13, wo1)]
    pub f3: bool,
    #[bits(15, w0crs)]
    pub f4: bool,
    #[bits(16, w0crs)]
    pub f5: bool,
    #[bits(18)]
    pub f6: bool,
    #[bits(20..=25, w0src)]
    pub f7: u8,
    #[bits(26..=28)]
    pub f8: u8,
    #[bits(30, ro)]
    pub f9: bool,
    #[bits(31, wo1)]
    pub f10: bool,
    #[bits(34..=41, rw)]
    pub f11: u8,
    #[bits(44..=48, woc)]
    pub f12: u8,
    #[bits(52..=53, ro)]
    pub f13: u8,
    #[bits(56, w0t)]
    pub f14: bool,
    #[bits(59..=60, rs)]
    pub f15: u8,
    #[bits(62)]
    pub f16: bool,
    #[bits(63, w0t)]
    pub f17: bool,
}

/// Value of a register of a random block.
#[register(u32)]
pub struct Block2R7 {
    #[bits(0, wsrc)]
    pub f0: bool,
    #[bits(3..=8, w1)]
    pub f1: u8,
    #[bits(9, w1c)]
    pub f2: bool,
    #[bits(13)]
    pub f3: bool,
    #[bits(17)]
    pub f4: bool,
    #[bits(19, wos)]
    pub f5: bool,
    #[bits(22, wos)]
    pub f6: bool,
    #[bits(24..=25, w1src)]
    pub f7: u8,
    #[bits(27..=31, wo1)]
    pub f8: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0xa0, width = 64)]
pub struct Block2 {
    #[reg(0x8, wo, reset = 0x23aaaa7f)]
    pub r0: [u32; 4],
    #[reg(0x18, rw, reset = 0xd)]
    pub r1: [Block2R1; 3],
    #[reg(0x1c, ro, read = clear)]
    pub r2: [u32; 3],
    #[reg(0x28, rw, write = push, reset = 0xff)]
    pub r3: u8,
    #[reg(0x30, rw, stride = 16, write = ws, reset = 0xff2350059a7ee680)]
    pub r4: [u64; 3],
    #[reg(0x58, rw, read = fields)]
    pub r5: Block2R5,
    #[reg(0x70, rw, reset = 0x6c9642a2a81780b7)]
    pub r6: u64,
    #[reg(0x78, rw, read = fields, reset = 0xb99bad5e)]
    pub r7: [Block2R7; 2],
    #[reg(0x81, rw, reset = 0x2a)]
    pub r8: u8,
    #[reg(0x82, ro, constant = 0x28b7)]
    pub r9: u16,
    #[reg(0x88, ro, read = set)]
    pub r10: [u16; 2],
    #[reg(0x8c, wo, write = w1c, state = r8)]
    pub r11: u8,
}

impl block2::Model for Plain {}

#[rustfmt::skip]
impl Stored for block2::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r0),
            bits(&self.r1),
            bits(&self.r2),
            queues(std::slice::from_ref(&self.r3)),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&self.r7),
            bits(&[self.r8]),
            bits(&self.r10),
        ]
    }

    fn fill(&mut self) {
        fill(std::slice::from_mut(&mut self.r3));
    }
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block3R0 {
    #[bits(2..=4, wo)]
    pub f0: u8,
    #[bits(7)]
    pub f1: bool,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block3R7 {
    #[bits(0, w1)]
    pub f0: bool,
    #[bits(2..=8, wrc)]
    pub f1: u8,
    #[bits(12, w1c)]
    pub f2: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x30, width = 16)]
pub struct Block3 {
    #[reg(0x0, rw, reset = 0xd9)]
    pub r0: Block3R0,
    #[reg(0x4, ro, reset = 0x1d58)]
    pub r1: [u16; 3],
    #[reg(0xa, rw, write = ws, reset = 0xf1)]
    pub r2: [u8; 2],
    #[reg(0xc, rw, write = w1s, reset = 0xa809)]
    pub r3: u16,
    #[reg(0x10, ro, read = clear, reset = 0xf9)]
    pub r4: u8,
    #[reg(0x11, rw, reset = 0x28)]
    pub r5: [u8; 2],
    #[reg(0x13, rw, state = r0)]
    pub r6: u8,
    #[reg(0x18, rw, read = fields, write = ws)]
    pub r7: Block3R7,
    #[reg(0x1a, rw, read = set)]
    pub r8: [u8; 1],
}

impl block3::Model for Plain {}

#[rustfmt::skip]
impl Stored for block3::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&self.r1),
            bits(&self.r2),
            bits(&[self.r3]),
            bits(&[self.r4]),
            bits(&self.r5),
            bits(&[self.r7]),
            bits(&self.r8),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u32)]
pub struct Block4R3 {
    #[bits(1..=5, w1src)]
    pub f0: u8,
    #[bits(6..=13)]
    pub f1: u8,
    #[bits(17..=20)]
    pub f2: u8,
    #[bits(22, w0c)]
    pub f3: bool,
    #[bits(25..=31, w1)]
    pub f4: u8,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block4R6 {
    #[bits(1, wrc)]
    pub f0: bool,
    #[bits(4, wcrs)]
    pub f1: bool,
    #[bits(5, ro)]
    pub f2: bool,
    #[bits(7, wo1)]
    pub f3: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block4R7 {
    #[bits(1)]
    pub f0: bool,
    #[bits(4)]
    pub f1: bool,
    #[bits(6..=7, w1t)]
    pub f2: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x30, width = 32)]
pub struct Block4 {
    #[reg(0x0, rw, stride = 4, read = set, write = wc, reset = 0x62e8)]
    pub r0: [u16; 1],
    #[reg(0x2, rw, read = set, reset = 0x11)]
    pub r1: u8,
    #[reg(0x4, rw, reset = 0x15de5b1f)]
    pub r2: [u32; 1],
    #[reg(0xc, rw, read = fields, write = once)]
    pub r3: Block4R3,
    #[reg(0x10, wo, reset = 0xe921)]
    pub r4: [u16; 4],
    #[reg(0x18, ro, state = r1)]
    pub r5: u8,
    #[reg(0x19, rw, read = fields, write = w1c, reset = 0xb4)]
    pub r6: [Block4R6; 4],
    #[reg(0x1d, rw, reset = 0x8d)]
    pub r7: Block4R7,
}

impl block4::Model for Plain {}

#[rustfmt::skip]
impl Stored for block4::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r0),
            bits(&[self.r1]),
            bits(&self.r2),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&self.r6),
            bits(&[self.r7]),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block5R1 {
    #[bits(0, wo1)]
    pub f0: bool,
    #[bits(1, woc)]
    pub f1: bool,
    #[bits(2..=7)]
    pub f2: u8,
    #[bits(10, w1s)]
    pub f3: bool,
    #[bits(11..=15, w1c)]
    pub f4: u8,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block5R3 {
    #[bits(2..=6, w1c)]
    pub f0: u8,
    #[bits(7..=13, wo1)]
    pub f1: u8,
    #[bits(14, rs)]
    pub f2: bool,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block5R6 {
    #[bits(1, wo1)]
    pub f0: bool,
    #[bits(5, w0src)]
    pub f1: bool,
    #[bits(8, w1s)]
    pub f2: bool,
    #[bits(11, w1c)]
    pub f3: bool,
    #[bits(14)]
    pub f4: bool,
}

/// Value of a register of a random block.
#[register(u64)]
pub struct Block5R10 {
    #[bits(0, rc)]
    pub f0: bool,
    #[bits(1, wrs)]
    pub f1: bool,
    #[bits(5..=9, w1c)]
    pub f2: u8,
    #[bits(10..=16, w1src)]
    pub f3: u8,
    #[bits(17..=23, w0s)]
    pub f4: u8,
    #[bits(27, wcrs)]
    pub f5: bool,
    #[bits(29)]
    pub f6: bool,
    #[bits(31, w0c)]
    pub f7: bool,
    #[bits(34, ro)]
    pub f8: bool,
    #[bits(38, wsrc)]
    pub f9: bool,
    #[bits(41, wc)]
    pub f10: bool,
    #[bits(45, w1crs)]
    pub f11: bool,
    #[bits(46..=49, w0src)]
    pub f12: u8,
    #[bits(50, w1src)]
    pub f13: bool,
    #[bits(54, rs)]
    pub f14: bool,
    #[bits(58..=62, w1t)]
    pub f15: u8,
}

/// Value of a register of a random block.
#[register(u64)]
pub struct Block5R11 {
    #[bits(1, w0crs)]
    pub f0: bool,
    #[bits(4..=11, ro)]
    pub f1: u8,
    #[bits(14..=21, w1c)]
    pub f2: u8,
    #[bits(24..=31)]
    pub f3: u8,
    #[bits(33)]
    pub f4: bool,
    #[bits(34..=35, wcrs)]
    pub f5: u8,
    #[bits(39, wo1)]
    pub f6: bool,
    #[bits(41..=44, wsrc)]
    pub f7: u8,
    #[bits(48..=52, wsrc)]
    pub f8: u8,
    #[bits(53..=56, wsrc)]
    pub f9: u8,
    #[bits(60..=63)]
    pub f10: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x70, width = 64)]
pub struct Block5 {
    #[reg(0x0, ro, constant = 0xd7)]
    pub r0: u8,
    #[reg(0x2, rw, reset = 0x9479)]
    pub r1: [Block5R1; 3],
    #[reg(0x10, rw, reset = 0xe610744707548f84)]
    pub r2: u64,
    #[reg(0x18, rw, read = fields, reset = 0xf183)]
    pub r3: Block5R3,
    #[reg(0x1a, rw, stride = 4, write = w1t, state = r1)]
    pub r4: [u16; 3],
    #[reg(0x24, wo, write = once)]
    pub r5: u32,
    #[reg(0x28, rw, read = fields)]
    pub r6: Block5R6,
    #[reg(0x2a, rw, write = wc)]
    pub r7: u16,
    #[reg(0x2c, ro)]
    pub r8: u32,
    #[reg(0x30, ro, reset = 0xede4)]
    pub r9: [u16; 2],
    #[reg(0x38, rw, read = fields)]
    pub r10: Block5R10,
    #[reg(0x48, rw, read = fields, reset = 0x31db5f08d821d876)]
    pub r11: [Block5R11; 2],
}

impl block5::Model for Plain {}

#[rustfmt::skip]
impl Stored for block5::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r1),
            bits(&[self.r2]),
            bits(&[self.r3]),
            bits(&[self.r5]),
            bits(&[self.r6]),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&self.r9),
            bits(&[self.r10]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R2 {
    #[bits(2..=5, w0src)]
    pub f0: u8,
    #[bits(6, rw)]
    pub f1: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R6 {
    #[bits(0, w0t)]
    pub f0: bool,
    #[bits(2..=7)]
    pub f1: u8,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R7 {
    #[bits(1..=6, wc)]
    pub f0: u8,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R8 {
    #[bits(1, w0t)]
    pub f0: bool,
    #[bits(2, w0t)]
    pub f1: bool,
    #[bits(3, w1crs)]
    pub f2: bool,
    #[bits(5..=6, w1s)]
    pub f3: u8,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block6R10 {
    #[bits(0, w0c)]
    pub f0: bool,
    #[bits(3, ro)]
    pub f1: bool,
    #[bits(7, wos)]
    pub f2: bool,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x30, width = 8)]
pub struct Block6 {
    #[reg(0x0, wo, write = ws, reset = 0x86)]
    pub r0: u8,
    #[reg(0x3, rw, write = w1s)]
    pub r1: u8,
    #[reg(0x5, rw, read = fields, reset = 0xf3)]
    pub r2: Block6R2,
    #[reg(0x6, rw, reset = 0x2a)]
    pub r3: [u8; 4],
    #[reg(0xa, rw, read = set, write = w0s, reset = 0xaf)]
    pub r4: u8,
    #[reg(0xb, rw, stride = 2)]
    pub r5: [u8; 2],
    #[reg(0xe, rw, reset = 0xf6)]
    pub r6: Block6R6,
    #[reg(0x11, rw, reset = 0x93)]
    pub r7: Block6R7,
    #[reg(0x12, rw, read = fields, reset = 0xe1)]
    pub r8: Block6R8,
    #[reg(0x13, rw, read = set, reset = 0x78)]
    pub r9: [u8; 3],
    #[reg(0x16, rw, reset = 0xe3)]
    pub r10: Block6R10,
    #[reg(0x17, rw, state = r0)]
    pub r11: u8,
}

impl block6::Model for Plain {}

#[rustfmt::skip]
impl Stored for block6::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&[self.r2]),
            bits(&self.r3),
            bits(&[self.r4]),
            bits(&self.r5),
            bits(&[self.r6]),
            bits(&[self.r7]),
            bits(&[self.r8]),
            bits(&self.r9),
            bits(&[self.r10]),
        ]
    }

    fn fill(&mut self) {
    }
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x40, width = 32)]
pub struct Block7 {
    #[reg(0x0, wo, reset = 0x9763)]
    pub r0: [u16; 4],
    #[reg(0x8, rw, read = clear, write = ws, reset = 0x9e81)]
    pub r1: u16,
    #[reg(0xa, rw, read = set, reset = 0x98)]
    pub r2: u8,
    #[reg(0xc, rw, write = w1s, reset = 0x982b122)]
    pub r3: u32,
    #[reg(0x12, rw, write = w1s, reset = 0xde30)]
    pub r4: [u16; 2],
    #[reg(0x18, ro, constant = 0x2776e8b2)]
    pub r5: u32,
    #[reg(0x1c, ro, value = r3 & r1)]
    pub r6: u16,
    #[reg(0x24, rw, read = clear, write = once, state = r3)]
    pub r7: u32,
    #[reg(0x28, wo, reset = 0x5a5b5b5a)]
    pub r8: u32,
}

impl block7::Model for Plain {}

#[rustfmt::skip]
impl Stored for block7::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r0),
            bits(&[self.r1]),
            bits(&[self.r2]),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&[self.r8]),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block8R1 {
    #[bits(0..=6, w0s)]
    pub f0: u8,
    #[bits(9, w1s)]
    pub f1: bool,
    #[bits(13, w0t)]
    pub f2: bool,
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block8R3 {
    #[bits(1, wos)]
    pub f0: bool,
    #[bits(2)]
    pub f1: bool,
    #[bits(4..=7)]
    pub f2: u8,
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x40, width = 32)]
pub struct Block8 {
    #[reg(0x0, rw, write = w1c, reset = 0x74173742)]
    pub r0: u32,
    #[reg(0x8, rw)]
    pub r1: Block8R1,
    #[reg(0xa, rw, write = w1c, reset = 0xe)]
    pub r2: [u8; 2],
    #[reg(0xc, rw, write = w1s, reset = 0x7f)]
    pub r3: [Block8R3; 2],
    #[reg(0x10, ro, reset = 0xaa)]
    pub r4: u8,
    #[reg(0x12, rw)]
    pub r5: u16,
    #[reg(0x14, ro, value = r4 & r1)]
    pub r6: u32,
    #[reg(0x1a, rw, write = w0c, reset = 0xa6af)]
    pub r7: u16,
    #[reg(0x1c, rw, write = w1t, state = r1)]
    pub r8: u16,
    #[reg(0x20, rw, write = w1s, reset = 0xf5db)]
    pub r9: u16,
    #[reg(0x22, rw, write = ws, reset = 0x2c)]
    pub r10: u8,
    #[reg(0x23, rw)]
    pub r11: [u8; 1],
}

impl block8::Model for Plain {}

#[rustfmt::skip]
impl Stored for block8::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&self.r2),
            bits(&self.r3),
            bits(&[self.r4]),
            bits(&[self.r5]),
            bits(&[self.r7]),
            bits(&[self.r9]),
            bits(&[self.r10]),
            bits(&self.r11),
        ]
    }

    fn fill(&mut self) {
    }
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 64)]
pub struct Block9 {
    #[reg(0x0, rw, read = clear)]
    pub r0: [u64; 2],
    #[reg(0x10, rw)]
    pub r1: u8,
    #[reg(0x16, ro, stride = 4, read = clear, reset = 0x60a7)]
    pub r2: [u16; 2],
    #[reg(0x1c, rw, stride = 8, reset = 0xef5dbe0a)]
    pub r3: [u32; 3],
    #[reg(0x34, wo, reset = 0xe6435a22)]
    pub r4: [u32; 1],
    #[reg(0x38, ro, read = clear, reset = 0x90882590)]
    pub r5: u32,
    #[reg(0x3c, ro, constant = 0xcf197ede)]
    pub r6: u32,
    #[reg(0x40, rw, stride = 2, write = w1s, reset = 0x73)]
    pub r7: [u8; 2],
}

impl block9::Model for Plain {}

#[rustfmt::skip]
impl Stored for block9::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r0),
            bits(&[self.r1]),
            bits(&self.r2),
            bits(&self.r3),
            bits(&self.r4),
            bits(&[self.r5]),
            bits(&self.r7),
        ]
    }

    fn fill(&mut self) {
    }
}

/// Value of a register of a random block.
#[register(u8)]
pub struct Block10R1 {
    #[bits(0..=5, woc)]
    pub f0: u8,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block10R2 {
    #[bits(1, w1crs)]
    pub f0: bool,
    #[bits(3)]
    pub f1: bool,
    #[bits(5..=7, rc)]
    pub f2: u8,
    #[bits(9)]
    pub f3: bool,
    #[bits(13, w1s)]
    pub f4: bool,
    #[bits(14, woc)]
    pub f5: bool,
}

/// Value of a register of a random block.
#[register(u16)]
pub struct Block10R7 {
    #[bits(2, w0src)]
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
#[simulated(size = 0x30, width = 16)]
pub struct Block10 {
    #[reg(0x0, rw, stride = 4, reset = 0x153f)]
    pub r0: [u16; 2],
    #[reg(0x7, rw, reset = 0xf)]
    pub r1: [Block10R1; 3],
    #[reg(0xa, rw, read = fields, write = wc)]
    pub r2: [Block10R2; 2],
    #[reg(0xe, rw, write = wc, reset = 0xb395)]
    pub r3: u16,
    #[reg(0x10, rw, write = w1t, reset = 0x3)]
    pub r4: u8,
    #[reg(0x12, rw, write = w1t, reset = 0xacc2)]
    pub r5: u16,
    #[reg(0x14, ro, state = r5)]
    pub r6: u16,
    #[reg(0x18, rw, read = fields, reset = 0xf6c9)]
    pub r7: [Block10R7; 2],
    #[reg(0x1c, ro, reset = 0x4a)]
    pub r8: [u8; 4],
}

impl block10::Model for Plain {}

#[rustfmt::skip]
impl Stored for block10::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&self.r0),
            bits(&self.r1),
            bits(&self.r2),
            bits(&[self.r3]),
            bits(&[self.r4]),
            bits(&[self.r5]),
            bits(&self.r7),
            bits(&self.r8),
        ]
    }

    fn fill(&mut self) {
    }
}

/// A random block.
#[rustfmt::skip]
#[simulated(size = 0x60, width = 32)]
pub struct Block11 {
    #[reg(0x8, ro)]
    pub r0: u32,
    #[reg(0xc, rw, write = w1c)]
    pub r1: u8,
    #[reg(0xe, rw, reset = 0xc133)]
    pub r2: u16,
    #[reg(0x10, rw, write = ws, reset = 0x99326e78)]
    pub r3: u32,
    #[reg(0x14, rw, read = set, reset = 0xe8386779)]
    pub r4: [u32; 4],
    #[reg(0x24, ro, constant = 0x2e26)]
    pub r5: u16,
    #[reg(0x28, rw, stride = 8, reset = 0xf27b563c)]
    pub r6: [u32; 1],
    #[reg(0x2c, rw, read = clear, reset = 0x76)]
    pub r7: [u8; 1],
    #[reg(0x30, ro, reset = 0x4f5b9fbd)]
    pub r8: u32,
    #[reg(0x34, ro, stride = 8, constant = [0x9c5335a3, 0x5d029b08])]
    pub r9: [u32; 2],
    #[reg(0x40, rw, state = r1)]
    pub r10: u8,
}

impl block11::Model for Plain {}

#[rustfmt::skip]
impl Stored for block11::State {
    fn stored(&self) -> Vec<Vec<u64>> {
        vec![
            bits(&[self.r0]),
            bits(&[self.r1]),
            bits(&[self.r2]),
            bits(&[self.r3]),
            bits(&self.r4),
            bits(&self.r6),
            bits(&self.r7),
            bits(&[self.r8]),
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
