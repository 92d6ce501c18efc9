//! A register lies inside its block.

use super::{alignment, hex, width};
use crate::{
    model::{Block, Register},
    report::Report,
};

pub(super) fn check(block: &Block, report: &mut Report) {
    if block.size.value == 0 {
        report.error(
            &block.size,
            "a block of size 0 has no registers: give its size in bytes, for example `size = 0x1000`",
        );
        return;
    }
    let is_sound = |register: &&Register| width::fits(block, register) && alignment::is_aligned(register);
    for register in block.sound().filter(is_sound) {
        let name = register.plain_name();
        match register.least_end() {
            Some(end) if end <= block.size.value => {}
            Some(end) if register.is_sized() => {
                report.error(&register.offset, outside(&name, register.offset.value, end, block.size.value));
            }
            Some(_) => report.error(&register.offset, reaches_out(&name, register.offset.value, block.size.value)),
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

/// Whether the register ends inside its block, as far as its width and its number of elements are known.
pub(super) fn is_inside(block: &Block, register: &Register) -> bool {
    register.least_end().is_some_and(|end| end <= block.size.value)
}

/// The message for a register that ends behind the block, nobody knows where.
pub(crate) fn reaches_out(name: &str, offset: u64, size: u64) -> String {
    format!(
        "`{name}` starts at {} and lies outside the block, which ends at {}: correct the offset or the size of the block",
        hex(offset),
        hex(size)
    )
}

/// The message for a register that ends at `end`, behind the block.
fn outside(name: &str, offset: u64, end: u64, size: u64) -> String {
    format!(
        "`{name}` ({}..{}) lies outside the block, which ends at {}: correct the offset, or declare `size = {}` or more",
        hex(offset),
        hex(end),
        hex(size),
        hex(end)
    )
}
