//! A register that is called as a method of every handle.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: u32,
    #[reg(0x4, rw)]
    new: u32,
    #[reg(0x8, rw)]
    shared: u32,
}

fn main() {}
