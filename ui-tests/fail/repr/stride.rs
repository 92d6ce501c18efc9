//! C arrays have no gaps.
use memtrap::simulated;

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw, stride = 8)]
    a: [u32; 4],
}

fn main() {}
