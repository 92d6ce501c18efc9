//! Reserved bits of a reset value or a constant are what the value type says.
use memtrap::{register, simulated};

#[register(u32, reserved = zero)]
pub struct Zero {
    #[bits(0..=3)]
    level: u8,
}

#[register(u32, reserved = one)]
pub struct One {
    #[bits(0..=3)]
    level: u8,
}

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw, reset = 0x15)]
    pub zero: Zero,
    #[reg(0x04, rw, reset = 0x0fff_fff0 + 5)]
    pub one: One,
    #[reg(0x08, ro, constant = 0x10)]
    pub fixed: Zero,
    #[reg(0x0c, rw, reset = 0xffff_fff5)]
    pub right: One,
    #[reg(0x10, rw)]
    pub not_declared: One,
}

fn main() {}
