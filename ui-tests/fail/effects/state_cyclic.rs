//! Views of themselves and of each other.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw, state = b)]
    a: u32,
    #[reg(0x4, rw, state = a)]
    b: u32,
    #[reg(0x8, rw, state = c)]
    c: u32,
}

fn main() {}
