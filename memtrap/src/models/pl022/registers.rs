//! Names, offsets and bits (table 3-1 and sections 3.3.1 to 3.3.13).

use crate::map::{
    AccessKind::{ReadOnly, ReadWrite, WriteOnly},
    Field, Register, RegisterMap,
    Width::U32,
};

/// Offsets, in bytes.
pub(super) mod offset {
    pub(in super::super) const CR0: usize = 0x000;
    pub(in super::super) const CR1: usize = 0x004;
    pub(in super::super) const DR: usize = 0x008;
    pub(in super::super) const SR: usize = 0x00c;
    pub(in super::super) const CPSR: usize = 0x010;
    pub(in super::super) const IMSC: usize = 0x014;
    pub(in super::super) const RIS: usize = 0x018;
    pub(in super::super) const MIS: usize = 0x01c;
    pub(in super::super) const ICR: usize = 0x020;
    pub(in super::super) const DMACR: usize = 0x024;
    pub(in super::super) const ID: usize = 0xfe0;
}

/// Bits of SSPCR1 (3.3.2).
pub(super) mod cr1 {
    pub(in super::super) const LBM: u32 = 1 << 0;
    pub(in super::super) const SSE: u32 = 1 << 1;
    pub(in super::super) const ALL: u32 = 0xf;
}

/// Bits of SSPSR (3.3.4).
pub(super) mod sr {
    pub(in super::super) const TFE: u32 = 1 << 0;
    pub(in super::super) const TNF: u32 = 1 << 1;
    pub(in super::super) const RNE: u32 = 1 << 2;
    pub(in super::super) const RFF: u32 = 1 << 3;
    pub(in super::super) const BSY: u32 = 1 << 4;
}

/// Bits of the interrupt registers (3.3.6 to 3.3.9).
pub(super) mod interrupt {
    pub(in super::super) const ROR: u32 = 1 << 0;
    pub(in super::super) const RT: u32 = 1 << 1;
    pub(in super::super) const RX: u32 = 1 << 2;
    pub(in super::super) const TX: u32 = 1 << 3;
    pub(in super::super) const ALL: u32 = 0xf;
}

/// The identification bytes (3.3.11 and 3.3.12): PL022, revision r1p4.
pub(super) const IDENTIFICATION: [u8; 8] = [0x22, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const INTERRUPTS: &[Field] = &[
    Field::new("ror", 0, 1, None),
    Field::new("rt", 1, 1, None),
    Field::new("rx", 2, 1, None),
    Field::new("tx", 3, 1, None),
];

pub(super) static MAP: RegisterMap = RegisterMap::new("pl022", 0x1000, U32, {
    use offset::*;

    const REGISTERS: &[Register] = &[
        Register::new("sspcr0", CR0, U32, ReadWrite, 0).with_fields(&[
            Field::new("dss", 0, 4, None),
            Field::new("frf", 4, 2, None),
            Field::new("spo", 6, 1, None),
            Field::new("sph", 7, 1, None),
            Field::new("scr", 8, 8, None),
        ]),
        Register::new("sspcr1", CR1, U32, ReadWrite, 0).with_fields(&[
            Field::new("lbm", 0, 1, None),
            Field::new("sse", 1, 1, None),
            Field::new("ms", 2, 1, None),
            Field::new("sod", 3, 1, None),
        ]),
        Register::new("sspdr", DR, U32, ReadWrite, 0),
        Register::new("sspsr", SR, U32, ReadOnly, 3).with_fields(&[
            Field::new("tfe", 0, 1, None),
            Field::new("tnf", 1, 1, None),
            Field::new("rne", 2, 1, None),
            Field::new("rff", 3, 1, None),
            Field::new("bsy", 4, 1, None),
        ]),
        Register::new("sspcpsr", CPSR, U32, ReadWrite, 0),
        Register::new("sspimsc", IMSC, U32, ReadWrite, 0).with_fields(INTERRUPTS),
        Register::new("sspris", RIS, U32, ReadOnly, 8).with_fields(INTERRUPTS),
        Register::new("sspmis", MIS, U32, ReadOnly, 0).with_fields(INTERRUPTS),
        Register::new("sspicr", ICR, U32, WriteOnly, 0).with_fields(INTERRUPTS),
        Register::new("sspdmacr", DMACR, U32, ReadWrite, 0),
        Register::new("sspid", ID, U32, ReadOnly, 0).array(8, 4),
    ];
    REGISTERS
});
