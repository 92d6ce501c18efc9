//! The machine state that an instance starts from and ends in.

use crate::suite::xsave;

/// Index of `rsp` in [`State::gpr`], which is ordered as instructions encode the registers.
pub(crate) const RSP: usize = 4;

/// Everything an instruction can see or change in user mode beside memory. The runner's code knows the layout.
#[derive(Clone, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct State {
    /// In the standard format of `XSAVE`: x87, MXCSR, vector and mask registers.
    pub(crate) extended: [u8; xsave::SIZE],
    pub(crate) gpr: [u64; 16],
    pub(crate) flags: u64,
    /// `ds`, `es`, `fs`, `gs`, `ss`. Only read: instances start from those of the process.
    pub(crate) selectors: [u16; 8],
}

pub(crate) mod flags {
    pub(crate) const CARRY: u64 = 1 << 0;
    pub(crate) const ALWAYS: u64 = 1 << 1;
    pub(crate) const PARITY: u64 = 1 << 2;
    pub(crate) const ADJUST: u64 = 1 << 4;
    pub(crate) const ZERO: u64 = 1 << 6;
    pub(crate) const SIGN: u64 = 1 << 7;
    pub(crate) const INTERRUPT: u64 = 1 << 9;
    pub(crate) const DIRECTION: u64 = 1 << 10;
    pub(crate) const OVERFLOW: u64 = 1 << 11;
    pub(crate) const ALIGNMENT: u64 = 1 << 18;
    /// Those that are compared. The processor sets others of its own (the resume flag, on a fault).
    pub(crate) const COMPARED: u64 =
        CARRY | PARITY | ADJUST | ZERO | SIGN | DIRECTION | OVERFLOW | ALIGNMENT | ALWAYS | INTERRUPT;
}

impl State {
    pub(crate) fn zeroed() -> Box<Self> {
        Box::new(Self { extended: [0; xsave::SIZE], gpr: [0; 16], flags: flags::ALWAYS, selectors: [0; 8] })
    }
}

pub(crate) const REGISTER_NAMES: [&str; 16] =
    ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];
