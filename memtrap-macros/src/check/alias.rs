//! The windows of a block lie behind its registers, and do not overlap each other.

use super::{hex, is_placed};
use crate::{attributes::Layout, model::Block, report::Report};

pub(super) fn check(block: &Block, report: &mut Report) {
    let Some(span) = block.span() else { return };
    let bytes = block.width.bits / 8;
    for (index, alias) in block.aliases.iter().enumerate() {
        let (keyword, offset) = (alias.operation.keyword(), alias.offset.value);
        if block.layout == Layout::FieldOrder && block.size.value <= offset {
            let message =
                format!("`repr(C)` ends before the `{keyword}` window: give the `size` of the block with its windows");
            report.error(&alias.offset, message);
        } else if offset == 0 || block.aliases[..index].iter().any(|other| other.offset.value == offset) {
            report.error(
                &alias.offset,
                format!("the `{keyword}` window is where something else is: give it an offset of its own"),
            );
        } else if !offset.is_multiple_of(bytes) {
            let message =
                format!("the `{keyword}` window at {} is not aligned to the {bytes} bytes of the bus", hex(offset));
            report.error(&alias.offset, message);
        }
    }
    if span == 0 {
        return;
    }
    let last = block.aliases.iter().max_by_key(|alias| alias.offset.value);
    for register in block.sound().filter(|register| is_placed(block, register)) {
        let Some(end) = register.least_end() else { continue };
        if end > span {
            report.error(&register.offset, reaches_into_window(&register.plain_name(), span));
        } else if let Some(last) = last
            && last.offset.value + end > block.size.value
        {
            let message = format!(
                "`{}` lies outside the block in the `{}` window, at {}: declare `size = {}` or more",
                register.plain_name(),
                last.operation.keyword(),
                hex(last.offset.value + register.offset.value),
                hex(last.offset.value + end)
            );
            report.error(&last.offset, message);
            return;
        }
    }
}

/// The message for what ends behind the space between two windows.
pub(crate) fn reaches_into_window(name: &str, span: u64) -> String {
    format!("`{name}` reaches into a window: registers and windows are {} bytes apart", hex(span))
}
