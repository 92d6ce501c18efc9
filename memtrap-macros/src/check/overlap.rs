//! Two registers do not share a byte.

use super::{hex, is_placed};
use crate::{
    model::{Block, Register},
    report::Report,
};

pub(super) fn check(block: &Block, report: &mut Report) {
    let is_placed = |register: &Register| !register.faulty && is_placed(block, register);
    let registers: Vec<_> = block.by_offset().into_iter().filter(|(_, register)| is_placed(register)).collect();
    for (index, (_, first)) in registers.iter().enumerate() {
        for (_, second) in &registers[index + 1..] {
            if first.least_end().is_none_or(|end| end <= second.offset.value) {
                break;
            }
            let is_misspelt = names_nobody(block, first) || names_nobody(block, second);
            if share_a_byte(first, second) && !second.may_overlap(first) && !is_misspelt {
                report.error(&second.offset, overlap(first, second));
                report.error(&first.offset, format!("`{}` is declared here", first.plain_name()));
            }
        }
    }
}

/// Whether a register is declared to overlap one that is not there: that was reported, and may have meant any.
fn names_nobody(block: &Block, register: &Register) -> bool {
    register.overlaps.iter().any(|name| block.registers.iter().all(|other| other.name != *name))
}

/// Whether two registers share a byte even if types of unknown width are as narrow as can be.
fn share_a_byte(first: &Register, second: &Register) -> bool {
    Elements::least(first).meet(&Elements::least(second))
}

/// Whether two registers could share a byte if types of unknown width are as wide as can be.
pub(crate) fn may_share_a_byte(first: &Register, second: &Register) -> bool {
    Elements::most(first).meet(&Elements::most(second))
}

/// The message for two registers that overlap.
pub(crate) fn overlap(first: &Register, second: &Register) -> String {
    format!(
        "`{}` ({}) overlaps `{}` ({}): correct one of the offsets, or declare `overlaps({})`",
        second.plain_name(),
        range(second),
        first.plain_name(),
        range(first),
        first.plain_name(),
    )
}

pub(super) fn range(register: &Register) -> String {
    match register.least_end() {
        Some(end) if register.is_sized() => format!("{}..{}", hex(register.offset.value), hex(end)),
        _ => format!("at {}", hex(register.offset.value)),
    }
}

/// Where the elements of a register lie.
struct Elements {
    offset: u128,
    bytes: u128,
    stride: u128,
    count: u128,
}

impl Elements {
    fn least(register: &Register) -> Self {
        Self::new(register, register.value.least(), register.least_count())
    }

    fn most(register: &Register) -> Self {
        let unknown = register.array.as_ref().is_some_and(|array| array.known_count.is_none());
        Self::new(register, register.value.most(), if unknown { u64::from(u32::MAX) } else { register.least_count() })
    }

    fn new(register: &Register, bytes: u64, count: u64) -> Self {
        let declared = register.array.as_ref().and_then(|array| array.stride.as_ref()).map(|stride| stride.value);
        Self {
            offset: register.offset.value.into(),
            bytes: bytes.into(),
            stride: declared.unwrap_or(bytes).max(1).into(),
            count: count.into(),
        }
    }

    fn meet(&self, other: &Self) -> bool {
        let (few, many) = if self.count <= other.count { (self, other) } else { (other, self) };
        // Elements of both are at least a byte wide and arrays are no longer than their block, so this ends; a block
        // so large that it takes long is checked by its ranges alone.
        if few.count > 1 << 20 {
            return few.offset < many.end() && many.offset < few.end();
        }
        (0..few.count).any(|index| many.covers(few.offset + index * few.stride, few.bytes))
    }

    fn end(&self) -> u128 {
        self.offset + self.count.saturating_sub(1) * self.stride + self.bytes
    }

    /// Whether an element shares a byte with `bytes` bytes at `start`.
    fn covers(&self, start: u128, bytes: u128) -> bool {
        if self.count == 0 || start >= self.end() || start + bytes <= self.offset {
            return false;
        }
        // The last element that starts before the range ends, and the range's start.
        let last = ((start + bytes - 1).saturating_sub(self.offset) / self.stride).min(self.count - 1);
        self.offset + last * self.stride + self.bytes > start
    }
}

#[cfg(test)]
mod tests {
    use super::Elements;

    fn elements(offset: u128, bytes: u128, stride: u128, count: u128) -> Elements {
        Elements { offset, bytes, stride, count }
    }

    #[test]
    fn interleaved_arrays_do_not_meet() {
        assert!(!elements(0, 4, 8, 4).meet(&elements(4, 4, 8, 4)));
        assert!(elements(0, 4, 8, 4).meet(&elements(4, 8, 8, 4)));
        assert!(elements(0, 4, 4, 4).meet(&elements(12, 4, 4, 1)));
        assert!(!elements(0, 4, 4, 4).meet(&elements(16, 4, 4, 1)));
        assert!(elements(8, 4, 4, 1).meet(&elements(0, 16, 16, 1)));
    }
}
