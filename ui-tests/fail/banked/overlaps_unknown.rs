//! Registers that are said to overlap, and do not.
use memtrap::simulated;

#[simulated(size = 0x10, width = 8)]
pub struct Uart {
    #[reg(0x0, ro)]
    rbr: u8,
    #[reg(0x0, wo, overlaps(rdr))]
    thr: u8,
    #[reg(0x1, wo, overlaps(rbr))]
    fcr: u8,
    #[reg(0x2, wo, overlaps(lcr))]
    lcr: u8,
    #[reg(0x3, wo, overlaps)]
    mcr: u8,
    #[reg(0x4, wo, overlaps())]
    msr: u8,
}

fn main() {
    // No follow-up error: the handle and its methods exist in spite of the mistake.
    let mut uart = unsafe { Uart::at(0x1000) };
    uart.thr().write(1);
}
