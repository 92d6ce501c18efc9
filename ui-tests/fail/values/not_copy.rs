//! A type that is neither a register value nor `Copy`.
use memtrap::simulated;

/// Keeps its bits to itself.
pub struct Status(u32);

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: Status,
    #[reg(0x08, rw)]
    b: u32,
}

fn driver(block: &mut Block) {
    block.b().write(1);
}

fn main() {}
