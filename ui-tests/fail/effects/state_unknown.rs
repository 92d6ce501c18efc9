//! A view of a register that does not exist.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro)]
    status: u32,
    #[reg(0x4, wo, write = w1c, state = statsu)]
    clear: u32,
    #[reg(0x8, wo, state = elsewhere)]
    other: u32,
}

fn main() {}
