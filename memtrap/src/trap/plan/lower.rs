//! Instruction → stub: the same instruction on a buffer.

use super::{super::stub, Stub, tables};
use iced_x86::{
    Decoder, DecoderOptions, Encoder, Instruction, InstructionInfoFactory, MemorySize, OpKind, Register as Iced,
};

/// The order in which registers are tried as the base. The low ones come first: only they can stand beside `ah` to
/// `bh`, which cannot be encoded together with `r8` to `r15`. `rsp` is the host's.
const CANDIDATES: [Iced; 15] = [
    Iced::RDI,
    Iced::RSI,
    Iced::RDX,
    Iced::RCX,
    Iced::RBX,
    Iced::RAX,
    Iced::RBP,
    Iced::R8,
    Iced::R9,
    Iced::R10,
    Iced::R11,
    Iced::R12,
    Iced::R13,
    Iced::R14,
    Iced::R15,
];

/// Re-encodes `instruction` with its memory operand at `[base]`, for a base register that it does not use otherwise.
///
/// A vector index becomes `index`.
///
/// # Errors
///
/// The reason why it cannot be done.
pub(super) fn lower(instruction: &Instruction, index: Option<Iced>) -> Result<Stub, String> {
    let mut free = Free::new(instruction);
    let base = free.take().ok_or("it uses all registers")?;
    let mut stub = *instruction;
    let stack_pointer = rename_stack_pointer(&mut stub, &mut free)?;

    stub.set_segment_prefix(Iced::None);
    stub.set_memory_base(base);
    stub.set_memory_index(index.unwrap_or(Iced::None));
    stub.set_memory_index_scale(1);
    stub.set_memory_displacement64(0);
    stub.set_memory_displ_size(u32::from(base == Iced::RBP));
    // The device is held instead; a buffer needs no bus lock.
    stub.set_has_lock_prefix(false);
    stub.set_has_xacquire_prefix(false);
    stub.set_has_xrelease_prefix(false);

    Ok(Stub {
        code: write(&stub)?,
        base: base.number() as u8,
        stack_pointer,
        extended: tables::uses_extended_state(instruction),
    })
}

/// Re-encodes `instruction`, whose operand is at `base` by definition.
pub(super) fn lower_at_registers(instruction: &Instruction, base: Iced) -> Result<Stub, String> {
    let mut stub = *instruction;
    stub.set_segment_prefix(Iced::None);
    for operand in 0..stub.op_count() {
        if stub.op_kind(operand) == OpKind::MemorySegEDI {
            stub.set_op_kind(operand, OpKind::MemorySegRDI);
        }
    }
    Ok(Stub {
        code: write(&stub)?,
        base: base.number() as u8,
        stack_pointer: None,
        extended: tables::uses_extended_state(instruction),
    })
}

/// Re-encodes one iteration of a string instruction; the address of the code.
pub(super) fn lower_string(instruction: &Instruction) -> Result<usize, String> {
    let mut stub = *instruction;
    stub.set_segment_prefix(Iced::None);
    stub.set_has_rep_prefix(false);
    stub.set_has_repne_prefix(false);
    for operand in 0..stub.op_count() {
        let kind = match stub.op_kind(operand) {
            OpKind::MemorySegESI => OpKind::MemorySegRSI,
            OpKind::MemoryESEDI => OpKind::MemoryESRDI,
            kind => kind,
        };
        stub.set_op_kind(operand, kind);
    }
    write(&stub)
}

/// A vector register of the width of the instruction's index that the instruction does not use. It may be that of the
/// data otherwise: a scatter may use one register as both.
pub(super) fn substitute_index(instruction: &Instruction) -> Iced {
    let index = instruction.memory_index();
    let first = index as u32 - index.number() as u32;
    let used: Vec<usize> = (0..instruction.op_count())
        .filter(|operand| instruction.op_kind(*operand) == OpKind::Register)
        .map(|operand| instruction.op_register(operand).number())
        .collect();
    let number = (0..8).find(|number| !used.contains(number)).unwrap_or(0);
    Iced::values().nth(first as usize + number).unwrap_or(Iced::None)
}

/// Encodes `instruction`, whose memory operands are where its registers point, and writes it as a stub; its address.
pub(super) fn write(instruction: &Instruction) -> Result<usize, String> {
    let mut encoder = Encoder::new(64);
    encoder.encode(instruction, 0).map_err(|error| format!("it cannot be re-encoded: {error}"))?;
    let code = encoder.take_buffer();
    let again = Decoder::new(64, &code, DecoderOptions::NONE).decode();
    if again.code() != instruction.code() || again.len() != code.len() {
        return Err("its re-encoded form is another instruction".to_owned());
    }
    stub::write(&code).map_err(|error| format!("no executable memory could be had for it: {error}"))
}

/// General registers that an instruction does not use.
struct Free(Vec<Iced>);

impl Free {
    fn new(instruction: &Instruction) -> Self {
        let mut factory = InstructionInfoFactory::new();
        let used = factory.info(instruction).used_registers().iter().map(|used| used.register());
        let named = (0..instruction.op_count()).filter(|operand| instruction.op_kind(*operand) == OpKind::Register);
        let named = named.map(|operand| instruction.op_register(operand));
        let used: Vec<Iced> = used.chain(named).map(Iced::full_register).collect();
        Self(CANDIDATES.into_iter().filter(|candidate| !used.contains(candidate)).collect())
    }

    fn take(&mut self) -> Option<Iced> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}

/// Replaces `rsp`, `esp`, `sp` and `spl` as operands by parts of another register; its number.
fn rename_stack_pointer(instruction: &mut Instruction, free: &mut Free) -> Result<Option<u8>, String> {
    let mut substitute = None;
    for operand in 0..instruction.op_count() {
        if instruction.op_kind(operand) != OpKind::Register {
            continue;
        }
        let register = instruction.op_register(operand);
        if !matches!(register, Iced::RSP | Iced::ESP | Iced::SP | Iced::SPL) {
            continue;
        }
        let whole = match substitute {
            Some(whole) => whole,
            None => *substitute.insert(free.take().ok_or("it uses all registers")?),
        };
        instruction.set_op_register(operand, part_like(register, whole));
    }
    Ok(substitute.map(|register| register.number() as u8))
}

/// The part of `whole` that has the width of `like`.
fn part_like(like: Iced, whole: Iced) -> Iced {
    let distance = |first: Iced| first as u32 + whole.number() as u32;
    let number = match like {
        Iced::RSP => distance(Iced::RAX),
        Iced::ESP => distance(Iced::EAX),
        Iced::SP => distance(Iced::AX),
        // `spl` is the first of the registers that follow `bh`; `al` to `bl` come before `ah`.
        _ if whole.number() < 4 => distance(Iced::AL),
        _ => Iced::SPL as u32 + whole.number() as u32 - 4,
    };
    Iced::values().nth(number as usize).unwrap_or(Iced::None)
}

/// Bytes of the element that `size` is made of.
pub(super) fn element_size(size: MemorySize) -> u8 {
    u8::try_from(size.element_size()).unwrap_or(u8::MAX)
}
