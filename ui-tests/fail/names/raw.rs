//! A raw identifier is the same name.
use memtrap::{register, simulated};

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    mode: u32,
    #[reg(0x04, rw)]
    r#mode: u32,
    #[reg(0x08, rw)]
    r#type: u32,
    #[reg(0x0c, rw)]
    Type: u32,
}

#[register(u32)]
pub struct Control {
    #[bits(0)]
    mode: bool,
    #[bits(1)]
    r#mode: bool,
}

fn main() {}
