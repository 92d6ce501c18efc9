//! The layout is the same for all types.
use memtrap::simulated;

#[simulated(size = 4)]
pub struct Block<'a, T> {
    #[reg(0, rw)]
    a: u32,
}

fn main() {}
