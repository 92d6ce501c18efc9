//! A register starts at a multiple of its width.

use super::{hex, width};
use crate::{
    model::{Block, Register},
    report::Report,
};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound().filter(|register| width::fits(block, register)) {
        let Some(bytes) = register.value.bytes else { continue };
        if let Some(message) = misaligned(&register.plain_name(), register.offset.value, bytes) {
            report.error(&register.offset, message);
        }
    }
}

/// Whether the register is aligned, as far as its width is known.
pub(super) fn is_aligned(register: &Register) -> bool {
    register.value.bytes.is_none_or(|bytes| register.offset.value.is_multiple_of(bytes))
}

/// The message for a register of `bytes` bytes at `offset`, unless it is aligned.
pub(crate) fn misaligned(name: &str, offset: u64, bytes: u64) -> Option<String> {
    let below = offset - offset % bytes;
    (below != offset).then(|| {
        let above = below.checked_add(bytes).map(|above| format!(" or {}", hex(above))).unwrap_or_default();
        format!(
            "offset {} of `{name}` is not a multiple of {bytes}, its width in bytes: {}{above}?",
            hex(offset),
            hex(below)
        )
    })
}
