//! A value type that one access cannot transfer.
use memtrap::simulated;

#[derive(Clone, Copy)]
pub struct Wide(u64);

impl memtrap::RegisterValue for Wide {
    type Bits = u64;
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn into_bits(self) -> u64 {
        self.0
    }
}

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, rw)]
    a: Wide,
}

fn main() {}
