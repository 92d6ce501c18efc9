//! Values of the fields of a register.
#![forbid(unsafe_code)]

use core::fmt::Debug;

/// The value of a field that is neither a `bool` nor an unsigned integer.
///
/// Derived for enumerations with [`FieldEnum`](macro@crate::FieldEnum).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a field",
    label = "not a field value",
    note = "a field holds `bool`, `u8`, `u16`, `u32`, `u64`, or an enumeration with `#[derive(memtrap::FieldEnum)]`"
)]
pub trait FieldValue: Copy + Debug {
    /// The largest value that has a name.
    const LARGEST: u64;
    /// Every value of as many bits as this can be represented.
    const TOTAL_BITS: u32;

    /// The value with these bits. Called with values of at most [`TOTAL_BITS`](Self::TOTAL_BITS) bits.
    fn from_field(bits: u64) -> Self;

    /// The bits of the value.
    fn into_field(self) -> u64;
}
