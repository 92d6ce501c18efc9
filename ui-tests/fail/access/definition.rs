//! What the compiler, and so an editor, takes for the definition of a generated item is the field.
use memtrap::{register, simulated};

#[register(u32)]
pub struct Control {
    #[bits(0)]
    pub enable: bool,
}

#[simulated(size = 0x10)]
pub struct Block {
    #[reg(0x00, rw)]
    pub control: Control,
}

fn driver(block: &mut Block, mut value: Control) {
    block.control(1);
    block.shared().control(2);
    value.enable(3);
    let _ = value.with_enable();
    value.set_enable();
}

fn main() {}
