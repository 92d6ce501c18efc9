//! A view of a register that stores nothing.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, constant = 1)]
    a: u32,
    #[reg(0x4, rw, state = a)]
    b: u32,
    #[reg(0x8, rw, read = pop)]
    c: u32,
    #[reg(0xc, rw, state = c)]
    d: u32,
}

fn main() {}
