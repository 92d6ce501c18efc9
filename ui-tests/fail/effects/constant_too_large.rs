//! A constant that does not fit.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, constant = [0x11, 0x1ff])]
    a: [u8; 2],
}

fn main() {}
