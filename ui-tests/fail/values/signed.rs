//! A register holds bits.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: u32,
    #[reg(0x04, rw)]
    b: i32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
