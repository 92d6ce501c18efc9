//! An array has elements, and its stride keeps them apart and aligned.

use crate::{
    model::{Array, Block, Register},
    report::Report,
};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        let Some(array) = &register.array else { continue };
        if array.known_count == Some(0) {
            report.error(&array.count, format!("the array `{}` has no elements: remove it", register.plain_name()));
        }
        stride(register, array, report);
    }
}

fn stride(register: &Register, array: &Array, report: &mut Report) {
    let (Some(stride), Some(bytes)) = (&array.stride, register.value.bytes) else { return };
    if let Some(message) = bad_stride(&register.plain_name(), stride.value, bytes) {
        report.error(stride, message);
    }
}

/// The message for elements of `bytes` bytes that are `stride` bytes apart, unless that is possible.
pub(crate) fn bad_stride(name: &str, stride: u64, bytes: u64) -> Option<String> {
    if stride < bytes {
        return Some(format!(
            "elements of `{name}` are {bytes} bytes wide and would overlap with a stride of {stride}: the least is {bytes}"
        ));
    }
    let below = stride - stride % bytes;
    (below != stride).then(|| {
        let above = below.saturating_add(bytes);
        format!(
            "a stride of {stride} leaves elements of `{name}` unaligned: it must be a multiple of {bytes}, their width in \
             bytes: {below} or {above}?"
        )
    })
}
