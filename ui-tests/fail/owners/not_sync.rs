//! A shared handle stays on its thread.
use memtrap::simulated;

#[simulated(size = 0x10, shared)]
pub struct Block {
    #[reg(0x00, rw)]
    control: u32,
}

static BLOCK: Block = unsafe { Block::at(0x4000_0000) };

fn main() {}
