//! Registers have names.
use memtrap::simulated;

#[simulated(size = 4)]
pub struct Block;

fn main() {}
