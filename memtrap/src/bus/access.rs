//! What a device model is told about an access.

use crate::map::Width;
use std::{fmt, panic::Location, time::Duration};

/// One access as the device model sees it.
///
/// An instruction that is wider than the region's bus, or not naturally aligned, arrives as several of these in
/// ascending order of their offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// Offset from the start of the region, in bytes. A multiple of the width.
    pub offset: usize,
    /// Number of bytes that are transferred.
    pub width: Width,
    /// Whether this is half of a read-modify-write: one instruction, or one `modify` of a handle, that reads and then writes
    /// the same location.
    pub read_modify_write: bool,
    /// Whether the instruction was `LOCK`ed; then no other access reaches the device between its two halves.
    pub locked: bool,
    /// Position in the bus-wide order of accesses, counted from 1.
    pub sequence: u64,
    /// Virtual time of the access, since the bus was made.
    pub time: Duration,
    /// The driver's code that made the access.
    pub location: CodeLocation,
}

/// The driver's code that made an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeLocation {
    /// The call of a typed accessor.
    Source(&'static Location<'static>),
    /// The address of the trapped instruction.
    Instruction(usize),
}

impl fmt::Display for CodeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(location) => location.fmt(f),
            Self::Instruction(address) => crate::trace::symbol::write(f, *address),
        }
    }
}
