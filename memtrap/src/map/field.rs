//! The fields of a register's value type.

use super::Policy;

/// One field of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl Field {
    /// The field of `bits` bits from bit `lsb` upwards.
    pub const fn new(name: &'static str, lsb: u32, bits: u32, policy: Option<Policy>) -> Self {
        Self { name, lsb, bits, policy }
    }

    /// A value of the register in which the bits of the field are set.
    pub const fn mask(&self) -> u64 {
        (u64::MAX >> (64 - self.bits)) << self.lsb
    }
}
