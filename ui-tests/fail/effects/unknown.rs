//! Misspelt effects.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw, read = pops, write = w1cl)]
    a: u32,
    #[reg(0x4, rw, write = 1)]
    b: u32,
}

fn main() {}
