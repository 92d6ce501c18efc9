//! A read with a side effect through the shared view.
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
    let _ = block.shared().fifo();
}

fn main() {}
