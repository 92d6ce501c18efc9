//! An offset between two possible ones.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x1a, rw)]
    a: u32,
    // No follow-up error: the offset that `a` was to have may be free.
    #[reg(0x1c, rw)]
    b: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
