//! Two registers with one name.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: u32,
    #[reg(0x4, rw)]
    a: u32,
}

fn main() {}
