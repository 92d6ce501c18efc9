//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::{register, simulated};

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
