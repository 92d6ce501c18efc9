//! Two names that differ in nothing that generated names keep.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a1: u32,
    #[reg(0x4, rw)]
    a_1: u32,
}

fn main() {}
