//! Instruction → plan, by classes of how memory is used.

use super::{
    super::decode::Decoded, Address, Bytes, Code, Enable, Extend, Operation, Part, Plan, Port, Register, Repeat,
    Replay, StringReplay, Value, VectorMove, VectorReplay, fixed, lower, stack, tables,
};
use crate::map::Width;
use iced_x86::{EncodingKind, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register as Iced};

/// Makes the plan of an instruction.
///
/// # Errors
///
/// The reason why the instruction is refused.
pub(crate) fn plan(decoded: &Decoded) -> Result<Plan, String> {
    let instruction = &decoded.instruction;
    if instruction.is_invalid() {
        return Err("the bytes are not an instruction".to_owned());
    }
    if let Some(operation) = port(instruction) {
        return Ok(Plan { next: instruction.next_ip() as usize, locked: false, x87_opcode: None, operation });
    }
    if let Some(reason) = tables::refused(instruction) {
        return Err(reason.to_owned());
    }
    let exchanges = instruction.mnemonic() == Mnemonic::Xchg && tables::memory_operand(instruction).is_some();
    Ok(Plan {
        next: instruction.next_ip() as usize,
        locked: instruction.has_lock_prefix() || exchanges,
        x87_opcode: decoded.x87_opcode(),
        operation: operation(instruction)?,
    })
}

fn operation(instruction: &Instruction) -> Result<Operation, String> {
    if tables::touches_nothing(instruction.mnemonic()) {
        return Ok(Operation::Nothing);
    }
    let simple = [stack::through_memory, plain_move, implicit, stack::alone];
    if let Some(operation) = simple.into_iter().find_map(|class| class(instruction)) {
        return Ok(operation);
    }
    if instruction.is_string_instruction() {
        return string(instruction);
    }
    if instruction.is_vsib() {
        return vector(instruction);
    }
    replay(instruction)
}

/// Port I/O.
fn port(instruction: &Instruction) -> Option<Operation> {
    use Mnemonic::{In, Insb, Insd, Insw, Out, Outsb, Outsd, Outsw};
    let mnemonic = instruction.mnemonic();
    let output = matches!(mnemonic, Out | Outsb | Outsw | Outsd);
    match mnemonic {
        In | Out => {
            let (port, accumulator) = if output { (0, 1) } else { (1, 0) };
            let width = Width::from_bytes(instruction.op_register(accumulator).size())?;
            let port = match instruction.op_kind(port) {
                OpKind::Register => Port::Dx,
                _ => Port::Constant(instruction.immediate8()),
            };
            Some(Operation::Port { port, width, output })
        }
        Insb | Insw | Insd | Outsb | Outsw | Outsd => {
            let memory = if output { 1 } else { 0 };
            let narrow = matches!(instruction.op_kind(memory), OpKind::MemorySegESI | OpKind::MemoryESEDI);
            let register = match (output, narrow) {
                (true, false) => Iced::RSI,
                (true, true) => Iced::ESI,
                (false, false) => Iced::RDI,
                (false, true) => Iced::EDI,
            };
            let segment = if output { instruction.memory_segment() } else { Iced::None };
            Some(Operation::PortString {
                width: Width::from_bytes(instruction.memory_size().size())?,
                memory: Address::at_register(register, segment),
                output,
                repeats: instruction.has_rep_prefix() || instruction.has_repne_prefix(),
                narrow,
            })
        }
        _ => None,
    }
}

/// Moves between memory and a general register, which need no stub.
fn plain_move(instruction: &Instruction) -> Option<Operation> {
    let extend = match instruction.mnemonic() {
        Mnemonic::Mov | Mnemonic::Movzx | Mnemonic::Movnti | Mnemonic::Movdiri => Extend::Zero,
        Mnemonic::Movsx | Mnemonic::Movsxd => Extend::Sign,
        _ => return None,
    };
    let width = Width::from_bytes(tables::moved_bytes(instruction))?;
    let address = || Address::of(instruction);
    match (instruction.op_kind(0), instruction.op_kind(1)) {
        (OpKind::Register, OpKind::Memory) => {
            Some(Operation::Load { from: address(), width, to: register(instruction.op_register(0))?, extend })
        }
        (OpKind::Memory, OpKind::Register) => {
            let value = Value::Register(register(instruction.op_register(1))?);
            Some(Operation::Store { to: address(), width, value })
        }
        (OpKind::Memory, _) => {
            let value = Value::Constant(instruction.try_immediate(1).ok()?);
            Some(Operation::Store { to: address(), width, value })
        }
        _ => None,
    }
}

/// The general register `register`; `None` for segment, control and other registers.
pub(super) fn register(register: Iced) -> Option<Register> {
    let part = match register {
        Iced::AH | Iced::CH | Iced::DH | Iced::BH => Part::High8,
        _ if register.is_gpr8() => Part::Low8,
        _ if register.is_gpr16() => Part::Low16,
        _ if register.is_gpr32() => Part::Low32,
        _ if register.is_gpr64() => Part::All,
        _ => return None,
    };
    Some(Register { number: register.full_register().number() as u8, part })
}

/// Instructions whose address is in a register that they do not name as a memory operand, and that need no stub.
fn implicit(instruction: &Instruction) -> Option<Operation> {
    match instruction.mnemonic() {
        Mnemonic::Xlatb => {
            let al = Register { number: 0, part: Part::Low8 };
            let from = Address::at_register(instruction.memory_base(), instruction.memory_segment()).plus(al);
            Some(Operation::Load { from, width: Width::U8, to: al, extend: Extend::Zero })
        }
        Mnemonic::Clzero => {
            let register = match instruction.code() {
                iced_x86::Code::Clzerod => Iced::EAX,
                _ => Iced::RAX,
            };
            Some(Operation::Clear64 { to: Address::at_register(register, instruction.segment_prefix()) })
        }
        Mnemonic::Movdir64b => {
            let to = Address::at_register(instruction.op_register(0), Iced::None);
            Some(Operation::Move64 { from: Address::of(instruction), to })
        }
        _ => None,
    }
}

/// An instruction with one memory operand.
fn replay(instruction: &Instruction) -> Result<Operation, String> {
    if let Some(operation) = masked_store(instruction)? {
        return Ok(operation);
    }
    let mut factory = InstructionInfoFactory::new();
    let [memory] = factory.info(instruction).used_memory() else {
        return Err("it has more than one memory operand, or none".to_owned());
    };
    if tables::memory_operand(instruction).is_none() {
        return Err("its memory operand is implicit".to_owned());
    }
    let access = memory.access();
    let (size, reads, writes) = match tables::image(instruction) {
        Some(image) => image,
        None => {
            let (reads, writes) = transfers(instruction, access)?;
            (instruction.memory_size().size(), reads, writes)
        }
    };
    if size == 0 && writes != Bytes::Observed && tables::image(instruction).is_none() {
        return Err("the size of its memory operand depends on the machine state".to_owned());
    }
    let code = match (lower::lower(instruction, None), fixed::fixed(instruction)) {
        (Ok(stub), _) => Code::Stub(stub),
        (Err(_), Some(fixed)) => Code::Fixed(fixed),
        (Err(reason), None) => return Err(reason),
    };
    let bit_offset = tables::bit_offset(instruction);
    let replay = Replay { address: Address::of(instruction), bit_offset, size, reads, writes, code };
    Ok(match tables::vector_move(instruction) {
        Some((load, register)) => {
            // Instructions with a VEX or EVEX prefix do (Intel SDM volume 1, 14.1.3).
            let clears = instruction.code().encoding() != EncodingKind::Legacy;
            Operation::VectorMove(VectorMove { load, register, clears, replay })
        }
        None => Operation::Replay(replay),
    })
}

/// Which bytes of the operand are read and written.
fn transfers(instruction: &Instruction, access: OpAccess) -> Result<(Bytes, Bytes), String> {
    let masked = tables::mask(instruction);
    match access {
        OpAccess::Read | OpAccess::CondRead => Ok((masked.unwrap_or(Bytes::All), Bytes::None)),
        // With an exception that is not masked, nothing is stored.
        OpAccess::Write if tables::is_x87_store(instruction) => Ok((Bytes::None, Bytes::Observed)),
        OpAccess::Write | OpAccess::CondWrite => Ok((Bytes::None, masked.unwrap_or(Bytes::All))),
        // A compare-exchange that does not match writes the old value back (Intel SDM, CMPXCHG).
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => Ok((Bytes::All, Bytes::All)),
        access => Err(format!("its memory operand is used as {access:?}")),
    }
}

/// `maskmovdqu` and its relatives, which store at `rdi` what a vector register's sign bits leave.
fn masked_store(instruction: &Instruction) -> Result<Option<Operation>, String> {
    let register = if matches!(instruction.op_kind(0), OpKind::MemorySegEDI) { Iced::EDI } else { Iced::RDI };
    let address = Address::at_register(register, instruction.memory_segment());
    Ok(match instruction.mnemonic() {
        Mnemonic::Maskmovdqu | Mnemonic::Vmaskmovdqu => {
            let vector = |operand| instruction.op_register(operand).number() as u8;
            Some(Operation::MaskedStore { to: address, value: vector(1), mask: vector(2) })
        }
        Mnemonic::Maskmovq => {
            let code = Code::Stub(lower::lower_at_registers(instruction, Iced::RDI)?);
            let (reads, writes) = (Bytes::None, Bytes::Observed);
            Some(Operation::Replay(Replay { address, bit_offset: None, size: 8, reads, writes, code }))
        }
        _ => None,
    })
}

fn string(instruction: &Instruction) -> Result<Operation, String> {
    let operand = |wanted: fn(OpKind) -> Option<Iced>| {
        (0..instruction.op_count()).find_map(|operand| wanted(instruction.op_kind(operand)).map(|at| (operand, at)))
    };
    let source = operand(|kind| match kind {
        OpKind::MemorySegRSI => Some(Iced::RSI),
        OpKind::MemorySegESI => Some(Iced::ESI),
        _ => None,
    });
    let destination = operand(|kind| match kind {
        OpKind::MemoryESRDI => Some(Iced::RDI),
        OpKind::MemoryESEDI => Some(Iced::EDI),
        _ => None,
    });
    let compares = matches!(
        instruction.mnemonic(),
        Mnemonic::Cmpsb
            | Mnemonic::Cmpsw
            | Mnemonic::Cmpsd
            | Mnemonic::Cmpsq
            | Mnemonic::Scasb
            | Mnemonic::Scasw
            | Mnemonic::Scasd
            | Mnemonic::Scasq
    );
    let repeat = match (instruction.has_rep_prefix(), instruction.has_repne_prefix(), compares) {
        (false, false, _) => Repeat::Once,
        (_, _, false) => Repeat::Count,
        (_, true, true) => Repeat::WhileNotEqual,
        (true, false, true) => Repeat::WhileEqual,
    };
    let narrow = [source, destination].into_iter().flatten().any(|(_, at)| matches!(at, Iced::ESI | Iced::EDI));
    let segment = instruction.memory_segment();
    Ok(Operation::String(StringReplay {
        size: u8::try_from(instruction.memory_size().size()).map_err(|_| "its element is too large")?,
        source: source.map(|(_, at)| Address::at_register(at, segment)),
        destination: destination.map(|(_, at)| (Address::at_register(at, Iced::None), !compares)),
        repeat,
        narrow,
        stub: lower::lower_string(instruction)?,
    }))
}

fn vector(instruction: &Instruction) -> Result<Operation, String> {
    let scatter = instruction.op_kind(0) == OpKind::Memory;
    let data = if scatter { instruction.op_register(1) } else { instruction.op_register(0) };
    let enable = if instruction.op_mask() == Iced::None {
        Enable::Signs(instruction.op_register(2).number() as u8)
    } else {
        Enable::Mask(instruction.op_mask().number() as u8)
    };
    let index = instruction.memory_index();
    let index_size = if instruction.is_vsib32() { 4 } else { 8 };
    let element = lower::element_size(instruction.memory_size());
    let lanes = (index.size() / index_size).min(data.size() / usize::from(element));
    let substitute = lower::substitute_index(instruction);
    let stub = lower::lower(instruction, Some(substitute))?;
    Ok(Operation::Vector(VectorReplay {
        address: Address::of(instruction),
        index: index.number() as u8,
        index_size: index_size as u8,
        scale: instruction.memory_index_scale() as u8,
        element,
        lanes: lanes as u8,
        scatter,
        enable,
        substitute: substitute.number() as u8,
        stub,
    }))
}
