//! Names, offsets and bits of the registers (data sheet, table II).

use crate::map::{AccessKind, Register, RegisterMap, Width};

/// Offsets in registers; in bytes where the registers are next to each other.
pub(super) mod offset {
    /// RBR and THR; DLL while DLAB is set.
    pub(in super::super) const DATA: usize = 0;
    /// IER; DLM while DLAB is set.
    pub(in super::super) const IER: usize = 1;
    /// IIR when read, FCR when written.
    pub(in super::super) const IIR_FCR: usize = 2;
    pub(in super::super) const LCR: usize = 3;
    pub(in super::super) const MCR: usize = 4;
    pub(in super::super) const LSR: usize = 5;
    pub(in super::super) const MSR: usize = 6;
    pub(in super::super) const SCR: usize = 7;
}

/// Interrupt enable register (section 8.6.4).
pub(super) mod ier {
    pub(in super::super) const ERBFI: u8 = 1 << 0;
    pub(in super::super) const ETBEI: u8 = 1 << 1;
    pub(in super::super) const ELSI: u8 = 1 << 2;
    pub(in super::super) const EDSSI: u8 = 1 << 3;
    pub(in super::super) const ALL: u8 = 0x0f;
}

/// Interrupt identification register (table IV).
pub(super) mod iir {
    pub(in super::super) const NONE: u8 = 0b0001;
    pub(in super::super) const LINE_STATUS: u8 = 0b0110;
    pub(in super::super) const DATA: u8 = 0b0100;
    pub(in super::super) const TIME_OUT: u8 = 0b1100;
    pub(in super::super) const TRANSMITTER: u8 = 0b0010;
    pub(in super::super) const MODEM: u8 = 0b0000;
    pub(in super::super) const FIFOS: u8 = 0b1100_0000;
}

/// FIFO control register (section 8.5).
pub(super) mod fcr {
    pub(in super::super) const ENABLE: u8 = 1 << 0;
    pub(in super::super) const CLEAR_RECEIVER: u8 = 1 << 1;
    pub(in super::super) const CLEAR_TRANSMITTER: u8 = 1 << 2;
}

/// Line control register (section 8.1).
pub(super) mod lcr {
    pub(in super::super) const WORD_LENGTH: u8 = 0b11;
    pub(in super::super) const STOP: u8 = 1 << 2;
    pub(in super::super) const PARITY: u8 = 1 << 3;
    pub(in super::super) const DLAB: u8 = 1 << 7;
}

/// Modem control register (section 8.7).
pub(super) mod mcr {
    pub(in super::super) const DTR: u8 = 1 << 0;
    pub(in super::super) const RTS: u8 = 1 << 1;
    pub(in super::super) const OUT1: u8 = 1 << 2;
    pub(in super::super) const OUT2: u8 = 1 << 3;
    pub(in super::super) const LOOP: u8 = 1 << 4;
    pub(in super::super) const ALL: u8 = 0x1f;
}

/// Line status register (section 8.3).
pub(super) mod lsr {
    pub(in super::super) const DR: u8 = 1 << 0;
    pub(in super::super) const OE: u8 = 1 << 1;
    pub(in super::super) const THRE: u8 = 1 << 5;
    pub(in super::super) const TEMT: u8 = 1 << 6;
}

/// Modem status register (section 8.8).
pub(super) mod msr {
    pub(in super::super) const DCTS: u8 = 1 << 0;
    pub(in super::super) const DDSR: u8 = 1 << 1;
    pub(in super::super) const TERI: u8 = 1 << 2;
    pub(in super::super) const DDCD: u8 = 1 << 3;
}

const fn registers(stride: Width) -> [Register; 8] {
    use AccessKind::{ReadOnly, ReadWrite};

    let apart = stride.bytes();
    [
        Register::new("data", offset::DATA * apart, stride, ReadWrite, 0),
        Register::new("ier", offset::IER * apart, stride, ReadWrite, 0),
        Register::new("iir_fcr", offset::IIR_FCR * apart, stride, ReadWrite, iir::NONE as u64),
        Register::new("lcr", offset::LCR * apart, stride, ReadWrite, 0),
        Register::new("mcr", offset::MCR * apart, stride, ReadWrite, 0),
        Register::new("lsr", offset::LSR * apart, stride, ReadOnly, (lsr::THRE | lsr::TEMT) as u64),
        Register::new("msr", offset::MSR * apart, stride, ReadOnly, 0),
        Register::new("scr", offset::SCR * apart, stride, ReadWrite, 0),
    ]
}

/// The registers, this far apart.
pub(super) fn map(stride: Width) -> &'static RegisterMap {
    macro_rules! map {
        ($stride:expr) => {{
            static REGISTERS: [Register; 8] = registers($stride);
            static MAP: RegisterMap = RegisterMap::new("uart16550", 8 * $stride.bytes(), $stride, &REGISTERS);
            &MAP
        }};
    }
    match stride {
        Width::U8 => map!(Width::U8),
        Width::U16 => map!(Width::U16),
        Width::U32 => map!(Width::U32),
        Width::U64 => map!(Width::U64),
    }
}
