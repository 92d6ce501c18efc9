//! Windows at impossible places.
use memtrap::simulated;

#[simulated(size = 0x4000, alias(set = 0x1000, clear = 0x1000, xor = 0x0))]
pub struct Same {
    #[reg(0x00, rw)]
    a: u32,
}

#[simulated(size = 0x4000, alias(set = 0x1002))]
pub struct Misaligned {
    #[reg(0x00, rw)]
    a: u32,
}

#[simulated(size = 0x4000, alias(set = 0x100))]
pub struct Reached {
    #[reg(0xfc, rw)]
    a: [u32; 2],
}

#[simulated(size = 0x1000, alias(set = 0xff8))]
pub struct Outside {
    #[reg(0x00, rw)]
    a: u32,
    #[reg(0x04, rw)]
    b: [u32; 4],
}

fn main() {}
