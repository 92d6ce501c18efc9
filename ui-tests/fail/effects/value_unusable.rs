//! Registers that have no single value.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro, value = list & fifo)]
    a: u32,
    #[reg(0x10, rw)]
    list: [u32; 2],
    #[reg(0x20, rw, read = pop)]
    fifo: u32,
    #[reg(0x24, ro, value = 1 + 1)]
    fixed: u32,
    #[reg(0x30, ro, value = a)]
    many: [u32; 2],
}

fn main() {}
