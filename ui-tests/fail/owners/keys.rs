//! Locks and widths that are not written as they should be.
use memtrap::simulated;

#[simulated(size = 0x40)]
pub struct Block {
    #[reg(0x00, wo, write = key(0x1acc_e551))]
    a: u32,
    #[reg(0x04, wo, write = key(unlocks(c)))]
    b: u32,
    #[reg(0x08, wo, write = key(1, unlocks(controll)))]
    c: u32,
    #[reg(0x0c, wo, write = key(1, unlocks(d)))]
    d: u32,
    #[reg(0x10, wo, write = key(1, unlocks(status)))]
    e: u32,
    #[reg(0x14, rw)]
    control: u32,
    #[reg(0x18, ro)]
    status: u32,
    #[reg(0x1c, rw, width = 8 | 12)]
    f: u32,
    #[reg(0x20, rw, width = 8 | 64)]
    g: [u8; 4],
    #[reg(0x24, rw, width = 8 | 16)]
    h: u32,
}

#[simulated(size = 0x40, shared = true)]
pub struct Shared {
    #[reg(0x00, rw)]
    a: u32,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistakes.
    let mut block = unsafe { Block::at(0x1000) };
    block.c().write(1);
}
