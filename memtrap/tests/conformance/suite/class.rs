//! Forms by how they use memory.

use crate::suite::{
    access_log,
    forms::{Addressing, Form},
    generate::{self, Change},
};
use iced_x86::{MemorySize, Mnemonic as M, OpAccess, OpCodeOperandKind as Kind};

/// How a form uses memory, in words.
pub(crate) fn of(form: Form) -> &'static str {
    let info = form.code.op_code();
    let mnemonic = form.code.mnemonic();
    match form.addressing {
        Addressing::Vector => return "gather and scatter",
        Addressing::String => return "string, with and without `rep`",
        Addressing::Stack => return "stack only",
        Addressing::Implicit => return "address in an implied register",
        Addressing::Explicit => {}
    }
    match mnemonic {
        M::Cmpxchg | M::Cmpxchg8b | M::Cmpxchg16b => return "compare and exchange",
        M::Push | M::Pop | M::Call | M::Jmp => return "push, pop, call and jump through memory",
        M::Lss | M::Lfs | M::Lgs | M::Lar | M::Lsl | M::Verr | M::Verw => return "segment and descriptor registers",
        M::Sgdt | M::Sidt | M::Sldt | M::Smsw | M::Str => return "segment and descriptor registers",
        M::Bt | M::Bts | M::Btr | M::Btc if !info.op_kinds().contains(&Kind::imm8) => return "bit string",
        M::Clflush | M::Clflushopt | M::Clwb | M::Cldemote => return "cache control",
        _ => {}
    }
    if info.op_kinds().contains(&Kind::seg_reg) {
        return "segment and descriptor registers";
    }
    match info.memory_size() {
        MemorySize::Xsave
        | MemorySize::Xsave64
        | MemorySize::Fxsave_512Byte
        | MemorySize::Fxsave64_512Byte
        | MemorySize::FpuEnv14
        | MemorySize::FpuEnv28
        | MemorySize::FpuState94
        | MemorySize::FpuState108 => {
            return "image of register state";
        }
        _ => {}
    }
    let name = format!("{mnemonic:?}");
    if name.contains("compress") || name.contains("expand") {
        return "compress and expand";
    }
    let Ok(instance) = generate::instance(form, 0, 0, Change::default()) else { return "not built" };
    match access_log::operand_access(&instance) {
        OpAccess::None | OpAccess::NoMemAccess => "no access (`lea`, `nop`, prefetch)",
        OpAccess::Read | OpAccess::CondRead if info.can_broadcast() => "load with mask or broadcast",
        OpAccess::Read | OpAccess::CondRead if info.can_use_op_mask_register() => "load with mask",
        OpAccess::Read | OpAccess::CondRead => "load",
        OpAccess::Write | OpAccess::CondWrite if info.can_use_op_mask_register() => "store with mask",
        OpAccess::Write | OpAccess::CondWrite => "store",
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => "read-modify-write",
    }
}
