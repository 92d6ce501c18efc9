//! Forms that need more than random operands: registers with a meaning, memory with a format.

use super::{Draft, Operand, Patch, Unbuildable, address, values};
use crate::suite::{
    arena::PADS,
    forms::Form,
    state::{RSP, flags},
    xsave,
};
use iced_x86::{Code, MemorySize, Mnemonic as M, OpCodeOperandKind as Kind, OpKind, Register};

const RAX: usize = 0;
const RDX: usize = 2;
const RBX: usize = 3;
const RBP: usize = 5;
const RDI: usize = 7;

/// What an `XSAVE` area can take here.
const XSAVE_AREA: usize = 0xac0;

/// Selectors of 64-bit code and of data in a Linux process.
const CODE_SELECTOR: u16 = 0x33;
const DATA_SELECTOR: u16 = 0x2b;

/// Whether the form works with addresses of 32 bits, whatever the prefixes.
pub(crate) fn needs_low_addresses(form: Form) -> bool {
    let info = form.code.op_code();
    let far = matches!(info.memory_size(), MemorySize::SegPtr16 | MemorySize::SegPtr32 | MemorySize::SegPtr64);
    far || info.address_size() == 32 || matches!(form.code, Code::Retfd | Code::Retfd_imm16 | Code::Iretd)
}

/// How many bytes the operand has at most.
pub(crate) fn operand_size(draft: &Draft) -> usize {
    let info = draft.info();
    if draft.instruction.is_broadcast() {
        return info.broadcast_memory_size().size();
    }
    match info.memory_size() {
        MemorySize::Xsave | MemorySize::Xsave64 => XSAVE_AREA,
        MemorySize::Unknown => 16,
        MemorySize::Tile | MemorySize::Tilecfg => 64,
        size => size.size().max(1),
    }
}

/// What the operand's address is a multiple of, where that may matter.
pub(crate) fn alignment(draft: &Draft) -> usize {
    match operand_size(draft) {
        XSAVE_AREA => 64,
        512 => 16,
        size => 1 << size.trailing_zeros(),
    }
}

/// How far behind the address of the operand the bytes are that the instruction accesses: bit strings only.
pub(crate) fn skew(draft: &Draft) -> u64 {
    let instruction = &draft.instruction;
    if !is_bit_string(draft) {
        return 0;
    }
    let register = instruction.op_register(1);
    let value = draft.state.gpr[register.number()];
    let offset = match register.size() {
        2 => i64::from(value as i16),
        4 => i64::from(value as i32),
        _ => value.cast_signed(),
    };
    let bytes = register.size() as i64;
    (offset >> (3 + bytes.trailing_zeros())).wrapping_mul(bytes).cast_unsigned()
}

fn is_bit_string(draft: &Draft) -> bool {
    let bit = matches!(draft.form.code.mnemonic(), M::Bt | M::Bts | M::Btr | M::Btc);
    bit && draft.instruction.op_kind(1) == OpKind::Register
}

/// Sets the registers that select what the instruction does.
pub(crate) fn pin(draft: &mut Draft) -> Result<(), Unbuildable> {
    match draft.form.code.mnemonic() {
        M::Xsave | M::Xsave64 | M::Xsavec | M::Xsavec64 | M::Xsaveopt | M::Xsaveopt64 | M::Xrstor | M::Xrstor64 => {
            let known = if draft.random.one_in(2) { xsave::LAYOUT.components } else { u64::MAX };
            let (low, high) = (draft.random.next() & known, draft.random.integer());
            draft.pin(RAX, low);
            draft.pin(RDX, high);
        }
        _ if is_bit_string(draft) => {
            let register = draft.instruction.op_register(1).number();
            if register == RSP {
                return Err(Unbuildable::Unlucky);
            }
            let near = i64::from(draft.random.next() as i16) / 2;
            let value = if draft.random.one_in(4) { draft.random.integer() } else { near.cast_unsigned() };
            draft.pin(register, value);
        }
        _ => {}
    }
    Ok(())
}

/// Whether the instruction may load a segment register.
pub(crate) fn loads_segments(draft: &Draft) -> bool {
    let kinds = draft.info().op_kinds();
    let first = matches!(kinds.first(), Some(Kind::seg_reg | Kind::fs | Kind::gs));
    match draft.form.code.mnemonic() {
        M::Lss | M::Lfs | M::Lgs => true,
        M::Mov | M::Pop => first,
        _ => false,
    }
}

/// Replaces what the operand at `target` holds where random contents would hardly ever do.
pub(crate) fn contents(draft: &mut Draft, target: u64) {
    let pad = pad(draft);
    let bytes = match draft.form.code.mnemonic() {
        M::Ldmxcsr | M::Vldmxcsr if !draft.random.one_in(8) => values::mxcsr(&mut draft.random).to_le_bytes().to_vec(),
        M::Fldenv | M::Frstor => vec![0x7f],
        M::Fxrstor | M::Fxrstor64 | M::Xrstor | M::Xrstor64 => {
            let (registers, _) = values::registers(&mut draft.random);
            let present = draft.random.next();
            let mut image = registers.to_image(present);
            if draft.random.one_in(16) {
                image[xsave::XSTATE_BV + draft.random.below(24)] = draft.random.next() as u8;
            }
            image[..operand_size(draft)].to_vec()
        }
        M::Jmp | M::Call => branch_target(draft, pad),
        M::Lss | M::Lfs | M::Lgs => {
            let offset = draft.info().memory_size().size() - 2;
            let selector = data_selector(draft).to_le_bytes();
            draft.memory.push(Patch { address: target + offset as u64, bytes: selector.to_vec() });
            return;
        }
        M::Mov if loads_segments(draft) => data_selector(draft).to_le_bytes().to_vec(),
        M::Lar | M::Lsl | M::Verr | M::Verw => data_selector(draft).to_le_bytes().to_vec(),
        M::Cmpxchg | M::Cmpxchg8b | M::Cmpxchg16b if draft.random.one_in(2) => {
            return accumulate(draft, target);
        }
        M::Div | M::Idiv if draft.random.one_in(2) => {
            // A dividend that fits the quotient of most divisors.
            for (register, value) in [(RAX, draft.random.next() & 0xff), (RDX, 0)] {
                if !draft.is_pinned(register) {
                    draft.state.gpr[register] = value;
                }
            }
            return;
        }
        _ => return,
    };
    draft.memory.push(Patch { address: target, bytes });
}

/// The address of a landing pad.
fn pad(draft: &mut Draft) -> u64 {
    draft.arena.pad(1 + draft.random.below(PADS as usize) as u32)
}

fn data_selector(draft: &mut Draft) -> u16 {
    draft.random.pick(&[0, 1, 2, 3, DATA_SELECTOR, DATA_SELECTOR, CODE_SELECTOR, 0x1234])
}

fn branch_target(draft: &mut Draft, pad: u64) -> Vec<u8> {
    let mut bytes = pad.to_le_bytes().to_vec();
    // Far pointers. A processor that ignores REX.W here expects the selector where the offset's upper half would be.
    match draft.info().memory_size() {
        MemorySize::SegPtr16 => bytes.splice(2.., CODE_SELECTOR.to_le_bytes()),
        MemorySize::SegPtr32 => bytes.splice(4.., CODE_SELECTOR.to_le_bytes()),
        MemorySize::SegPtr64 if draft.random.one_in(2) => bytes.splice(4.., CODE_SELECTOR.to_le_bytes()),
        MemorySize::SegPtr64 => bytes.splice(8.., CODE_SELECTOR.to_le_bytes()),
        _ => return bytes,
    };
    bytes
}

/// Lets a compare-exchange succeed.
fn accumulate(draft: &mut Draft, target: u64) {
    let Some(patch) = draft.memory.iter().rev().find(|patch| patch.address == target) else { return };
    let bytes = patch.bytes.clone();
    let half = |range: std::ops::Range<usize>| {
        u64::from_le_bytes(std::array::from_fn(|at| {
            bytes.get(range.start + at).copied().filter(|_| at < range.len()).unwrap_or(0)
        }))
    };
    let (low, high) = match draft.form.code.mnemonic() {
        M::Cmpxchg8b => (half(0..4), half(4..8)),
        M::Cmpxchg16b => (half(0..8), half(8..16)),
        _ => (half(0..bytes.len()), draft.state.gpr[RDX]),
    };
    for (register, value) in [(RAX, low), (RDX, high)] {
        if !draft.is_pinned(register) {
            draft.state.gpr[register] = value;
        }
    }
}

/// Operands whose address is in a register that the encoding does not name.
pub(crate) fn implicit(draft: &mut Draft) -> Result<(), Unbuildable> {
    let mnemonic = draft.form.code.mnemonic();
    let upper = |draft: &mut Draft| if draft.short_address { draft.random.next() << 32 } else { 0 };
    match mnemonic {
        M::Clzero => {
            let target = draft.place(64, 64);
            let target = draft.change.target.unwrap_or(target);
            let garbage = upper(draft);
            draft.pin(RAX, garbage | target);
            draft.operand = None;
        }
        M::Xlatb => {
            let target = draft.place_operand();
            let segment = address::segment(draft);
            let index = draft.state.gpr[RAX] & 0xff;
            let base = target.wrapping_sub(segment).wrapping_sub(index);
            let garbage = upper(draft);
            let base = if draft.short_address { base & 0xffff_ffff | garbage } else { base };
            draft.pin(RBX, base);
            let (base, index) =
                if draft.short_address { (Register::EBX, Register::AL) } else { (Register::RBX, Register::AL) };
            draft.instruction.set_memory_base(base);
            draft.instruction.set_memory_index(index);
        }
        M::Maskmovq | M::Maskmovdqu | M::Vmaskmovdqu => {
            let size = if mnemonic == M::Maskmovq { 8 } else { 16 };
            let target = draft.place(size, size);
            let target = draft.change.target.unwrap_or(target);
            let segment = address::segment(draft);
            let garbage = upper(draft);
            draft.pin(RDI, garbage | target.wrapping_sub(segment));
            draft.operand = Some(Operand { address: target, size, mask: None });
        }
        M::Movdir64b | M::Enqcmd => {
            let destination = draft.place(64, 64);
            let register = draft.instruction.op_register(0).number();
            if register == RSP {
                return Err(Unbuildable::Unlucky);
            }
            let garbage = upper(draft);
            draft.pin(register, garbage | destination);
            let target = draft.place_operand();
            draft.operand = None;
            address::explicit(draft, target)?;
        }
        _ => {}
    }
    Ok(())
}

/// Forms that access the stack only: it lies in a device, or where stacks are.
pub(crate) fn stack(draft: &mut Draft) {
    let mut top = draft.state.gpr[RSP];
    if !draft.random.one_in(3) {
        top = draft.place(64, 8);
    }
    let word = if draft.info().operand_size() == 16 { 2 } else { 8 };
    let mut fields: Vec<u64> = vec![pad(draft)];
    match draft.form.code.mnemonic() {
        M::Leave => {
            draft.pin(RBP, top);
            fields = vec![draft.random.next()];
        }
        M::Enter => {
            let frame = draft.state.gpr[RSP] - 0x200;
            let frame = if draft.random.one_in(2) { top } else { frame };
            draft.pin(RBP, frame);
            draft.pin(RSP, top);
            return;
        }
        M::Popf | M::Popfq => {
            draft.pin(RSP, top);
            fields = vec![values::flags(&mut draft.random)];
        }
        M::Pop => {
            draft.pin(RSP, top);
            let selector = u64::from(data_selector(draft));
            fields = vec![if loads_segments(draft) { selector } else { draft.random.next() }];
        }
        M::Retf => {
            draft.pin(RSP, top);
            fields.push(u64::from(CODE_SELECTOR));
        }
        M::Iret | M::Iretd | M::Iretq => {
            draft.pin(RSP, top);
            let flags = values::flags(&mut draft.random) & !flags::ALIGNMENT;
            let stack = draft.arena.stack().end - 0x2000;
            fields.extend([u64::from(CODE_SELECTOR), flags, stack, u64::from(DATA_SELECTOR)]);
        }
        _ => draft.pin(RSP, top),
    }
    let far = matches!(draft.form.code.mnemonic(), M::Retf | M::Iret | M::Iretd | M::Iretq);
    let word = match (far, draft.info().operand_size()) {
        (true, 32) => 4,
        (true, 64) => 8,
        (true, _) => 2,
        (false, _) => word,
    };
    let bytes = fields.iter().flat_map(|field| field.to_le_bytes()[..word].to_vec()).collect();
    draft.memory.push(Patch { address: top, bytes });
}
