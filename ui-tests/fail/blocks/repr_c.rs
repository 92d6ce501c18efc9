//! The size of a nested block is not known where C's layout would need it.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(repr(C))]
pub struct Dma {
    #[reg(rw)]
    enable: u32,
    #[block(0x10)]
    channel: Channel,
}

fn main() {}
