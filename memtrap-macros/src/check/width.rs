//! A register is no wider than the bus.

use crate::{
    model::{Block, Register},
    report::Report,
};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        for width in &register.widths {
            if width.value > block.width.bits {
                report.error(
                    width,
                    format!(
                        "the bus of the block transfers {} bits at a time: correct one of the widths",
                        block.width.bits
                    ),
                );
            }
        }
        let Some(bytes) = register.value.bytes else { continue };
        if let Some(first) = register.widths.first()
            && register.widths.iter().all(|width| width.value != 8 * bytes)
        {
            let name = register.plain_name();
            report.error(
                first,
                format!("`{name}` has {0} bits, and its own width is legal always: add `{0}`", 8 * bytes),
            );
        }
        if let Some(message) = too_wide(&register.plain_name(), bytes, block.width.bits) {
            report.error(&register.value, message);
        }
    }
}

/// Whether one access transfers the register, as far as its width is known.
pub(super) fn fits(block: &Block, register: &Register) -> bool {
    register.value.bytes.is_none_or(|bytes| 8 * bytes <= block.width.bits)
}

/// The message for a register of `bytes` bytes on a bus of `bus` bits, unless one access transfers it.
pub(crate) fn too_wide(name: &str, bytes: u64, bus: u64) -> Option<String> {
    let bits = 8 * bytes;
    (bits > bus).then(|| {
        format!(
            "`{name}` has {bits} bits, but the bus of the block transfers {bus} at a time: declare `width = {bits}` in \
             `#[simulated(..)]`, or an array of narrower registers"
        )
    })
}
