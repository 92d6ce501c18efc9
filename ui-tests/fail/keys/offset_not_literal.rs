//! The layout is checked before constants have values.
use memtrap::simulated;

const BASE: usize = 0x10;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(BASE, rw)]
    a: u32,
    #[reg(BASE + 4, rw)]
    b: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
