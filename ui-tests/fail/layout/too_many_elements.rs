//! The elements of an array end inside the address space.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, rw)]
    a: [u32; 0x4000_0000_0000_0001],
    #[reg(0x10, rw, stride = 0x1000)]
    b: [u8; 0x20_0000_0000_0000],
    #[reg(0xffff_ffff_ffff_fffc, rw)]
    c: u32,
}

fn main() {}
