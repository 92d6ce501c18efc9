//! Registers that no signal frame has and Rust does not name.

use super::super::plan::Segment;
use core::arch::asm;

/// The stack segment's selector.
pub(in super::super) fn stack_segment() -> u16 {
    let selector: u16;
    // SAFETY: Reads a register.
    unsafe { asm!("mov {0:x}, ss", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    selector
}

/// The selector of `fs` or `gs`.
pub(in super::super) fn segment(segment: Segment) -> u16 {
    let selector: u16;
    if segment == Segment::Fs {
        // SAFETY: Reads a register.
        unsafe { asm!("mov {0:x}, fs", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    } else {
        // SAFETY: Reads a register.
        unsafe { asm!("mov {0:x}, gs", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    }
    selector
}

/// The current code segment's selector.
pub(in super::super) fn code_segment() -> u16 {
    let selector: u16;
    // SAFETY: Reads a register.
    unsafe { asm!("mov {0:x}, cs", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    selector
}

/// The extended-state components that the operating system has enabled: `XCR0`.
pub(in super::super) fn enabled_components() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: The caller of `xstate::initialise` checks that the operating system has enabled `xgetbv`; it reads a
    // register.
    unsafe { asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags)) };
    u64::from(high) << 32 | u64::from(low)
}

/// The thread's access rights by protection key: `PKRU`.
///
/// # Safety
///
/// The operating system has enabled protection keys.
pub(in super::super) unsafe fn protection_keys() -> u32 {
    let rights: u32;
    // SAFETY: The caller guarantees that the instruction exists; it reads a register.
    unsafe { asm!("rdpkru", in("ecx") 0, out("eax") rights, out("edx") _, options(nomem, nostack, preserves_flags)) };
    rights
}
