//! An enumeration has no registers.
use memtrap::simulated;

#[simulated(size = 4)]
pub enum Block {
    A,
}

fn main() {}
