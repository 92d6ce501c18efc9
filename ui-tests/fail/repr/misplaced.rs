//! An offset that the order of the fields does not give.
use memtrap::simulated;

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw)]
    a: u32,
    _gap: [u32; 4],
    #[reg(0x18, rw)]
    b: u32,
}

fn main() {}
