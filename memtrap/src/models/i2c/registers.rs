//! Names, offsets and bits (sections 3.1 and 3.2).

use crate::map::{
    AccessKind::{ReadOnly, ReadWrite, WriteOnly},
    Field, Register, RegisterMap, Width,
};

/// Numbers of the registers.
pub(super) mod register {
    pub(in super::super) const PRER_LOW: usize = 0;
    pub(in super::super) const PRER_HIGH: usize = 1;
    pub(in super::super) const CTR: usize = 2;
    /// Transmit register when written, receive register when read.
    pub(in super::super) const TXR_RXR: usize = 3;
    /// Command register when written, status register when read.
    pub(in super::super) const CR_SR: usize = 4;
}

/// Bits of the control register (3.2.2).
pub(super) mod ctr {
    pub(in super::super) const EN: u8 = 1 << 7;
    pub(in super::super) const IEN: u8 = 1 << 6;
}

/// Bits of the command register (3.2.5).
pub(super) mod cr {
    pub(in super::super) const STA: u8 = 1 << 7;
    pub(in super::super) const STO: u8 = 1 << 6;
    pub(in super::super) const RD: u8 = 1 << 5;
    pub(in super::super) const WR: u8 = 1 << 4;
    /// Answer a byte that was read with "not acknowledged".
    pub(in super::super) const NACK: u8 = 1 << 3;
    pub(in super::super) const IACK: u8 = 1 << 0;
}

/// Bits of the status register (3.2.6).
pub(super) mod sr {
    /// The target did not acknowledge.
    pub(in super::super) const RX_NACK: u8 = 1 << 7;
    pub(in super::super) const BUSY: u8 = 1 << 6;
    pub(in super::super) const TIP: u8 = 1 << 1;
    pub(in super::super) const IF: u8 = 1 << 0;
}

const CONTROL: &[Field] = &[Field::new("ien", 6, 1, None), Field::new("en", 7, 1, None)];

const COMMAND: &[Field] = &[
    Field::new("iack", 0, 1, None),
    Field::new("nack", 3, 1, None),
    Field::new("wr", 4, 1, None),
    Field::new("rd", 5, 1, None),
    Field::new("sto", 6, 1, None),
    Field::new("sta", 7, 1, None),
];

const STATUS: &[Field] = &[
    Field::new("if", 0, 1, None),
    Field::new("tip", 1, 1, None),
    Field::new("al", 5, 1, None),
    Field::new("busy", 6, 1, None),
    Field::new("rx_nack", 7, 1, None),
];

const fn registers(stride: Width) -> [Register; 7] {
    let apart = stride.bytes();
    [
        Register::new("prerlo", register::PRER_LOW * apart, stride, ReadWrite, 0xff),
        Register::new("prerhi", register::PRER_HIGH * apart, stride, ReadWrite, 0xff),
        Register::new("ctr", register::CTR * apart, stride, ReadWrite, 0).with_fields(CONTROL),
        Register::new("txr", register::TXR_RXR * apart, stride, WriteOnly, 0),
        Register::new("rxr", register::TXR_RXR * apart, stride, ReadOnly, 0),
        Register::new("cr", register::CR_SR * apart, stride, WriteOnly, 0).with_fields(COMMAND),
        Register::new("sr", register::CR_SR * apart, stride, ReadOnly, 0).with_fields(STATUS),
    ]
}

/// The map with registers that are this far apart.
pub(super) fn map(stride: Width) -> &'static RegisterMap {
    static BYTES: RegisterMap = RegisterMap::new("i2c", 5, Width::U8, {
        const REGISTERS: &[Register] = &registers(Width::U8);
        REGISTERS
    });
    static WORDS: RegisterMap = RegisterMap::new("i2c", 20, Width::U32, {
        const REGISTERS: &[Register] = &registers(Width::U32);
        REGISTERS
    });
    if stride == Width::U32 { &WORDS } else { &BYTES }
}
