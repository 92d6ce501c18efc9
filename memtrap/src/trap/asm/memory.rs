//! Accesses to the driver's own memory, which may fault.

use super::Faulted;
use core::arch::global_asm;

unsafe extern "C" {
    /// Copies `length` bytes; the number of bytes that were not copied because of a fault.
    fn memtrap_copy(to: *mut u8, from: *const u8, length: usize) -> usize;
    fn memtrap_copy_access();
    fn memtrap_copy_end();

    /// Writes the byte at `at` back to itself; 1 if that faulted.
    fn memtrap_probe(at: *mut u8) -> usize;
    fn memtrap_probe_access();
    fn memtrap_probe_end();
}

// The signal handler sends a fault at `_access` to `_end`.
global_asm!(
    ".pushsection .text.memtrap_copy,\"ax\",@progbits",
    ".globl memtrap_copy",
    ".hidden memtrap_copy",
    ".globl memtrap_copy_access",
    ".hidden memtrap_copy_access",
    ".globl memtrap_copy_end",
    ".hidden memtrap_copy_end",
    ".type memtrap_copy, @function",
    "memtrap_copy:",
    ".cfi_startproc",
    "mov rcx, rdx",
    "memtrap_copy_access:",
    "rep movsb",
    "memtrap_copy_end:",
    "mov rax, rcx",
    "ret",
    ".cfi_endproc",
    ".size memtrap_copy, . - memtrap_copy",
    ".globl memtrap_probe",
    ".hidden memtrap_probe",
    ".globl memtrap_probe_access",
    ".hidden memtrap_probe_access",
    ".globl memtrap_probe_end",
    ".hidden memtrap_probe_end",
    ".type memtrap_probe, @function",
    "memtrap_probe:",
    ".cfi_startproc",
    "mov eax, 1",
    "memtrap_probe_access:",
    "lock or byte ptr [rdi], 0",
    "xor eax, eax",
    "memtrap_probe_end:",
    "ret",
    ".cfi_endproc",
    ".size memtrap_probe, . - memtrap_probe",
    ".popsection",
);

/// Copies `length` bytes between the engine's memory and the driver's.
///
/// # Errors
///
/// [`Faulted`] if the driver's memory is not accessible; part of it may have been copied.
///
/// # Safety
///
/// The engine's side is valid for the access, and the driver, by its own instruction, asked for the access to its side.
pub(in super::super) unsafe fn copy(to: *mut u8, from: *const u8, length: usize) -> Result<(), Faulted> {
    // SAFETY: The caller vouches for both sides; a fault is caught.
    match unsafe { memtrap_copy(to, from, length) } {
        0 => Ok(()),
        _ => Err(Faulted),
    }
}

/// Checks that the byte at `at` can be written, without changing it.
///
/// # Errors
///
/// [`Faulted`] if it cannot.
///
/// # Safety
///
/// The driver, by its own instruction, asked to write there.
pub(in super::super) unsafe fn probe_write(at: *mut u8) -> Result<(), Faulted> {
    // SAFETY: The byte keeps its value, atomically; a fault is caught.
    match unsafe { memtrap_probe(at) } {
        0 => Ok(()),
        _ => Err(Faulted),
    }
}

/// Where an access to the driver's memory continues after a fault at `rip`; `None` if that is none.
pub(super) fn recovery(rip: usize) -> Option<usize> {
    let address = |symbol: unsafe extern "C" fn()| symbol as *const () as usize;
    if rip == address(memtrap_copy_access) {
        Some(address(memtrap_copy_end))
    } else if rip == address(memtrap_probe_access) {
        Some(address(memtrap_probe_end))
    } else {
        None
    }
}
