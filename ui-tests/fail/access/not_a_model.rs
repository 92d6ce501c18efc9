//! A model implements the block's trait.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, ro)]
    status: u32,
    #[reg(0x04, wo)]
    command: u32,
    #[reg(0x08, rw)]
    control: u32,
    #[reg(0x0c, rw)]
    channel: [u32; 2],
}

struct Model;

fn main() {
    let _ = Block::simulate(Model);
}
