//! Instruction → plan, by classes of how memory is used.

use super::{Address, Bytes, Extend, Operation, Part, Plan, Register, Replay, Value, lower, tables};
use crate::map::Width;
use iced_x86::{Code, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register as Iced, UsedMemory};

/// Makes the plan of `instruction`.
///
/// # Errors
///
/// The reason why the instruction is refused.
pub(crate) fn plan(instruction: &Instruction) -> Result<Plan, String> {
    if instruction.is_invalid() {
        return Err("the bytes are not an instruction".to_owned());
    }
    let operation = operation(instruction)?;
    let locked = instruction.has_lock_prefix()
        || instruction.mnemonic() == Mnemonic::Xchg && instruction.op_kind(0) == OpKind::Memory;
    Ok(Plan { next: instruction.next_ip() as usize, locked, operation })
}

fn operation(instruction: &Instruction) -> Result<Operation, String> {
    if let Some(reason) = tables::refused(instruction) {
        return Err(reason.to_owned());
    }
    if tables::touches_nothing(instruction.mnemonic()) {
        return Ok(Operation::Nothing);
    }
    if let Some(operation) = stack(instruction).or_else(|| plain_move(instruction)) {
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

/// Moves between memory and a general register, which need no stub.
fn plain_move(instruction: &Instruction) -> Option<Operation> {
    let extend = match instruction.mnemonic() {
        Mnemonic::Mov | Mnemonic::Movzx => Extend::Zero,
        Mnemonic::Movsx | Mnemonic::Movsxd => Extend::Sign,
        _ => return None,
    };
    let width = Width::from_bytes(instruction.memory_size().size())?;
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
fn register(register: Iced) -> Option<Register> {
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

/// Pushes, pops, jumps and calls through memory.
fn stack(instruction: &Instruction) -> Option<Operation> {
    if instruction.op_count() == 0 || instruction.op_kind(0) != OpKind::Memory {
        return None;
    }
    let address = Address::of(instruction);
    let width = Width::from_bytes(instruction.memory_size().size())?;
    match instruction.code() {
        Code::Push_rm64 | Code::Push_rm16 => Some(Operation::Push { from: address, width }),
        Code::Pop_rm64 | Code::Pop_rm16 => Some(Operation::Pop { to: address, width }),
        Code::Jmp_rm64 => Some(Operation::Jump { to: address, call: false }),
        Code::Call_rm64 => Some(Operation::Jump { to: address, call: true }),
        _ => None,
    }
}

/// An instruction with one memory operand.
fn replay(instruction: &Instruction) -> Result<Operation, String> {
    let mut factory = InstructionInfoFactory::new();
    let info = factory.info(instruction);
    let [memory] = info.used_memory() else {
        return Err(format!("it has {} memory operands", info.used_memory().len()));
    };
    if !(0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory) {
        return Err("its memory operand is implicit".to_owned());
    }
    let size = memory.memory_size().size();
    if size == 0 {
        return Err("the size of its memory operand depends on the machine state".to_owned());
    }
    let (reads, writes) = transfers(instruction, memory)?;
    let stub = lower::lower(instruction, None)?;
    let bit_offset = tables::bit_offset(instruction);
    Ok(Operation::Replay(Replay { address: Address::of(instruction), bit_offset, size, reads, writes, stub }))
}

/// Which bytes of the operand are read and written.
fn transfers(instruction: &Instruction, memory: &UsedMemory) -> Result<(Bytes, Bytes), String> {
    let masked = tables::mask(instruction);
    match memory.access() {
        OpAccess::Read | OpAccess::CondRead => Ok((masked.unwrap_or(Bytes::All), Bytes::None)),
        OpAccess::Write | OpAccess::CondWrite => Ok((Bytes::None, masked.unwrap_or(Bytes::All))),
        // A compare-exchange that does not match writes the old value back (Intel SDM, CMPXCHG).
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => Ok((Bytes::All, Bytes::All)),
        access => Err(format!("its memory operand is used as {access:?}")),
    }
}

fn string(_instruction: &Instruction) -> Result<Operation, String> {
    Err("string instructions are not carried out yet".to_owned())
}

fn vector(_instruction: &Instruction) -> Result<Operation, String> {
    Err("gathers and scatters are not carried out yet".to_owned())
}
