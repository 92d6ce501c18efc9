//! A name that is no register.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, value = status & mask)]
    a: u32,
    #[reg(0x4, ro)]
    status: u32,
}

fn main() {}
