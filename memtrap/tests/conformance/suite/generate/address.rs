//! Addressing modes: registers, displacement and prefixes that lead to a given address.

use super::{Draft, Element, Unbuildable, special};
use crate::suite::{arena::WINDOW_SIZE, runner, state::RSP, xsave};
use iced_x86::{Mnemonic, OpCodeOperandKind as Kind, OpKind, Register};

/// Base of the segment that a prefix selects: only `fs` and `gs` have one in 64-bit mode.
fn segment_base(segment: Register) -> u64 {
    match segment {
        Register::FS => runner::fs_base(),
        Register::GS => runner::GUEST_GS_BASE,
        _ => 0,
    }
}

/// Draws a segment prefix, mostly none, and returns the base it adds.
pub(crate) fn segment(draft: &mut Draft) -> u64 {
    let segment = match draft.random.below(16) {
        // The base of `fs` is the thread's own and lies too high for 32-bit addresses.
        0 if !draft.short_address => Register::FS,
        1 | 2 => Register::GS,
        3 => draft.random.pick(&[Register::DS, Register::ES, Register::CS, Register::SS]),
        _ => return 0,
    };
    draft.instruction.set_segment_prefix(segment);
    segment_base(segment)
}

/// Makes the ModRM or absolute operand address `target`.
pub(crate) fn explicit(draft: &mut Draft, target: u64) -> Result<(), Unbuildable> {
    let kinds = draft.info().op_kinds();
    let offset = target.wrapping_sub(segment(draft)).wrapping_sub(special::skew(draft));
    if kinds.contains(&Kind::mem_offs) {
        let size = if draft.short_address { 4 } else { 8 };
        draft.instruction.set_memory_displ_size(size);
        draft.instruction.set_memory_displacement64(offset);
        return Ok(());
    }
    let needs_base = kinds.iter().any(|kind| matches!(kind, Kind::sibmem | Kind::mem_mib));
    match draft.random.below(8) {
        0 if !needs_base => rip_relative(draft, offset),
        1 if !needs_base && i32::try_from(offset.cast_signed()).is_ok() => {
            absolute(draft, offset);
            Ok(())
        }
        2 if !needs_base => index_only(draft, offset),
        3 => base_and_index(draft, offset),
        4 => stack_pointer(draft, offset),
        5 => same_base_and_index(draft, offset),
        _ => base_only(draft, offset),
    }
}

fn rip_relative(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let distance = offset.wrapping_sub(draft.arena.code().start).cast_signed();
    if distance.abs() > 1 << 30 {
        return base_only(draft, offset);
    }
    let (base, size) = if draft.short_address { (Register::EIP, 4) } else { (Register::RIP, 8) };
    draft.instruction.set_memory_base(base);
    draft.instruction.set_memory_displ_size(size);
    draft.instruction.set_memory_displacement64(offset);
    Ok(())
}

fn absolute(draft: &mut Draft, offset: u64) {
    draft.instruction.set_memory_displ_size(if draft.short_address { 4 } else { 8 });
    draft.instruction.set_memory_displacement64(offset);
}

fn base_only(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let base = free_register(draft)?;
    let displacement = displacement(draft);
    set_base(draft, base, offset.wrapping_sub(displacement.cast_unsigned()));
    Ok(())
}

fn base_and_index(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let index = free_register(draft)?;
    draft.pinned |= 1 << index;
    let base = free_register(draft)?;
    let scaled = set_index(draft, index);
    let displacement = displacement(draft);
    set_base(draft, base, offset.wrapping_sub(displacement.cast_unsigned()).wrapping_sub(scaled));
    Ok(())
}

fn index_only(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let index = free_register(draft)?;
    let scale = 1u64 << draft.random.below(4);
    let fraction = offset % scale;
    let value = offset.wrapping_sub(fraction) / scale;
    draft.instruction.set_memory_index(general(draft, index));
    draft.instruction.set_memory_index_scale(scale as u32);
    set_displacement(draft, fraction.cast_signed(), true);
    set_register(draft, index, value);
    Ok(())
}

/// `[b + b*scale + disp]`
fn same_base_and_index(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let register = free_register(draft)?;
    let scale = 1u64 << draft.random.below(4);
    let value = offset / (1 + scale);
    let name = general(draft, register);
    draft.instruction.set_memory_base(name);
    draft.instruction.set_memory_index(name);
    draft.instruction.set_memory_index_scale(scale as u32);
    set_displacement(draft, (offset % (1 + scale)).cast_signed(), false);
    set_register(draft, register, value);
    Ok(())
}

/// `[rsp + disp]`: the stack pointer stays where it is.
fn stack_pointer(draft: &mut Draft, offset: u64) -> Result<(), Unbuildable> {
    let popped = if draft.form.code.mnemonic() == Mnemonic::Pop { special::operand_size(draft) } else { 0 };
    let distance = offset.wrapping_sub(draft.state.gpr[RSP]).wrapping_sub(popped as u64).cast_signed();
    if i32::try_from(distance).is_err() {
        return base_only(draft, offset);
    }
    let base = general(draft, RSP);
    draft.instruction.set_memory_base(base);
    set_displacement(draft, distance, true);
    Ok(())
}

/// A displacement of each size the encoding has.
fn displacement(draft: &mut Draft) -> i64 {
    let random = &mut draft.random;
    let value = i64::from(random.next() as i8);
    let (value, long) = match random.below(6) {
        0 => (0, false),
        1 => (value, false),
        2 => (value * 8, false),
        3 => (value * 64, false),
        4 => (value, true),
        _ => (i64::from(random.next() as i32 / 2), true),
    };
    set_displacement(draft, value, long);
    value
}

fn set_displacement(draft: &mut Draft, value: i64, long: bool) {
    let long_size = if draft.short_address { 4 } else { 8 };
    let size = match value {
        0 if !long => 0,
        -128..=127 if !long => 1,
        _ => long_size,
    };
    draft.instruction.set_memory_displ_size(size);
    draft.instruction.set_memory_displacement64(value.cast_unsigned());
}

/// Draws the index register's scale and value; returns what they add to the address.
fn set_index(draft: &mut Draft, index: usize) -> u64 {
    let scale = 1u64 << draft.random.below(4);
    let value = draft.random.integer();
    draft.instruction.set_memory_index(general(draft, index));
    draft.instruction.set_memory_index_scale(scale as u32);
    draft.state.gpr[index] = value;
    let value = if draft.short_address { u64::from(value as u32) } else { value };
    value.wrapping_mul(scale)
}

fn set_base(draft: &mut Draft, base: usize, value: u64) {
    draft.instruction.set_memory_base(general(draft, base));
    set_register(draft, base, value);
}

/// Gives an address register its value; the half that a 32-bit address does not see is random.
fn set_register(draft: &mut Draft, register: usize, value: u64) {
    let value = if draft.short_address { value & 0xffff_ffff | draft.random.next() << 32 } else { value };
    draft.pin(register, value);
}

/// The name of general register `number` in addresses.
fn general(draft: &Draft, number: usize) -> Register {
    let first = if draft.short_address { Register::EAX } else { Register::RAX };
    first + number as u32
}

/// A register whose value is not needed yet.
fn free_register(draft: &mut Draft) -> Result<usize, Unbuildable> {
    for _ in 0..64 {
        let register = draft.random.below(16);
        if !draft.is_pinned(register) {
            return Ok(register);
        }
    }
    Err(Unbuildable::Unlucky)
}

/// Makes the elements of an index vector address places all over the window.
pub(crate) fn vector(draft: &mut Draft) -> Result<(), Unbuildable> {
    let info = draft.info();
    let operand = (0..info.op_count()).find(|operand| crate::suite::forms::is_vector_memory(info.op_kind(*operand)));
    let operand = operand.ok_or(Unbuildable::Unlucky)?;
    let (index_size, vector_size, first) = match info.op_kind(operand) {
        Kind::mem_vsib32x => (4, 16, Register::XMM0),
        Kind::mem_vsib64x => (8, 16, Register::XMM0),
        Kind::mem_vsib32y => (4, 32, Register::YMM0),
        Kind::mem_vsib64y => (8, 32, Register::YMM0),
        Kind::mem_vsib32z => (4, 64, Register::ZMM0),
        _ => (8, 64, Register::ZMM0),
    };
    let registers = if info.encoding() == iced_x86::EncodingKind::EVEX { 32 } else { 16 };
    let index = draft.random.below(registers);
    let data = (0..info.op_count())
        .filter(|other| *other != operand && draft.instruction.op_kind(*other) == OpKind::Register)
        .map(|other| draft.instruction.op_register(other))
        .filter(|register| register.is_vector_register());
    let data: Vec<Register> = data.collect();
    let clash = data.iter().any(|register| register.number() == index);
    draft.present |= xsave::AVX | xsave::SSE | xsave::ZMM_HIGH | xsave::ZMM_UPPER;
    let gather = operand != 0;
    if gather && clash && !draft.random.one_in(20) {
        return Err(Unbuildable::Unlucky);
    }
    let element = info.memory_size().size().max(1);
    let data_size = data.first().map_or(vector_size, |register| register.size());
    let lanes = (vector_size / index_size).min(data_size / element);

    let scale = 1u64 << draft.random.below(4);
    let origin = draft.arena.window() + WINDOW_SIZE as u64 / 2 + draft.random.below(16) as u64;
    let reach = (WINDOW_SIZE as u64 / 2 - 0x20) / scale;
    let base = free_register(draft)?;
    let segment = segment(draft);
    let displacement = displacement(draft);
    set_base(draft, base, origin.wrapping_sub(segment).wrapping_sub(displacement.cast_unsigned()));
    draft.instruction.set_memory_index(first + index as u32);
    draft.instruction.set_memory_index_scale(scale as u32);

    let vector_mask = (info.encoding() == iced_x86::EncodingKind::VEX).then(|| data.last().copied()).flatten();
    let mut elements = Vec::new();
    for lane in 0..lanes {
        let steps = draft.random.below(2 * reach as usize) as i64 - reach as i64;
        let active = match (vector_mask, draft.mask) {
            (Some(mask), _) => {
                let sign = draft.registers.zmm[mask.number()][(lane + 1) * element - 1] & 0x80;
                sign != 0
            }
            (None, Some((mask, _))) => mask & 1 << lane != 0,
            (None, None) => false,
        };
        // What an element that is masked off addresses must not matter.
        let value = if !active && draft.random.one_in(3) { draft.random.next().cast_signed() } else { steps };
        draft.registers.zmm[index][lane * index_size..][..index_size]
            .copy_from_slice(&value.to_le_bytes()[..index_size]);
        if active {
            let address = origin.wrapping_add_signed(steps * scale as i64);
            elements.push(Element { write: !gather, address, size: element });
        }
    }
    // A gather into its own index is invalid.
    draft.elements = (!gather || !clash).then_some(elements);
    Ok(())
}
