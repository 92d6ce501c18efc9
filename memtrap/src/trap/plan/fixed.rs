//! The commonest integer instructions without a stub of their own: where no executable memory can be had, they run as
//! one of a fixed set of instructions that are part of the program.

use super::{Part, Register, Value, classify::register, tables};
use iced_x86::{Instruction, Mnemonic, OpKind};

/// An instruction of the fixed set: memory at `[rdi]`, the other operand in `rsi`, a shift's count in `cl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    /// Position in the set: the operation, four widths each.
    pub(crate) slot: usize,
    /// What `rsi` holds before.
    pub(crate) operand: Option<Value>,
    /// The register that gets what `rsi` holds afterwards.
    pub(crate) result: Option<Register>,
    /// What `rcx` holds before, if not the driver's.
    pub(crate) count: Option<u64>,
}

/// `op [rdi], rsi`, in the order of the assembly.
const MEMORY_REGISTER: [Mnemonic; 12] = [
    Mnemonic::Add,
    Mnemonic::Or,
    Mnemonic::Adc,
    Mnemonic::Sbb,
    Mnemonic::And,
    Mnemonic::Sub,
    Mnemonic::Xor,
    Mnemonic::Cmp,
    Mnemonic::Test,
    Mnemonic::Xchg,
    Mnemonic::Xadd,
    Mnemonic::Cmpxchg,
];

/// `op rsi, [rdi]`, in the order of the assembly: the first eight of the others.
const REGISTER_MEMORY: &[Mnemonic] = MEMORY_REGISTER.split_at(8).0;

/// `op [rdi]`, in the order of the assembly.
const MEMORY: [Mnemonic; 4] = [Mnemonic::Inc, Mnemonic::Dec, Mnemonic::Neg, Mnemonic::Not];

/// `op [rdi], cl`, in the order of the assembly.
const SHIFT: [Mnemonic; 7] =
    [Mnemonic::Rol, Mnemonic::Ror, Mnemonic::Rcl, Mnemonic::Rcr, Mnemonic::Shl, Mnemonic::Shr, Mnemonic::Sar];

/// The member of the fixed set that does what `instruction` does, if there is one.
pub(super) fn fixed(instruction: &Instruction) -> Option<Fixed> {
    let memory = tables::memory_operand(instruction)?;
    let width = match instruction.memory_size().size() {
        size @ (1 | 2 | 4 | 8) => size.ilog2() as usize,
        _ => return None,
    };
    let mnemonic = instruction.mnemonic();
    let slot = |first: usize, set: &[Mnemonic]| {
        set.iter().position(|member| *member == mnemonic).map(|position| 4 * (first + position) + width)
    };
    let first_shift = MEMORY_REGISTER.len() + REGISTER_MEMORY.len() + MEMORY.len();
    let none = Fixed { slot: 0, operand: None, result: None, count: None };
    if let Some(slot) = slot(first_shift, &SHIFT) {
        let count = match instruction.op_kind(1) {
            OpKind::Register => None,
            _ => Some(u64::from(instruction.immediate8())),
        };
        return Some(Fixed { slot, count, ..none });
    }
    match (memory, instruction.op_count()) {
        (0, 1) => Some(Fixed { slot: slot(MEMORY_REGISTER.len() + REGISTER_MEMORY.len(), &MEMORY)?, ..none }),
        (0, 2) => {
            let slot = slot(0, &MEMORY_REGISTER)?;
            let exchanges = matches!(mnemonic, Mnemonic::Xchg | Mnemonic::Xadd);
            match instruction.op_kind(1) {
                OpKind::Register => {
                    let operand = register(instruction.op_register(1))?;
                    let result = exchanges.then_some(operand);
                    Some(Fixed { slot, operand: Some(Value::Register(operand)), result, ..none })
                }
                _ => {
                    let operand = Some(Value::Constant(instruction.try_immediate(1).ok()?));
                    Some(Fixed { slot, operand, ..none })
                }
            }
        }
        (1, 2) => {
            let operand = register(instruction.op_register(0))?;
            // These two are symmetric, and only encoded with the memory first.
            let symmetric = matches!(mnemonic, Mnemonic::Test | Mnemonic::Xchg);
            let slot =
                if symmetric { slot(0, &MEMORY_REGISTER)? } else { slot(MEMORY_REGISTER.len(), REGISTER_MEMORY)? };
            let compares = matches!(mnemonic, Mnemonic::Cmp | Mnemonic::Test);
            let result = (!compares).then_some(operand);
            Some(Fixed { slot, operand: Some(Value::Register(operand)), result, ..none })
        }
        _ => None,
    }
}

impl Value {
    /// The value, zero-extended from the register's part.
    pub(crate) fn get(self, gpr: &[u64; 16]) -> u64 {
        match self {
            Self::Register(register) => register.get(gpr),
            Self::Constant(constant) => constant,
        }
    }
}

impl Register {
    /// The same part of `rsi`.
    pub(crate) fn in_rsi(self) -> Self {
        let part = if self.part == Part::High8 { Part::Low8 } else { self.part };
        Self { number: 6, part }
    }
}
