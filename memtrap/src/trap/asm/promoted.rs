//! The entry of promoted sites: what the entry thunk is to a trap, for a pad that a site jumps to.

use super::super::{dispatch, xstate};
use core::arch::global_asm;

unsafe extern "C" {
    /// Called by a pad. Never called from Rust.
    fn memtrap_promoted();
}

// Called by a pad: the stack holds the return address into the pad, and above it a `Frame` in which `rax`, `rcx` and `rdx`
// are filled in. `rcx` is the pad's record, and `ax` holds the arithmetic flags, as `lahf` and `seto al` leave them.
//
// The frame ends at the driver's red zone, where the entry thunk's ends, so the unwind information and the way out are
// the thunk's. The common way out is by a return to the pad, which keeps the processor's prediction of returns intact.
global_asm!(
    ".pushsection .text.memtrap_promoted,\"ax\",@progbits",
    ".balign 64",
    ".globl memtrap_promoted",
    ".hidden memtrap_promoted",
    ".type memtrap_promoted, @function",
    "memtrap_promoted:",
    ".cfi_startproc simple",
    ".cfi_def_cfa rsp, 280",
    // As for the entry thunk.
    ".cfi_escape 0x16, 16, 7, 0x0b, 0x78, 0xff, 0x22, 0x06, 0x31, 0x22",
    ".cfi_offset rax, -272",
    ".cfi_offset rcx, -264",
    ".cfi_offset rdx, -256",
    "endbr64",
    "mov rdx, [rcx + 8]", // the site
    "mov [rsp + 144], rdx",
    "mov [rsp + 32], rbx",
    "lea rbx, [rsp + 8]",
    ".cfi_def_cfa rbx, 272",
    ".cfi_offset rbx, -248",
    "lea rdx, [rbx + 272]",
    "mov [rbx + 32], rdx",
    "mov [rbx + 40], rbp",
    "mov [rbx + 48], rsi",
    "mov [rbx + 56], rdi",
    "mov [rbx + 64], r8",
    "mov [rbx + 72], r9",
    "mov [rbx + 80], r10",
    "mov [rbx + 88], r11",
    "mov [rbx + 96], r12",
    "mov [rbx + 104], r13",
    "mov [rbx + 112], r14",
    "mov [rbx + 120], r15",
    ".cfi_offset rbp, -232",
    ".cfi_offset rsi, -224",
    ".cfi_offset rdi, -216",
    ".cfi_offset r8, -208",
    ".cfi_offset r9, -200",
    ".cfi_offset r10, -192",
    ".cfi_offset r11, -184",
    ".cfi_offset r12, -176",
    ".cfi_offset r13, -168",
    ".cfi_offset r14, -160",
    ".cfi_offset r15, -152",
    // The arithmetic flags are the pad's by now, all others the driver's.
    "pushfq",
    "pop rdx",
    "movzx esi, ah",
    "movzx eax, al",
    "shl eax, 11",
    "and rdx, ~{arithmetic}",
    "or edx, esi",
    "or edx, eax",
    "mov [rbx + 128], rdx",
    "mov r12, rcx",
    // With alignment checked, the direction reversed, or the x87 unit in another mode than compiled code expects, go the
    // entry thunk's way.
    "test edx, {alignment_or_direction}",
    "jnz memtrap_entry_saved",
    "sub rsp, 8",
    "fnstcw [rsp]",
    "cmp word ptr [rsp], {x87_control}",
    "jne memtrap_entry_saved",
    "sub rsp, {size}",
    "and rsp, -64",
    "mov rcx, rsp",
    "call [rip + {routines}]",
    "mov rdi, rbx",
    "mov rsi, rsp",
    "mov rdx, r12",
    "call {dispatch}",
    "mov r12d, eax",
    "mov rcx, rsp",
    "call [rip + {routines} + 8]",
    "test r12d, r12d",
    "jz memtrap_resume",
    "mov rdx, [rbx + 128]",
    "mov eax, edx",
    "shr eax, 11",
    "and eax, 1",
    "mov ah, dl",
    "mov rcx, [rbx + 8]",
    "mov rdx, [rbx + 16]",
    "mov rbp, [rbx + 40]",
    "mov rsi, [rbx + 48]",
    "mov rdi, [rbx + 56]",
    "mov r8, [rbx + 64]",
    "mov r9, [rbx + 72]",
    "mov r10, [rbx + 80]",
    "mov r11, [rbx + 88]",
    "mov r12, [rbx + 96]",
    "mov r13, [rbx + 104]",
    "mov r14, [rbx + 112]",
    "mov r15, [rbx + 120]",
    "lea rsp, [rbx - 8]",
    "add al, 0x7f", // overflows if the flag was set
    "sahf",
    "mov rax, [rbx]",
    "mov rbx, [rbx + 24]",
    "ret",
    ".cfi_endproc",
    ".size memtrap_promoted, . - memtrap_promoted",
    ".popsection",
    arithmetic = const ARITHMETIC_FLAGS,
    alignment_or_direction = const 0x40400,
    x87_control = const 0x37f, // after `fninit` (Intel SDM, FINIT)
    size = const xstate::VECTORS_SIZE,
    routines = sym xstate::VECTOR_ROUTINES,
    dispatch = sym dispatch::dispatch_promoted,
);

/// The flags that `lahf` and `seto` hold: carry, parity, auxiliary carry, zero, sign and overflow.
pub(in super::super) const ARITHMETIC_FLAGS: u64 = 0x8d5;

/// The address that pads call.
pub(in super::super) fn promoted() -> usize {
    memtrap_promoted as *const () as usize
}
