//! The bits of a value type are what one access transfers.
use memtrap::{RegisterValue, simulated};

#[derive(Clone, Copy)]
pub struct Wide(u128);

impl RegisterValue for Wide {
    type Bits = u128;
    fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
    fn into_bits(self) -> u128 {
        self.0
    }
}

#[simulated(size = 0x100, width = 64)]
pub struct Block {
    #[reg(0x00, rw)]
    pub a: Wide,
}

fn main() {}
