//! A view is as wide as what it shows.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw)]
    a: u32,
    #[reg(0x4, rw, state = a)]
    b: u16,
    #[reg(0x10, rw, state = a)]
    c: [u32; 2],
}

fn main() {}
