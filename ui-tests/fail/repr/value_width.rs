//! A value type that is not as wide as the bus.
use memtrap::{register, simulated};

#[register(u16)]
pub struct Narrow {
    #[bits(0)]
    enable: bool,
}

#[simulated(repr(C))]
pub struct Block {
    #[reg(rw)]
    a: Narrow,
    #[reg(rw)]
    b: u32,
}

fn main() {}
