//! A value that is computed from itself, or from a computed one.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, value = a | 1)]
    a: u32,
    #[reg(0x4, ro, value = c & d)]
    b: u32,
    #[reg(0x8, ro, value = d)]
    c: u32,
    #[reg(0xc, rw)]
    d: u32,
}

fn main() {}
