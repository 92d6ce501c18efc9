//! Registers and immediates of an instance.

use super::{Draft, Unbuildable};
use crate::suite::forms;
use iced_x86::{EncodingKind, OpCodeOperandKind as Kind, OpKind, Register};

/// Gives every operand but the memory operand a register or a value.
pub(crate) fn choose(draft: &mut Draft) -> Result<(), Unbuildable> {
    let info = draft.info();
    let mut immediates = 0;
    for operand in 0..info.op_count() {
        let kind = info.op_kind(operand);
        if forms::is_memory(kind) || forms::is_vector_memory(kind) {
            draft.instruction.set_op_kind(operand, OpKind::Memory);
        } else if let Some(op_kind) = immediate(kind, immediates) {
            immediates += 1;
            let value = if kind == Kind::imm8_const_1 { 1 } else { draft.random.integer().cast_signed() };
            draft.instruction.set_op_kind(operand, op_kind);
            set_immediate(draft, op_kind, value);
        } else if matches!(kind, Kind::br16_2 | Kind::br64_4) {
            let near = if kind == Kind::br16_2 { OpKind::NearBranch16 } else { OpKind::NearBranch64 };
            draft.instruction.set_op_kind(operand, near);
            let pad = 1 + draft.random.below(crate::suite::arena::PADS as usize) as u32;
            draft.instruction.set_near_branch64(draft.arena.pad(pad));
        } else if let Some(string) = string(kind, draft.short_address) {
            draft.instruction.set_op_kind(operand, string);
        } else if kind == Kind::seg_rBX_al {
            draft.instruction.set_op_kind(operand, OpKind::Memory);
        } else {
            let register = register(draft, kind)?;
            draft.instruction.set_op_kind(operand, OpKind::Register);
            draft.instruction.set_op_register(operand, register);
        }
    }
    let distinct_registers = info.requires_unique_reg_nums() || info.requires_unique_dest_reg_num();
    if distinct_registers && !draft.random.one_in(20) {
        distinct(draft)?;
    }
    Ok(())
}

/// Fails unless the register operands differ from each other; the caller draws again.
fn distinct(draft: &Draft) -> Result<(), Unbuildable> {
    let instruction = &draft.instruction;
    let mut seen = 0u64;
    let registers = (0..instruction.op_count())
        .filter(|operand| instruction.op_kind(*operand) == OpKind::Register)
        .map(|operand| instruction.op_register(operand));
    for register in registers {
        let bit = 1 << (register.full_register().number() % 64);
        if seen & bit != 0 && register.is_vector_register() {
            return Err(Unbuildable::Unlucky);
        }
        seen |= bit;
    }
    Ok(())
}

fn immediate(kind: Kind, before: u32) -> Option<OpKind> {
    Some(match kind {
        Kind::imm8 if before > 0 => OpKind::Immediate8_2nd,
        Kind::imm8 | Kind::imm8_const_1 | Kind::imm4_m2z => OpKind::Immediate8,
        Kind::imm8sex16 => OpKind::Immediate8to16,
        Kind::imm8sex32 => OpKind::Immediate8to32,
        Kind::imm8sex64 => OpKind::Immediate8to64,
        Kind::imm16 => OpKind::Immediate16,
        Kind::imm32 => OpKind::Immediate32,
        Kind::imm32sex64 => OpKind::Immediate32to64,
        Kind::imm64 => OpKind::Immediate64,
        _ => return None,
    })
}

fn set_immediate(draft: &mut Draft, kind: OpKind, value: i64) {
    let instruction = &mut draft.instruction;
    match kind {
        OpKind::Immediate8 => instruction.set_immediate8(value as u8),
        OpKind::Immediate8_2nd => instruction.set_immediate8_2nd(value as u8),
        OpKind::Immediate8to16 => instruction.set_immediate8to16(i16::from(value as i8)),
        OpKind::Immediate8to32 => instruction.set_immediate8to32(i32::from(value as i8)),
        OpKind::Immediate8to64 => instruction.set_immediate8to64(i64::from(value as i8)),
        OpKind::Immediate16 => instruction.set_immediate16(value as u16),
        OpKind::Immediate32 => instruction.set_immediate32(value as u32),
        OpKind::Immediate32to64 => instruction.set_immediate32to64(i64::from(value as i32)),
        _ => instruction.set_immediate64(value.cast_unsigned()),
    }
}

fn string(kind: Kind, short: bool) -> Option<OpKind> {
    Some(match (kind, short) {
        (Kind::seg_rSI, false) => OpKind::MemorySegRSI,
        (Kind::seg_rSI, true) => OpKind::MemorySegESI,
        (Kind::es_rDI, false) => OpKind::MemoryESRDI,
        (Kind::es_rDI, true) => OpKind::MemoryESEDI,
        (Kind::seg_rDI, false) => OpKind::MemorySegRDI,
        (Kind::seg_rDI, true) => OpKind::MemorySegEDI,
        _ => return None,
    })
}

/// A register that the encoding allows for an operand of this kind.
fn register(draft: &mut Draft, kind: Kind) -> Result<Register, Unbuildable> {
    let evex = draft.info().encoding() == EncodingKind::EVEX;
    let random = &mut draft.random;
    let gpr = random.below(16) as u32;
    let vector = random.below(if evex { 32 } else { 16 }) as u32;
    let eight = random.below(8) as u32;
    Ok(match kind {
        Kind::r8_reg | Kind::r8_opcode => Register::AL + random.below(20) as u32,
        Kind::r16_reg | Kind::r16_rm | Kind::r16_opcode | Kind::r16_reg_mem => Register::AX + gpr,
        Kind::r32_reg | Kind::r32_rm | Kind::r32_opcode | Kind::r32_vvvv | Kind::r32_reg_mem => Register::EAX + gpr,
        Kind::r64_reg | Kind::r64_rm | Kind::r64_opcode | Kind::r64_vvvv | Kind::r64_reg_mem => Register::RAX + gpr,
        Kind::seg_reg => Register::ES + random.below(6) as u32,
        Kind::k_reg | Kind::k_rm | Kind::k_vvvv => Register::K0 + eight,
        Kind::kp1_reg => Register::K0 + (eight & !1),
        Kind::mm_reg | Kind::mm_rm => Register::MM0 + eight,
        Kind::xmm_reg | Kind::xmm_rm | Kind::xmm_vvvv => Register::XMM0 + vector,
        Kind::ymm_reg | Kind::ymm_rm | Kind::ymm_vvvv => Register::YMM0 + vector,
        Kind::zmm_reg | Kind::zmm_rm | Kind::zmm_vvvv => Register::ZMM0 + vector,
        Kind::xmm_is4 | Kind::xmm_is5 => Register::XMM0 + gpr,
        Kind::ymm_is4 | Kind::ymm_is5 => Register::YMM0 + gpr,
        Kind::xmmp3_vvvv => Register::XMM0 + (vector & !3),
        Kind::zmmp3_vvvv => Register::ZMM0 + (vector & !3),
        Kind::bnd_reg => Register::BND0 + (eight & 3),
        Kind::tmm_reg | Kind::tmm_rm | Kind::tmm_vvvv => Register::TMM0 + eight,
        Kind::sti_opcode => Register::ST0 + eight,
        Kind::es => Register::ES,
        Kind::cs => Register::CS,
        Kind::ss => Register::SS,
        Kind::ds => Register::DS,
        Kind::fs => Register::FS,
        Kind::gs => Register::GS,
        Kind::al => Register::AL,
        Kind::cl => Register::CL,
        Kind::ax => Register::AX,
        Kind::dx => Register::DX,
        Kind::eax => Register::EAX,
        Kind::rax => Register::RAX,
        Kind::st0 => Register::ST0,
        _ => return Err(Unbuildable::OperandKind(kind)),
    })
}
