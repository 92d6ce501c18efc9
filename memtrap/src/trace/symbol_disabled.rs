//! The twin of `symbol` for hosts that trap nothing: only a trapped access has an instruction's address.

use std::fmt;

/// Writes the address.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, address: usize) -> fmt::Result {
    write!(f, "instruction {address:#x}")
}

/// Nothing: there is no debug information without an instruction.
pub(crate) fn driver(_address: usize) -> Option<String> {
    None
}

/// The address.
pub(crate) fn path(address: usize) -> String {
    format!("instruction {address:#x}")
}
