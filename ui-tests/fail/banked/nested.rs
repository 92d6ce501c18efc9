//! A block with registers at one offset is a part of another.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x0, ro)]
    a: u32,
    #[reg(0x0, wo, overlaps(a))]
    b: u32,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[block(0x40)]
    channel: Channel,
}

fn main() {}
