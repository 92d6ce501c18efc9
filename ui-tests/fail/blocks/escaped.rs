//! The borrow of a nested block ends with that of the handle.
use memtrap::simulated;

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[block(0x00)]
    channel: [Channel; 2],
}

fn two(dma: &mut Dma) {
    let mut channels = dma.channel();
    let mut first = channels.at(0);
    let mut second = channels.at(0);
    first.control().write(1);
    second.control().write(2);
}

fn swap(dma: &mut Dma, mut own: Channel) {
    core::mem::swap(&mut own, &mut dma.channel().at(0));
}

fn main() {}
