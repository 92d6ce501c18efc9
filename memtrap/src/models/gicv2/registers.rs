//! Names and offsets (tables 4-1 and 4-2).

use crate::map::{
    AccessKind::{ReadOnly, ReadWrite, WriteOnly},
    Register, RegisterMap,
    Width::{U8, U32},
};

/// Offsets in the distributor, in bytes.
pub(super) mod distributor {
    pub(in super::super) const CTLR: usize = 0x000;
    pub(in super::super) const TYPER: usize = 0x004;
    pub(in super::super) const IIDR: usize = 0x008;
    pub(in super::super) const IGROUPR: usize = 0x080;
    pub(in super::super) const ISENABLER: usize = 0x100;
    pub(in super::super) const ICENABLER: usize = 0x180;
    pub(in super::super) const ISPENDR: usize = 0x200;
    pub(in super::super) const ICPENDR: usize = 0x280;
    pub(in super::super) const ISACTIVER: usize = 0x300;
    pub(in super::super) const ICACTIVER: usize = 0x380;
    /// Size of the registers with one bit an interrupt.
    pub(in super::super) const BITMAP: usize = 0x80;
    pub(in super::super) const IPRIORITYR: usize = 0x400;
    pub(in super::super) const IPRIORITYR_END: usize = ITARGETSR;
    pub(in super::super) const ITARGETSR: usize = 0x800;
    pub(in super::super) const ITARGETSR_END: usize = ICFGR;
    pub(in super::super) const ICFGR: usize = 0xc00;
    pub(in super::super) const ICFGR_END: usize = 0xd00;
    pub(in super::super) const SGIR: usize = 0xf00;
    pub(in super::super) const CPENDSGIR: usize = 0xf10;
    pub(in super::super) const SPENDSGIR: usize = 0xf20;
    pub(in super::super) const SPENDSGIR_END: usize = 0xf30;
    pub(in super::super) const PIDR2: usize = 0xfe8;
    /// Implementer Arm, revision of a GIC-400 (ARM DDI 0471B, table 3-2).
    pub(in super::super) const IIDR_GIC_400: u32 = 0x0200_143b;
    /// Architecture version 2 (ARM DDI 0471B, table 3-2).
    pub(in super::super) const PIDR2_GIC_400: u32 = 0x2b;
}

/// Offsets in the CPU interface, in bytes.
pub(super) mod cpu_interface {
    pub(in super::super) const CTLR: usize = 0x0000;
    pub(in super::super) const PMR: usize = 0x0004;
    pub(in super::super) const BPR: usize = 0x0008;
    pub(in super::super) const IAR: usize = 0x000c;
    pub(in super::super) const EOIR: usize = 0x0010;
    pub(in super::super) const RPR: usize = 0x0014;
    pub(in super::super) const HPPIR: usize = 0x0018;
    pub(in super::super) const ABPR: usize = 0x001c;
    pub(in super::super) const AIAR: usize = 0x0020;
    pub(in super::super) const AEOIR: usize = 0x0024;
    pub(in super::super) const AHPPIR: usize = 0x0028;
    pub(in super::super) const IIDR: usize = 0x00fc;
    pub(in super::super) const DIR: usize = 0x1000;
    /// Implementer Arm, architecture version 2, revision of a GIC-400 (ARM DDI 0471B, table 3-6).
    pub(in super::super) const IIDR_GIC_400: u32 = 0x0202_143b;
}

pub(super) static DISTRIBUTOR: RegisterMap = RegisterMap::new("gicd", 0x1000, U32, {
    use distributor::*;

    const REGISTERS: &[Register] = &[
        Register::new("ctlr", CTLR, U32, ReadWrite, 0),
        Register::new("typer", TYPER, U32, ReadOnly, 0),
        Register::new("iidr", IIDR, U32, ReadOnly, IIDR_GIC_400 as u64),
        Register::new("igroupr", IGROUPR, U32, ReadWrite, 0).array(32, 4),
        Register::new("isenabler", ISENABLER, U32, ReadWrite, 0).array(32, 4),
        Register::new("icenabler", ICENABLER, U32, ReadWrite, 0).array(32, 4),
        Register::new("ispendr", ISPENDR, U32, ReadWrite, 0).array(32, 4),
        Register::new("icpendr", ICPENDR, U32, ReadWrite, 0).array(32, 4),
        Register::new("isactiver", ISACTIVER, U32, ReadWrite, 0).array(32, 4),
        Register::new("icactiver", ICACTIVER, U32, ReadWrite, 0).array(32, 4),
        Register::new("ipriorityr", IPRIORITYR, U8, ReadWrite, 0).array(1024, 1),
        Register::new("itargetsr", ITARGETSR, U8, ReadWrite, 0).array(1024, 1),
        Register::new("icfgr", ICFGR, U32, ReadWrite, 0).array(64, 4),
        Register::new("sgir", SGIR, U32, WriteOnly, 0),
        Register::new("cpendsgir", CPENDSGIR, U8, ReadWrite, 0).array(16, 1),
        Register::new("spendsgir", SPENDSGIR, U8, ReadWrite, 0).array(16, 1),
        Register::new("pidr2", PIDR2, U32, ReadOnly, PIDR2_GIC_400 as u64),
    ];
    REGISTERS
});

pub(super) static CPU_INTERFACE: RegisterMap = RegisterMap::new("gicc", 0x2000, U32, {
    use cpu_interface::*;

    const REGISTERS: &[Register] = &[
        Register::new("ctlr", CTLR, U32, ReadWrite, 0),
        Register::new("pmr", PMR, U32, ReadWrite, 0),
        Register::new("bpr", BPR, U32, ReadWrite, 2),
        Register::new("iar", IAR, U32, ReadOnly, 0x3ff),
        Register::new("eoir", EOIR, U32, WriteOnly, 0),
        Register::new("rpr", RPR, U32, ReadOnly, 0xff),
        Register::new("hppir", HPPIR, U32, ReadOnly, 0x3ff),
        Register::new("abpr", ABPR, U32, ReadWrite, 3),
        Register::new("aiar", AIAR, U32, ReadOnly, 0x3ff),
        Register::new("aeoir", AEOIR, U32, WriteOnly, 0),
        Register::new("ahppir", AHPPIR, U32, ReadOnly, 0x3ff),
        Register::new("iidr", IIDR, U32, ReadOnly, IIDR_GIC_400 as u64),
        Register::new("dir", DIR, U32, WriteOnly, 0),
    ];
    REGISTERS
});
