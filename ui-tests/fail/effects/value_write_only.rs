//! A value is not computed from registers that cannot be read.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x0, ro)]
    raw: u32,
    #[reg(0x4, wo, write = w1c, state = raw)]
    clear: u32,
    #[reg(0x8, wo)]
    command: u32,
    #[reg(0xc, ro, value = clear | command)]
    computed: u32,
}

fn main() {}
