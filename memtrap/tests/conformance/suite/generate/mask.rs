//! Write masks and broadcasts.

use super::Draft;
use crate::suite::{random::Random, xsave};
use iced_x86::{Mnemonic, OpCodeOperandKind as Kind, Register};

/// Chooses broadcast, mask register, its value and zeroing, as far as the form has them.
pub(crate) fn choose(draft: &mut Draft) {
    let info = draft.info();
    if info.can_broadcast() && draft.random.one_in(2) {
        draft.instruction.set_is_broadcast(true);
    }
    if let Some(granule) = sign_granule(draft.form.code.mnemonic()) {
        return signs(draft, granule);
    }
    if !info.can_use_op_mask_register() {
        return;
    }
    let lanes = lanes(draft);
    let number = draft.random.below(8);
    let masked = number != 0 || info.require_op_mask_register();
    let value = value(&mut draft.random, lanes);
    let value = draft.change.mask.unwrap_or(value);
    let zeroing = draft.random.one_in(2);
    if !masked {
        return;
    }
    let number = number.max(1);
    draft.instruction.set_op_mask(Register::K0 + number as u32);
    draft.registers.k[number] = value;
    if draft.random.one_in(8) {
        draft.present &= !xsave::OPMASK;
    } else {
        draft.present |= xsave::OPMASK;
        draft.mask = Some((value, lanes));
    }
    if info.can_use_zeroing_masking() && zeroing {
        draft.instruction.set_zeroing_masking(true);
    }
}

/// Bytes of an element, of the moves whose mask is the sign bits of a vector register's elements.
fn sign_granule(mnemonic: Mnemonic) -> Option<usize> {
    match mnemonic {
        Mnemonic::Vmaskmovps | Mnemonic::Vpmaskmovd => Some(4),
        Mnemonic::Vmaskmovpd | Mnemonic::Vpmaskmovq => Some(8),
        _ => None,
    }
}

/// Chooses the sign bits.
fn signs(draft: &mut Draft, granule: usize) {
    let lanes = draft.info().memory_size().size() / granule;
    let value = value(&mut draft.random, lanes as u32);
    let value = draft.change.mask.unwrap_or(value);
    let register = draft.instruction.op_register(1).number();
    draft.present |= xsave::SSE | xsave::AVX;
    for lane in 0..lanes {
        let byte = &mut draft.registers.zmm[register][(lane + 1) * granule - 1];
        *byte = *byte & 0x7f | if value & 1 << lane != 0 { 0x80 } else { 0 };
    }
    draft.mask = Some((value, lanes as u32));
}

/// None, one, a few, all, or any of `lanes`; the bits above them at random.
fn value(random: &mut Random, lanes: u32) -> u64 {
    let used = if lanes >= 64 { u64::MAX } else { (1 << lanes) - 1 };
    let value = match random.below(6) {
        0 => 0,
        1 => 1 << random.below(lanes as usize),
        2 => 1 << random.below(lanes as usize) | 1 << random.below(lanes as usize),
        3 => used,
        _ => random.next() & used,
    };
    value | random.next() & !used
}

/// How many mask bits the form uses, at most.
fn lanes(draft: &Draft) -> u32 {
    let info = draft.info();
    let vector = (0..info.op_count()).map(|operand| vector_size(info.op_kind(operand))).max().unwrap_or(0);
    let memory = info.memory_size();
    let element = info.broadcast_memory_size().element_size().max(memory.element_size()).max(1);
    (vector.max(memory.size()) / element).clamp(1, 64) as u32
}

fn vector_size(kind: Kind) -> usize {
    match kind {
        Kind::xmm_reg | Kind::xmm_rm | Kind::xmm_vvvv | Kind::xmm_or_mem => 16,
        Kind::ymm_reg | Kind::ymm_rm | Kind::ymm_vvvv | Kind::ymm_or_mem => 32,
        Kind::zmm_reg | Kind::zmm_rm | Kind::zmm_vvvv | Kind::zmm_or_mem => 64,
        _ => 0,
    }
}
