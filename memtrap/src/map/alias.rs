//! Windows in which a write acts on the bits of a register that are one in the written value.

use super::Effects;

/// A second window on all registers of a block, whose writes change bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// Distance from a register to its place in the window, in bytes.
    pub offset: usize,
    /// What a write does.
    pub operation: AliasOperation,
}

/// What a write through a window does to the bits that are one in the written value. All others stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AliasOperation {
    /// It sets them.
    Set,
    /// It clears them.
    Clear,
    /// It inverts them.
    Toggle,
}

impl Alias {
    /// The window `offset` bytes behind the registers.
    pub const fn new(offset: usize, operation: AliasOperation) -> Self {
        Self { offset, operation }
    }
}

impl AliasOperation {
    /// The keyword: `set`, `clear` or `xor`. In a trace it follows the name of the register.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Clear => "clear",
            Self::Toggle => "xor",
        }
    }
}

impl Effects {
    /// What a write of `mask` through a window brings to a register that holds `stored`, as the value of a plain write.
    ///
    /// Bits that a write stores change as the window says. Others act for each one in the mask, whatever the window: one
    /// that is cleared by writing one, or by writing zero, is cleared.
    pub const fn aliased(&self, operation: AliasOperation, stored: u64, mask: u64) -> u64 {
        let changed = match operation {
            AliasOperation::Set => stored | mask,
            AliasOperation::Clear => stored & !mask,
            AliasOperation::Toggle => stored ^ mask,
        };
        let (stores, zeros) = (self.stores | self.once, self.zero_clears | self.zero_sets | self.zero_toggles);
        changed & stores | !mask & zeros | mask & !(stores | zeros)
    }
}

#[cfg(test)]
mod tests {
    use super::{AliasOperation::*, *};
    use crate::map::{Field, Policy};

    #[test]
    fn a_window_changes_what_is_stored_and_triggers_what_acts() {
        let fields = [
            Field::new("w1c", 4, 2, Some(Policy::W1C)),
            Field::new("w0c", 8, 2, Some(Policy::W0C)),
            Field::new("ro", 12, 2, Some(Policy::RO)),
        ];
        let effects = Effects::new(Policy::RW, &fields);
        let stored = 0x3333;
        for (operation, expected) in [(Set, 0x3127), (Clear, 0x3122), (Toggle, 0x3126)] {
            let value = effects.aliased(operation, stored, 0x1115);
            assert_eq!(value & 0xf, expected & 0xf, "{operation:?}");
            assert_eq!(effects.write(stored, value, true), expected & 0xf | 0x3220, "{operation:?}");
        }
    }
}
