//! The block and its module would have one name.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct block {
    #[reg(0x00, rw)]
    a: u32,
}

fn main() {}
