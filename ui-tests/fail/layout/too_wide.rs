//! A register that one access cannot transfer.
use memtrap::simulated;

#[simulated(size = 0x10, width = 32)]
pub struct Block {
    #[reg(0x00, rw)]
    a: u32,
    #[reg(0x4, rw)]
    b: u64,
    // No follow-up error: that `b` is misaligned and reaches in here, follows from its width.
    #[reg(0x8, rw)]
    c: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
