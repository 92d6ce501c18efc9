//! A nested block whose name is taken.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[reg(0x00, rw)]
    channel: u32,
    #[block(0x10)]
    Channel: Channel,
    #[block(0x20)]
    shared: Channel,
}

fn main() {}
