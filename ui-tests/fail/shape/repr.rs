//! The struct becomes a pointer.
use memtrap::simulated;

#[simulated(size = 0x100)]
#[repr(C)]
pub struct Block {
    #[reg(0, rw)]
    a: u32,
}

fn main() {}
