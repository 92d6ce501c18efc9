//! Windows that are not written as they should be.
use memtrap::simulated;

#[simulated(size = 0x4000, alias(sett = 0x2000))]
pub struct Misspelt {
    #[reg(0x00, rw)]
    a: u32,
}

#[simulated(size = 0x4000, alias(set = 0x1000, set = 0x2000, clear, 0x3000))]
pub struct Several {
    #[reg(0x00, rw)]
    a: u32,
}

#[simulated(size = 0x4000, alias)]
pub struct Empty {
    #[reg(0x00, rw)]
    a: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistakes.
    let mut block = unsafe { Misspelt::at(0x1000) };
    block.a().write(1);
}
