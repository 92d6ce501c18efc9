//! A reset value that its value type cannot hold.
use memtrap::simulated;

#[derive(Clone, Copy)]
pub struct Narrow(u16);

impl memtrap::RegisterValue for Narrow {
    type Bits = u16;
    fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
    fn into_bits(self) -> u16 {
        self.0
    }
}

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw, reset = 0x1_0000)]
    a: Narrow,
}

fn main() {}
