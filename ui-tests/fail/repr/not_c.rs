//! The only representation.
use memtrap::simulated;

#[simulated(repr(packed))]
pub struct Block {
    #[reg(rw)]
    a: u32,
}

fn main() {}
