//! Two registers at one offset that nothing tells apart.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Block {
    #[reg(0x0, rw)]
    a: u32,
    #[reg(0x0, wo, overlaps(a))]
    b: u32,
}

fn main() {
    let mut block = unsafe { Block::at(0x1000) };
    block.b().write(1);
}
