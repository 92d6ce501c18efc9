//! The rules a block must keep, one a file. All are applied to all registers, so that all mistakes are found at once.

mod alias;
mod alignment;
mod array;
mod banked;
mod bits;
mod bounds;
mod field_enum;
mod key;
mod overlap;
mod reset;
mod width;

pub(crate) use {
    alias::reaches_into_window,
    alignment::misaligned,
    array::bad_stride,
    bits::check as bitfield,
    bounds::reaches_out,
    field_enum::check as field_enum,
    overlap::{may_share_a_byte, overlap},
    reset::too_large,
    width::too_wide,
};

use crate::{
    model::{Block, Register},
    report::Report,
};

/// Applies every rule to a block.
pub(crate) fn block(block: &Block, report: &mut Report) {
    for rule in [
        alias::check,
        array::check,
        banked::check,
        width::check,
        alignment::check,
        bounds::check,
        key::check,
        overlap::check,
        reset::check,
    ] {
        rule(block, report);
    }
}

/// Whether the register is as wide as can be where it is. If it is not, that was reported, and that it reaches out of its
/// block or into other registers is no mistake of its own.
fn is_placed(block: &Block, register: &Register) -> bool {
    width::fits(block, register) && alignment::is_aligned(register) && bounds::is_inside(block, register)
}

/// An offset as data sheets print it.
pub(crate) fn hex(offset: u64) -> String {
    format!("{offset:#05x}")
}
