//! The machine code of the engine: what cannot be said in Rust.
//!
//! Everything here is independent of addresses and of thread-local storage, and keeps the stack pointer below all live
//! data, so that a signal may arrive at any instruction.

mod call;
mod entry;
mod memory;
mod promoted;
mod registers;
mod stub;
mod vectors;

pub(super) use call::call_on;
pub(super) use entry::{entry, leave, on_signal};
pub(super) use memory::{copy, probe_write};
pub(super) use promoted::{ARITHMETIC_FLAGS, promoted};
pub(super) use registers::{code_segment, enabled_components, protection_keys, segment, stack_segment};
pub(super) use stub::{StubRun, fixed, stub_exit};
pub(super) use vectors::Routines;

/// Code that expects faults has faulted; the signal handler has kept the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Faulted;

/// Where execution continues after a fault of the engine's own code at `rip`, if that code expects one.
pub(super) fn recovery(rip: usize) -> Option<usize> {
    memory::recovery(rip).or_else(|| stub::recovery(rip))
}
