//! A write has no effect on a register that is only read.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, write = w1c)]
    a: u32,
    #[reg(0x4, wo, read = pop)]
    b: u32,
    #[reg(0x8, write = w1t, reset = 3, ro)]
    c: u32,
}

fn main() {}
