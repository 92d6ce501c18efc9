//! Value types of other crates as the types of registers: one implementation of `RegisterValue` each.

use bilge::prelude::*;
use memtrap::{RegisterValue, simulated};

bitflags::bitflags! {
    /// Interrupts, as `bitflags` declares them.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Interrupts: u32 {
        /// Something was received.
        const RECEIVE = 1 << 4;
        /// Something was sent.
        const TRANSMIT = 1 << 5;
    }
}

impl RegisterValue for Interrupts {
    type Bits = u32;

    fn from_bits(bits: u32) -> Self {
        // A device may set bits that have no name.
        Self::from_bits_retain(bits)
    }

    fn into_bits(self) -> u32 {
        self.bits()
    }
}

/// Line control, as `bilge` declares it.
#[bitsize(16)]
#[derive(Clone, Copy, DebugBits, FromBits, PartialEq)]
pub struct Line {
    send_break: bool,
    parity: u2,
    reserved: u13,
}

impl RegisterValue for Line {
    type Bits = u16;

    fn from_bits(bits: u16) -> Self {
        Self::from(bits)
    }

    fn into_bits(self) -> u16 {
        self.value
    }
}

/// Control, as `bitfield-struct` declares it.
#[bitfield_struct::bitfield(u8)]
#[derive(PartialEq)]
pub struct Control {
    pub enable: bool,
    #[bits(3)]
    pub level: u8,
    #[bits(4)]
    __: u8,
}

impl RegisterValue for Control {
    type Bits = u8;

    fn from_bits(bits: u8) -> Self {
        Self::from_bits(bits)
    }

    fn into_bits(self) -> u8 {
        self.into_bits()
    }
}

/// A device with registers of all these types.
#[simulated(size = 0x20)]
pub struct Device {
    #[reg(0x00, ro, reset = 0x30)]
    pub raw: Interrupts,
    #[reg(0x04, rw)]
    pub mask: Interrupts,
    #[reg(0x08, ro, value = raw & mask)]
    pub masked: Interrupts,
    #[reg(0x0c, wo, write = w1c, state = raw)]
    pub clear: Interrupts,
    #[reg(0x10, rw, reset = 0x2)]
    pub line: Line,
    #[reg(0x14, rw)]
    pub control: [Control; 2],
}

struct Plain;
impl device::Model for Plain {}

#[test]
fn types_of_other_crates_are_register_values() {
    let sim = Device::simulate(Plain).unwrap();
    let mut device = sim.regs();

    device.mask().write(Interrupts::TRANSMIT);
    assert_eq!(device.masked().read(), Interrupts::TRANSMIT);
    device.clear().clear(Interrupts::TRANSMIT);
    assert_eq!(device.raw().read(), Interrupts::RECEIVE);

    assert_eq!(device.line().read().parity(), u2::new(1));
    device.line().modify(|mut line| {
        line.set_send_break(true);
        line
    });
    assert!(sim.state().line.send_break());

    device.control().at(1).modify(|control| control.with_enable(true).with_level(5));
    assert_eq!(sim.state().control[1].level(), 5);
    assert!(format!("{:?}", sim.state()).contains("level: 5"));
}
