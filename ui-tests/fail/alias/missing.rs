//! Bits are set in a window that is not there.
use memtrap::simulated;

#[simulated(size = 0x2000, alias(clear = 0x1000))]
pub struct Block {
    #[reg(0x00, rw)]
    control: u32,
    #[reg(0x04, ro)]
    status: u32,
}

fn driver(block: &mut Block) {
    block.control().clear_bits(1);
    block.control().set_bits(1);
    block.status().clear_bits(1);
}

fn main() {}
