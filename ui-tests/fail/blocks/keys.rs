//! What a nested block cannot declare.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[block(0x00, rw)]
    a: Channel,
    #[block(0x10, strid = 0x20)]
    b: [Channel; 2],
    #[block]
    c: Channel,
    #[block(stride)]
    d: Channel,
    #[block = 0x80]
    e: Channel,
    #[block(0x90, 0xa0)]
    f: Channel,
    #[block(0xb0, stride = 0x20)]
    g: Channel,
    #[block(0xc0)]
    #[reg(0xc0, rw)]
    h: Channel,
    #[block(0xd0)]
    i: [[Channel; 2]; 2],
    #[block(0xe0)]
    j: [Channel; 0],
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistakes.
    let mut dma = unsafe { Dma::at(0x1000) };
    dma.a().control().write(1);
    dma.c().control().write(1);
}
