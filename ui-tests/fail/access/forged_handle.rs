//! A handle is made by its unsafe constructors only.
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

fn driver(block: &Block) -> Block {
    Block(block.0)
}

fn copy(block: &Block) -> Block {
    block.clone()
}

fn safe() -> Block {
    Block::at(0x1000)
}

fn again(block: &Block) -> memtrap::Reg<'_, u32, memtrap::mmio::access::ReadWrite> {
    block.0.register::<block::Types, 0, _>()
}

fn twice(block: &mut Block) {
    let exclusive = block.exclusive();
    exclusive.0.take_register::<block::Types, 2, memtrap::mmio::access::ReadWrite>().write(1);
}

fn main() {}
