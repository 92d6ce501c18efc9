//! A reset value fits its register.

use crate::{model::Block, report::Report};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        let Some(reset) = &register.reset else { continue };
        let (Some(value), Some(bytes)) = (reset.value, register.value.bytes) else { continue };
        if let Some(message) = too_large(&register.plain_name(), value, bytes) {
            report.error(reset, message);
        }
    }
}

/// The message for a reset value of a register of `bytes` bytes, unless it fits.
pub(crate) fn too_large(name: &str, value: u64, bytes: u64) -> Option<String> {
    let most = u64::MAX >> (64 - 8 * bytes);
    (value > most).then(|| format!("the reset value {value:#x} does not fit in the {} bits of `{name}`", 8 * bytes))
}
