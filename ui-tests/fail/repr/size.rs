//! A size that the fields do not give.
use memtrap::simulated;

#[simulated(repr(C), size = 0x1000)]
pub struct Block {
    #[reg(rw)]
    a: u32,
    #[reg(rw)]
    b: u32,
}

fn main() {}
