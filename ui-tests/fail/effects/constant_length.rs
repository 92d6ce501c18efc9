//! One value for each element.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, constant = [1, 2, 3])]
    a: [u32; 4],
    #[reg(0x10, ro, constant = 7)]
    b: [u32; 4],
    #[reg(0x20, ro, constant = [7])]
    c: u32,
}

fn main() {}
