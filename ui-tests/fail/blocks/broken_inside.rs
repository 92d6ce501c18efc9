//! A block around one with an error causes no further errors.
use memtrap::simulated;

pub struct Status(u32);

#[simulated(size = 0x10)]
pub struct Channel {
    #[reg(0x0, rw)]
    pub control: u32,
    #[reg(0x4, rw)]
    pub status: Status,
}

#[simulated(size = 0x100)]
pub struct Dma {
    #[reg(0x80, rw)]
    pub enable: u32,
    #[block(0x00, stride = 0x20)]
    pub channel: [Channel; 4],
}

struct Model;
impl dma::Model for Model {}

fn driver(dma: &mut Dma) {
    dma.channel().at(1).control().write(1);
}

fn main() {
    let _ = Dma::simulate(Model);
}
