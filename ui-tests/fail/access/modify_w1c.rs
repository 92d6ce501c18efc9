//! A read-modify-write of a register whose bits act when one is written.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw, read = pop, write = push)]
    fifo: u32,
    #[reg(0x04, rw, write = w1c)]
    status: u32,
    #[reg(0x08, rw)]
    control: u32,
}

fn driver(block: &mut Block) {
    block.status().modify(|value| value | 1);
}

fn main() {}
