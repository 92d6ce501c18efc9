//! Two sources of a value.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw)]
    a: u32,
    #[reg(0x4, rw, state = a, reset = 1)]
    b: u32,
    #[reg(0x8, ro, constant = 1, value = a & 1)]
    c: u32,
}

fn main() {}
