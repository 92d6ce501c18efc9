//! Every mistake of a block is reported at once.
use memtrap::simulated;

#[simulated(size = 0x100, widht = 32)]
pub struct Block {
    #[reg(0x02, rw)]
    a: u32,
    #[reg(0x10, wr)]
    b: u32,
    #[reg(0x14)]
    c: u32,
    d: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut block = unsafe { Block::at(0x1000) };
    let value: u32 = block.a().read();
    block.a().write(value);
    let _ = block::Reg::A;
}
