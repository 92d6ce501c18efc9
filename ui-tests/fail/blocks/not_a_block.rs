//! The type of a nested block is not declared with `#[simulated]`.
use memtrap::simulated;

pub struct Channel {
    pub control: u32,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[block(0x00)]
    channel: [Channel; 2],
    #[reg(0x80, rw)]
    enable: u32,
}

fn main() {
    let mut dma = unsafe { Dma::at(0x1000) };
    dma.enable().write(1);
}
