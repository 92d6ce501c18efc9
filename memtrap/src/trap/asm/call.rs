//! Calling a function on another stack.

use core::{arch::global_asm, ffi::c_void};

unsafe extern "C" {
    /// Calls `function` with `argument` on the stack that ends at `top`.
    fn memtrap_call_on(top: *mut u8, function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void);
}

global_asm!(
    ".pushsection .text.memtrap_call_on,\"ax\",@progbits",
    ".globl memtrap_call_on",
    ".hidden memtrap_call_on",
    ".type memtrap_call_on, @function",
    "memtrap_call_on:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset rbp, 0",
    "mov rbp, rsp",
    ".cfi_def_cfa_register rbp",
    "mov rsp, rdi",
    "and rsp, -16",
    "mov rdi, rdx",
    "call rsi",
    "mov rsp, rbp",
    "pop rbp",
    ".cfi_def_cfa rsp, 8",
    "ret",
    ".cfi_endproc",
    ".size memtrap_call_on, . - memtrap_call_on",
    ".popsection",
);

/// Calls `function` with `argument` on the stack that ends at `top`.
///
/// # Safety
///
/// The stack is unused and large enough for the function, which may be called with the argument and does not unwind.
pub(in super::super) unsafe fn call_on(
    top: *mut u8,
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
) {
    // SAFETY: The caller vouches for the stack and the call.
    unsafe { memtrap_call_on(top, function, argument) };
}
