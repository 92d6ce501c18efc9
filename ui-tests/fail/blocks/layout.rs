//! Nested blocks at impossible places.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(size = 0x100)]
pub struct Outside {
    #[block(0xe0)]
    channel: [Channel; 3],
}

#[simulated(size = 0x100)]
pub struct Misaligned {
    #[block(0x02)]
    channel: Channel,
}

#[simulated(size = 0x100)]
pub struct Overlapping {
    #[block(0x00, stride = 0x20)]
    channel: [Channel; 4],
    #[reg(0x28, rw)]
    enable: u32,
    #[block(0x34)]
    other: Channel,
}

#[simulated(size = 0x100)]
pub struct Crowded {
    #[block(0x00, stride = 0x8)]
    channel: [Channel; 4],
}

#[simulated(size = 0x100, width = 16)]
pub struct Narrow {
    #[block(0x00)]
    channel: Channel,
}

fn main() {
    let mut block = unsafe { Crowded::at(0x1000) };
    block.channel().at(0).control().write(1);
}
