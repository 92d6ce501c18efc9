//! A read with side effects that the declaration does not mention.
use memtrap::{register, simulated};

#[register(u32)]
pub struct Events {
    #[bits(0..=7, rc)]
    events: u8,
}

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro)]
    events: Events,
}

fn main() {}
