//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

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
