//! Instruction → what a pad is made of: the instruction itself at another address, and code that finds its operands.

use super::{super::decode::Decoded, Operation, Plan, tables};
use iced_x86::{
    Code, CpuidFeature, Encoder, Instruction, InstructionInfoFactory, MemoryOperand, OpKind, Register as Iced,
};

/// The parts of a pad that depend on the instruction.
#[derive(Clone, Debug)]
pub(in super::super) struct Recipe {
    /// Pieces of code, each of which puts the address of a memory operand into `rcx` and changes nothing else. The first
    /// may use all registers, the others all but `rax`, `rcx` and `rdx`.
    pub(in super::super) probes: Vec<Vec<u8>>,
    /// The instruction's bytes.
    pub(in super::super) original: Vec<u8>,
    /// The displacement of an operand that is relative to the instruction pointer.
    pub(in super::super) relative: Option<Relative>,
    /// Whether the instruction uses registers that only `xsave64` saves.
    pub(in super::super) needs_image: bool,
}

/// Where a 32-bit displacement stands in an instruction, and what address it leads to.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Relative {
    pub(in super::super) at: usize,
    pub(in super::super) target: usize,
}

/// Takes the instruction of `plan` apart. The probes run with `rsp` lower than the driver's by `below` bytes.
///
/// A probe may miss: it only decides which way is tried first. The address of a stack operand, of a lane, or of a bit far
/// from its operand need not be exact.
///
/// # Errors
///
/// The reason why the instruction can run nowhere but at its own address.
pub(in super::super) fn relocate(decoded: &Decoded, plan: &Plan, below: u32) -> Result<Recipe, &'static str> {
    match plan.operation {
        Operation::Load { .. }
        | Operation::Store { .. }
        | Operation::Push { .. }
        | Operation::Pop { .. }
        | Operation::Replay(_)
        | Operation::VectorMove(_)
        | Operation::MaskedStore { .. }
        | Operation::Vector(_)
        | Operation::String(_) => {}
        Operation::Jump { .. } | Operation::FarJump { .. } => return Err("it branches"),
        Operation::Stack(_) => return Err("its operand is the stack"),
        Operation::Port { .. } | Operation::PortString { .. } => return Err("it accesses a port"),
        Operation::Move64 { .. } | Operation::Clear64 { .. } | Operation::Nothing => {
            return Err("its operand is not written in it");
        }
    }
    let instruction = &decoded.instruction;
    if matches!(instruction.segment_prefix(), Iced::FS | Iced::GS) {
        return Err("its operand is relative to a segment");
    }
    let relative = match instruction.memory_base() {
        Iced::RIP => Some(Relative {
            at: decoded.displacement_at().ok_or("its displacement cannot be found")?,
            target: instruction.memory_displacement64() as usize,
        }),
        Iced::EIP => return Err("its operand is relative to a 32-bit instruction pointer"),
        _ => None,
    };
    let operands = (0..instruction.op_count()).filter_map(|operand| probe(instruction, operand, below).transpose());
    let probes = operands.collect::<Result<Vec<_>, _>>()?;
    if probes.is_empty() {
        return Err("its operand is not written in it");
    }
    Ok(Recipe { probes, original: decoded.bytes().to_vec(), relative, needs_image: needs_image(decoded) })
}

/// Code that puts the address of a memory operand into `rcx`; `None` if the operand is no memory.
fn probe(instruction: &Instruction, operand: u32, below: u32) -> Result<Option<Vec<u8>>, &'static str> {
    const NOT_COMPUTED: &str = "its operand's address cannot be computed by one instruction";
    let at_register = |register| (register, Iced::None, 1, 0);
    let (base, index, scale, displacement) = match instruction.op_kind(operand) {
        OpKind::Memory if instruction.memory_base() == Iced::RIP => {
            return Ok(Some(move_constant(instruction.memory_displacement64())));
        }
        OpKind::Memory => {
            let index = instruction.memory_index();
            let index = if index.is_gpr() { index } else { Iced::None };
            let displacement = instruction.memory_displacement64().cast_signed();
            (instruction.memory_base(), index, instruction.memory_index_scale(), displacement)
        }
        OpKind::MemorySegRSI => at_register(Iced::RSI),
        OpKind::MemorySegESI => at_register(Iced::ESI),
        OpKind::MemoryESRDI | OpKind::MemorySegRDI => at_register(Iced::RDI),
        OpKind::MemoryESEDI | OpKind::MemorySegEDI => at_register(Iced::EDI),
        _ => return Ok(None),
    };
    let on_stack = matches!(base, Iced::RSP | Iced::ESP);
    let displacement = if on_stack { displacement.wrapping_add(i64::from(below)) } else { displacement };
    let narrow = base.is_gpr32() || index.is_gpr32();
    if base == Iced::None && index == Iced::None {
        return Ok(Some(move_constant(displacement.cast_unsigned())));
    }
    // A 32-bit address wraps, so its displacement may be given either way.
    let displacement = if narrow { i64::from(displacement as i32) } else { displacement };
    i32::try_from(displacement).map_err(|_| NOT_COMPUTED)?;
    let size = u32::from(displacement != 0 || matches!(base, Iced::RBP | Iced::R13 | Iced::EBP | Iced::R13D));
    // `1` lets the encoder choose between 8 and 32 bits, except that an operand without a base has 32.
    let size = match base {
        Iced::None if narrow => 4,
        Iced::None => 8,
        _ => size,
    };
    let memory = MemoryOperand::new(base, index, scale, displacement, size, false, Iced::None);
    let lea = Instruction::with2(Code::Lea_r64_m, Iced::RCX, memory).map_err(|_| NOT_COMPUTED)?;
    let lea =
        if narrow { Instruction::with2(Code::Lea_r32_m, Iced::ECX, memory).map_err(|_| NOT_COMPUTED)? } else { lea };
    let mut encoder = Encoder::new(64);
    encoder.encode(&lea, 0).map_err(|_| NOT_COMPUTED)?;
    Ok(Some(encoder.take_buffer()))
}

/// `mov rcx, value`.
fn move_constant(value: u64) -> Vec<u8> {
    let mut code = vec![0x48, 0xb9];
    code.extend(value.to_le_bytes());
    code
}

/// Whether the instruction names x87 or MMX registers, AMX tiles, or all of the state at once.
fn needs_image(decoded: &Decoded) -> bool {
    let instruction = &decoded.instruction;
    let mut factory = InstructionInfoFactory::new();
    let used = factory.info(instruction).used_registers().iter().map(|used| used.register());
    let tiles = [CpuidFeature::AMX_TILE, CpuidFeature::AMX_INT8, CpuidFeature::AMX_BF16];
    decoded.x87_opcode().is_some()
        || tables::image(instruction).is_some()
        || used.into_iter().any(|register| register.is_mm() || register.is_st() || register.is_tmm())
        || instruction.cpuid_features().iter().any(|feature| tiles.contains(feature) || *feature == CpuidFeature::MMX)
}
