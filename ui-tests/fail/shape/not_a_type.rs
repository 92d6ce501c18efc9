//! A function is no register block.
use memtrap::simulated;

#[simulated(size = 4)]
fn block() {}

fn main() {}
