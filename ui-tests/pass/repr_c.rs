//! Offsets from the order of the fields, as an existing C-layout struct has them.
use memtrap::{register, simulated};

#[register(u32)]
pub struct Flags {
    #[bits(5)]
    pub full: bool,
}

#[simulated(repr(C), size = 0x50)]
pub struct Uart {
    #[reg(rw)]
    pub data: u32,
    #[reg(rw)]
    pub status: u8,
    _gap: [u32; 4],
    /// An offset may be given; it is compared.
    #[reg(0x18, ro, reset = 0x20)]
    pub flags: Flags,
    #[reg(rw)]
    pub half: u16,
    #[reg(rw)]
    pub channel: [u16; 3],
    #[reg(wo, write = w1c, state = data)]
    pub clear: u32,
    _end: [u8; 0x28],
}

#[simulated(repr(C))]
pub struct Small {
    #[reg(rw)]
    pub byte: u8,
    #[reg(rw)]
    pub word: u32,
    #[reg(rw)]
    pub last: u8,
}

/// What rustc makes of the same struct.
#[repr(C)]
pub struct Layout {
    data: u32,
    status: u8,
    gap: [u32; 4],
    flags: u32,
    half: u16,
    channel: [u16; 3],
    clear: u32,
    end: [u8; 0x28],
}

struct Model;
impl uart::Model for Model {}
impl small::Model for Model {}

#[test]
fn runs() {
    use std::mem::offset_of;
    assert_eq!(uart::STATUS_OFFSET, offset_of!(Layout, status));
    assert_eq!(uart::FLAGS_OFFSET, offset_of!(Layout, flags));
    assert_eq!(uart::HALF_OFFSET, offset_of!(Layout, half));
    assert_eq!(uart::CHANNEL_OFFSET, offset_of!(Layout, channel));
    assert_eq!(uart::CLEAR_OFFSET, offset_of!(Layout, clear));
    let _ = (offset_of!(Layout, data), offset_of!(Layout, gap), offset_of!(Layout, end));
    assert_eq!(<Uart as memtrap::mmio::Block>::MAP.size, size_of::<Layout>());
    assert_eq!(<Small as memtrap::mmio::Block>::MAP.size, 12);

    let sim = Uart::simulate(Model).unwrap();
    let mut uart = sim.regs();
    assert!(uart.flags().read().full());
    uart.channel().at(2).write(7);
    assert_eq!(sim.state().channel, [0, 0, 7]);
    let sim = Small::simulate(Model).unwrap();
    sim.regs().last().write(1);
    assert_eq!(sim.trace().accesses().next().unwrap().access.offset, 8);
}
