//! A FIFO has values of its own.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw)]
    a: u32,
    #[reg(0x4, rw, read = pop, state = a)]
    b: u32,
}

fn main() {}
