//! Instructions that use the stack: those with a memory operand beside it, and those whose only memory is the stack,
//! which matter when the stack pointer itself points to a device.

use super::{Address, Operation, Part, Register, Segment, Value, classify::register, tables};
use crate::map::Width;
use iced_x86::{Code, FlowControl, Instruction, Mnemonic, OpKind, Register as Iced};

/// What to do with the stack, apart from the memory operand that [`Operation`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// Push a register or a constant.
    Push { width: Width, value: Value },
    /// Push the selector of `fs` or `gs`.
    PushSegment { width: Width, segment: Segment },
    /// Pop into a register.
    Pop { width: Width, to: Register },
    /// Push the flags.
    PushFlags { width: Width },
    /// Pop the flags.
    PopFlags { width: Width },
    /// Push the address of the next instruction and go to another.
    Call { width: Width, target: Target },
    /// Pop the instruction pointer, with the code segment if the return is far, and drop bytes of arguments.
    Return { width: Width, far: bool, arguments: u64 },
    /// Pop the instruction pointer, the code segment, the flags, the stack pointer and the stack segment.
    InterruptReturn { width: Width },
    /// Take the stack pointer back from the frame pointer, and pop that.
    Leave { width: Width },
    /// Push the frame pointer and make a frame of `size` bytes at a nesting level.
    Enter { width: Width, size: u64, level: u8 },
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Address(u64),
    Register(Register),
}

/// Pushes, pops, jumps and calls through memory.
pub(super) fn through_memory(instruction: &Instruction) -> Option<Operation> {
    tables::memory_operand(instruction).filter(|operand| *operand == 0)?;
    let address = Address::of(instruction);
    let far = |offset, call| Some(Operation::FarJump { to: address, offset, call });
    match instruction.code() {
        Code::Push_rm64 => Some(Operation::Push { from: address, width: Width::U64 }),
        Code::Push_rm16 => Some(Operation::Push { from: address, width: Width::U16 }),
        Code::Pop_rm64 => Some(Operation::Pop { to: address, width: Width::U64 }),
        Code::Pop_rm16 => Some(Operation::Pop { to: address, width: Width::U16 }),
        Code::Jmp_rm64 => Some(Operation::Jump { to: address, width: Width::U64, call: false }),
        Code::Jmp_rm16 => Some(Operation::Jump { to: address, width: Width::U16, call: false }),
        Code::Call_rm64 => Some(Operation::Jump { to: address, width: Width::U64, call: true }),
        Code::Call_rm16 => Some(Operation::Jump { to: address, width: Width::U16, call: true }),
        Code::Jmp_m1616 => far(Width::U16, None),
        Code::Jmp_m1632 => far(Width::U32, None),
        Code::Jmp_m1664 => far(tables::far_offset(), None),
        Code::Call_m1616 => far(Width::U16, Some(Width::U16)),
        Code::Call_m1632 => far(Width::U32, Some(Width::U32)),
        Code::Call_m1664 => far(tables::far_offset(), Some(Width::U64)),
        _ => None,
    }
}

/// Instructions whose only memory is the stack.
pub(super) fn alone(instruction: &Instruction) -> Option<Operation> {
    let width = Width::from_bytes(instruction.stack_pointer_increment().unsigned_abs() as usize);
    let register_operand = || match instruction.op_kind(0) {
        OpKind::Register => register(instruction.op_register(0)),
        _ => None,
    };
    let stack = match instruction.mnemonic() {
        Mnemonic::Push => match (register_operand(), instruction.op0_register()) {
            (Some(register), _) => Stack::Push { width: width?, value: Value::Register(register) },
            (None, Iced::FS) => Stack::PushSegment { width: width?, segment: Segment::Fs },
            (None, Iced::GS) => Stack::PushSegment { width: width?, segment: Segment::Gs },
            (None, _) => Stack::Push { width: width?, value: Value::Constant(instruction.try_immediate(0).ok()?) },
        },
        Mnemonic::Pop => Stack::Pop { width: width?, to: register_operand()? },
        Mnemonic::Pushf | Mnemonic::Pushfq => Stack::PushFlags { width: width? },
        Mnemonic::Popf | Mnemonic::Popfq => Stack::PopFlags { width: width? },
        Mnemonic::Call if instruction.flow_control() == FlowControl::Call => {
            Stack::Call { width: width?, target: Target::Address(instruction.near_branch_target()) }
        }
        Mnemonic::Call => Stack::Call { width: width?, target: Target::Register(register_operand()?) },
        Mnemonic::Ret => {
            let narrow = matches!(instruction.code(), Code::Retnw | Code::Retnw_imm16);
            let width = if narrow { Width::U16 } else { Width::U64 };
            Stack::Return { width, far: false, arguments: arguments(instruction) }
        }
        Mnemonic::Iret => Stack::InterruptReturn { width: Width::U16 },
        Mnemonic::Iretd => Stack::InterruptReturn { width: Width::U32 },
        Mnemonic::Iretq => Stack::InterruptReturn { width: Width::U64 },
        Mnemonic::Retf => {
            let width = match instruction.code() {
                Code::Retfw | Code::Retfw_imm16 => Width::U16,
                Code::Retfd | Code::Retfd_imm16 => Width::U32,
                _ => Width::U64,
            };
            Stack::Return { width, far: true, arguments: arguments(instruction) }
        }
        Mnemonic::Leave => {
            Stack::Leave { width: if instruction.code() == Code::Leavew { Width::U16 } else { Width::U64 } }
        }
        Mnemonic::Enter => Stack::Enter {
            width: if instruction.code() == Code::Enterw_imm16_imm8 { Width::U16 } else { Width::U64 },
            size: u64::from(instruction.immediate16()),
            level: instruction.immediate8_2nd() % 32,
        },
        _ => return None,
    };
    Some(Operation::Stack(stack))
}

/// Bytes of arguments that a return drops.
fn arguments(instruction: &Instruction) -> u64 {
    if instruction.op_count() == 0 { 0 } else { u64::from(instruction.immediate16()) }
}

impl Register {
    /// The frame pointer, or its low half.
    pub(crate) fn frame_pointer(width: Width) -> Self {
        let part = if width == Width::U16 { Part::Low16 } else { Part::All };
        Self { number: Iced::RBP.number() as u8, part }
    }
}
