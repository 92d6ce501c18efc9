//! Setting bits of a register in which ones clear.
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
    block.status().set(1);
    block.status().toggle(1);
}

fn main() {}
