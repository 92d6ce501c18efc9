//! A register lies inside its block.

use super::hex;
use crate::{model::Block, report::Report};

pub(super) fn check(block: &Block, report: &mut Report) {
    if block.size.value == 0 {
        report.error(
            &block.size,
            "a block of size 0 has no registers: give its size in bytes, for example `size = 0x1000`",
        );
        return;
    }
    for register in block.sound() {
        let name = register.plain_name();
        match register.least_end() {
            Some(end) if end <= block.size.value => {}
            Some(end) => report.error(&register.offset, outside(&name, register.offset.value, end, block.size.value)),
            None if register.least_count() == 0 => {}
            None => match &register.array {
                Some(array) => report.error(
                    &array.count,
                    format!("so many elements of `{name}` end beyond the 64-bit address space: correct their number"),
                ),
                None => report.error(&register.offset, format!("`{name}` ends beyond the 64-bit address space")),
            },
        }
    }
}

/// The message for a register that ends at `end`, behind the block.
pub(crate) fn outside(name: &str, offset: u64, end: u64, size: u64) -> String {
    format!(
        "`{name}` ({}..{}) lies outside the block, which ends at {}: correct the offset, or declare `size = {}` or more",
        hex(offset),
        hex(end),
        hex(size),
        hex(end)
    )
}
