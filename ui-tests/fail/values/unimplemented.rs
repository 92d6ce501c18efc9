//! A type that does not implement `RegisterValue`.
use memtrap::simulated;

#[derive(Clone, Copy)]
pub struct Status(u32);

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: Status,
}

fn main() {}
