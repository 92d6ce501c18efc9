//! A random register block, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

use crate::subject::{Plain, Stored, bits};
use memtrap::simulated;

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
