//! A gap that is too long.
use memtrap::simulated;

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw)]
    a: u32,
    _gap: [u32; 6],
    #[reg(0x18, rw)]
    b: u32,
}

fn main() {}
