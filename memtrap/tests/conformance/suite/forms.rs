//! The forms of instructions that can access memory in 64-bit user mode.

use iced_x86::{
    Code, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpCodeOperandKind as Kind,
};

/// What a form addresses memory with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// A ModRM operand, or an absolute 64-bit address.
    Explicit,
    /// `rsi`, `rdi` or both, advancing, perhaps repeated.
    String,
    /// One address for each element of an index vector.
    Vector,
    /// A register that the encoding does not name: `xlat`, `maskmov`, `clzero` and the like.
    Implicit,
    /// The stack only.
    Stack,
}

/// One encoding, as the decoder names them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) code: Code,
    pub(crate) addressing: Addressing,
}

/// Why a code is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    NotIn64Bit,
    /// Needs more privilege than user mode has, or access to I/O ports.
    Privileged,
    NoMemory,
    /// An assembler's name for `fwait` and another instruction.
    TwoInstructions,
    /// Other processors give these bytes another meaning.
    OtherProcessor,
}

impl Form {
    pub(crate) fn of(code: Code) -> Result<Self, Outside> {
        let info = code.op_code();
        if !info.is_instruction() || !info.mode64() {
            return Err(Outside::NotIn64Bit);
        }
        let Some(addressing) = addressing(code) else { return Err(Outside::NoMemory) };
        if !info.cpl3() || info.must_be_cpl0() || info.is_input_output() || code.is_privileged() {
            return Err(Outside::Privileged);
        }
        if info.fwait() {
            return Err(Outside::TwoInstructions);
        }
        if info.decoder_option() == DecoderOptions::KNC {
            return Err(Outside::OtherProcessor);
        }
        Ok(Self { code, addressing })
    }

    /// All forms.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Code::values().filter_map(|code| Self::of(code).ok())
    }

    pub(crate) fn name(self) -> String {
        format!("{:?}", self.code)
    }

    /// What the decoder must be told to recognise this form.
    pub(crate) fn decoder_options(self) -> u32 {
        let info = self.code.op_code();
        let amd = if info.amd_decoder64() && !info.intel_decoder64() { DecoderOptions::AMD } else { 0 };
        info.decoder_option() | amd
    }

    /// Whether the form belongs to the integer subset: what compilers emit for volatile accesses and atomics, and the
    /// vector moves that block copies are made of.
    pub(crate) fn is_integer(self) -> bool {
        use Mnemonic as M;
        let integer = matches!(
            self.code.mnemonic(),
            M::Mov
                | M::Movzx
                | M::Movsx
                | M::Movsxd
                | M::Movbe
                | M::Add
                | M::Adc
                | M::Sub
                | M::Sbb
                | M::And
                | M::Or
                | M::Xor
                | M::Cmp
                | M::Test
                | M::Inc
                | M::Dec
                | M::Neg
                | M::Not
                | M::Shl
                | M::Shr
                | M::Sal
                | M::Sar
                | M::Rol
                | M::Ror
                | M::Rcl
                | M::Rcr
                | M::Shld
                | M::Shrd
                | M::Xchg
                | M::Xadd
                | M::Cmpxchg
                | M::Cmpxchg8b
                | M::Cmpxchg16b
                | M::Bt
                | M::Bts
                | M::Btr
                | M::Btc
                | M::Imul
                | M::Movnti
                | M::Movups
                | M::Movaps
                | M::Movupd
                | M::Movapd
                | M::Movdqu
                | M::Movdqa
                | M::Movntdq
                | M::Movntps
                | M::Vmovups
                | M::Vmovaps
                | M::Vmovupd
                | M::Vmovapd
                | M::Vmovdqu
                | M::Vmovdqa
                | M::Vmovntdq
                | M::Vmovdqu8
                | M::Vmovdqu16
                | M::Vmovdqu32
                | M::Vmovdqu64
                | M::Vmovdqa32
                | M::Vmovdqa64
        );
        let segment = self.code.op_code().op_kinds().contains(&Kind::seg_reg);
        integer && !segment && self.addressing == Addressing::Explicit
    }
}

/// How `code` addresses memory, if it can.
fn addressing(code: Code) -> Option<Addressing> {
    let kinds = code.op_code().op_kinds();
    if kinds.iter().any(|kind| is_vector_memory(*kind)) {
        return Some(Addressing::Vector);
    }
    if matches!(code.mnemonic(), Mnemonic::Movdir64b | Mnemonic::Enqcmd | Mnemonic::Enqcmds) {
        return Some(Addressing::Implicit);
    }
    if kinds.iter().any(|kind| is_memory(*kind)) {
        return Some(Addressing::Explicit);
    }
    if kinds.iter().any(|kind| matches!(kind, Kind::seg_rDI | Kind::seg_rBX_al)) {
        return Some(Addressing::Implicit);
    }
    if kinds.iter().any(|kind| matches!(kind, Kind::seg_rSI | Kind::es_rDI)) {
        return Some(Addressing::String);
    }
    if code.is_stack_instruction() {
        return Some(Addressing::Stack);
    }
    if code.mnemonic() == Mnemonic::Clzero {
        return Some(Addressing::Implicit);
    }
    if !kinds.is_empty() {
        return None;
    }
    let mut instruction = Instruction::default();
    instruction.set_code(code);
    let mut factory = InstructionInfoFactory::new();
    let accesses = factory.info(&instruction).used_memory();
    accesses.iter().any(|memory| memory.access() != OpAccess::NoMemAccess).then_some(Addressing::Implicit)
}

/// Whether an operand of this kind can be a ModRM or absolute memory operand.
pub(crate) fn is_memory(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::mem
            | Kind::mem_offs
            | Kind::mem_mpx
            | Kind::mem_mib
            | Kind::sibmem
            | Kind::r8_or_mem
            | Kind::r16_or_mem
            | Kind::r32_or_mem
            | Kind::r64_or_mem
            | Kind::r32_or_mem_mpx
            | Kind::r64_or_mem_mpx
            | Kind::bnd_or_mem_mpx
            | Kind::mm_or_mem
            | Kind::xmm_or_mem
            | Kind::ymm_or_mem
            | Kind::zmm_or_mem
            | Kind::k_or_mem
    )
}

/// Whether an operand of this kind is addressed by an index vector.
pub(crate) fn is_vector_memory(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::mem_vsib32x
            | Kind::mem_vsib64x
            | Kind::mem_vsib32y
            | Kind::mem_vsib64y
            | Kind::mem_vsib32z
            | Kind::mem_vsib64z
    )
}
