//! A handle that was split is gone.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Block {
    #[reg(0x00, rw)]
    control: u32,
    #[reg(0x04, rw)]
    data: u32,
}

fn driver(mut block: Block) {
    let mut split = block.split();
    split.control.write(1);
    block.data().write(2);
}

fn main() {}
