//! Explicit offsets need no gaps.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw)]
    a: u32,
    _gap: [u32; 4],
}

fn main() {}
