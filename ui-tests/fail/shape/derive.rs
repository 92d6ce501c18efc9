//! Nothing can be derived for a handle.
use memtrap::simulated;

#[simulated(size = 0x100)]
#[derive(Clone, Copy)]
pub struct Block {
    #[reg(0, rw)]
    a: u32,
}

fn main() {}
