//! A field that is no register and is not named as a gap.
use memtrap::simulated;

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw)]
    a: u32,
    reserved: [u32; 4],
}

fn main() {}
