//! A gap whose size is not known.
use memtrap::simulated;

pub struct Gap(u32);

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw)]
    a: u32,
    _gap: [Gap; 4],
}

fn main() {}
