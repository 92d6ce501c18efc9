//! Mistakes that show only when the width of a value type is known.
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

#[simulated(size = 0x100, width = 64)]
pub struct Block {
    #[reg(0x04, rw)]
    a: Wide,
    #[reg(0x10, rw)]
    b: Wide,
    #[reg(0x14, rw)]
    c: u32,
    #[reg(0xfc, rw)]
    d: Wide,
    #[reg(0x20, rw, stride = 12)]
    e: [Wide; 2],
}

fn main() {}
