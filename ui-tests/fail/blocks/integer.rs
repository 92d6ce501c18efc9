//! A register that is declared as a block.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[block(0x00)]
    a: u32,
    #[block(0x10)]
    b: [u16; 4],
}

fn main() {}
