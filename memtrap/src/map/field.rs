//! The fields of a register's value type.

use super::Policy;

/// One field of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Field {
    /// The name as it is declared.
    pub name: &'static str,
    /// Number of its lowest bit.
    pub lsb: u32,
    /// Number of its bits.
    pub bits: u32,
    /// What accesses do to it; `None` if that is what the register declares.
    pub policy: Option<Policy>,
    /// The values that have a name; the first that fits gives it.
    pub values: &'static [NamedValue],
}

/// A value of a field that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NamedValue {
    /// The name as it is declared.
    pub name: &'static str,
    /// The value, in the lowest bits.
    pub value: u64,
    /// The bits of the value that count: all bits, unless the declaration does not care for some.
    pub mask: u64,
    /// Whether a read may return it.
    pub read: bool,
    /// Whether a write may store it.
    pub write: bool,
}

impl NamedValue {
    /// A value that is read and written.
    pub const fn new(name: &'static str, value: u64) -> Self {
        Self { name, value, mask: u64::MAX, read: true, write: true }
    }

    /// Whether `value` is this one.
    pub const fn is(&self, value: u64) -> bool {
        (value ^ self.value) & self.mask == 0
    }
}

impl Field {
    /// The field of `bits` bits from bit `lsb` upwards.
    pub const fn new(name: &'static str, lsb: u32, bits: u32, policy: Option<Policy>) -> Self {
        Self { name, lsb, bits, policy, values: &[] }
    }

    /// The same field whose values have these names.
    #[must_use]
    pub const fn with_values(self, values: &'static [NamedValue]) -> Self {
        Self { values, ..self }
    }

    /// The name of a value that was read.
    pub fn name_of_read(&self, value: u64) -> Option<&'static str> {
        self.values.iter().find(|named| named.read && named.is(value)).map(|named| named.name)
    }

    /// The name of a value that was written.
    pub fn name_of_write(&self, value: u64) -> Option<&'static str> {
        self.values.iter().find(|named| named.write && named.is(value)).map(|named| named.name)
    }

    /// A value of the register in which the bits of the field are set.
    pub const fn mask(&self) -> u64 {
        (u64::MAX >> (64 - self.bits)) << self.lsb
    }
}
