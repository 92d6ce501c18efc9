//! A register starts at a multiple of its width.

use super::hex;
use crate::{model::Block, report::Report};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        let Some(bytes) = register.value.bytes else { continue };
        if let Some(message) = misaligned(&register.plain_name(), register.offset.value, bytes) {
            report.error(&register.offset, message);
        }
    }
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
