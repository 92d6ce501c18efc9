//! What is computed cannot be written.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw, value = b)]
    a: u32,
    #[reg(0x4, rw)]
    b: u32,
    #[reg(0x8, rw, constant = 5)]
    c: u32,
    #[reg(0xc, ro, read = clear, constant = 5)]
    d: u32,
}

fn main() {}
