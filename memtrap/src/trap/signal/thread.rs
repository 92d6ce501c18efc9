//! What the operating system keeps for a thread.

use libc::c_int;
use std::{mem::MaybeUninit, ptr};

/// Blocks all signals of the thread; the mask before.
pub(in super::super) fn block_all() -> libc::sigset_t {
    let mut all = MaybeUninit::uninit();
    // SAFETY: The call writes the set.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    let mut old = MaybeUninit::uninit();
    // SAFETY: The set was written; the old one is written to `old`. The call does not fail for a valid operation.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), old.as_mut_ptr()) };
    // SAFETY: The call has written the old mask.
    unsafe { old.assume_init() }
}

/// Sets the thread's signal mask.
pub(in super::super) fn set_mask(mask: &libc::sigset_t) {
    // SAFETY: The mask is one that the thread had before.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask, ptr::null_mut()) };
}

/// Makes `size` bytes at `start` the thread's alternate signal stack; what it was before.
pub(in super::super) fn replace_alternate_stack(start: *mut u8, size: usize) -> Option<libc::stack_t> {
    let new = libc::stack_t { ss_sp: start.cast(), ss_flags: 0, ss_size: size };
    let mut old = MaybeUninit::uninit();
    // SAFETY: The memory is unused and stays mapped until the old stack is back in place.
    if unsafe { libc::sigaltstack(&raw const new, old.as_mut_ptr()) } < 0 {
        return None;
    }
    // SAFETY: The call succeeded, so it has written the old stack.
    Some(unsafe { old.assume_init() })
}

/// Makes `stack` the thread's alternate signal stack again.
pub(in super::super) fn restore_alternate_stack(stack: &libc::stack_t) {
    // SAFETY: It was the thread's alternate stack before. The call cannot fail for a stack that was accepted once.
    unsafe { libc::sigaltstack(stack, ptr::null_mut()) };
}

/// A segment that has a base in 64-bit mode.
pub(in super::super) enum SegmentBase {
    Fs,
    Gs,
}

/// The base of a segment of the current thread.
pub(in super::super) fn segment_base(segment: SegmentBase) -> u64 {
    // asm/prctl.h
    const ARCH_GET_FS: c_int = 0x1003;
    const ARCH_GET_GS: c_int = 0x1004;
    let operation = match segment {
        SegmentBase::Fs => ARCH_GET_FS,
        SegmentBase::Gs => ARCH_GET_GS,
    };
    let mut base = 0_u64;
    // SAFETY: The call writes eight bytes to `base`; these two operations cannot fail otherwise.
    unsafe { libc::syscall(libc::SYS_arch_prctl, operation, &raw mut base) };
    base
}

/// The current thread's `errno`.
pub(in super::super) fn errno() -> c_int {
    // SAFETY: Asks for an address.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: libc gives the address of the thread's own variable, which is always valid.
    unsafe { errno.read() }
}

/// Sets the current thread's `errno`.
pub(in super::super) fn set_errno(value: c_int) {
    // SAFETY: Asks for an address.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: libc gives the address of the thread's own variable, which is always valid.
    unsafe { errno.write(value) };
}
