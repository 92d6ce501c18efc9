//! A key that is given twice.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw, reset = 1, reset = 2)]
    a: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
