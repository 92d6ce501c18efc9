//! Conditions that name no field of one bit.
use memtrap::{register, simulated};

#[register(u8)]
pub struct LineControl {
    #[bits(0..=1)]
    pub word_length: u8,
    #[bits(7)]
    pub dlab: bool,
}

#[simulated(size = 0x10, width = 8)]
pub struct Names {
    #[reg(0x0, rw)]
    rbr: u8,
    #[reg(0x0, rw, overlaps(rbr), when = lrc.dlab)]
    dll: u8,
    #[reg(0x1, rw, when = plain.dlab)]
    dlm: u8,
    #[reg(0x2, rw)]
    plain: u8,
    #[reg(0x3, rw)]
    lcr: LineControl,
    #[reg(0x4, rw, when = dlab)]
    fcr: u8,
}

#[simulated(size = 0x10, width = 8)]
pub struct Types {
    #[reg(0x0, rw)]
    rbr: u8,
    #[reg(0x0, rw, overlaps(rbr), when = lcr.dlb)]
    dll: u8,
    #[reg(0x1, rw, when = !lcr.word_length)]
    dlm: u8,
    #[reg(0x3, rw)]
    lcr: LineControl,
}

fn main() {
    let mut uart = unsafe { Names::at(0x1000) };
    uart.dll().write(1);
}
