//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

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
