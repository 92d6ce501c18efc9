//! The entry thunk, and the signal handler's way into it.

use super::super::{dispatch, frame::Frame, signal, xstate};
use core::arch::global_asm;

unsafe extern "C" {
    /// Entered as if the driver had called it at the trapped instruction, with the instruction's address on the stack
    /// below the red zone. Never called from Rust.
    fn memtrap_entry();

    /// Where the entry thunk faults on purpose, to leave by way of the signal handler. Never called from Rust.
    fn memtrap_leave();

    /// The signal handler's first instructions. Never called from Rust.
    fn memtrap_on_signal();
}

// The entry thunk. On entry the stack holds, from the driver's stack pointer S downwards: the red zone, then at S-136
// the address of the trapped instruction. The frame grows below that, in the layout of `Frame`.
//
// The unwind information describes a signal frame: the canonical frame address is S, the return address is the trapped
// instruction itself, so that a backtrace taken in a device model continues in the driver.
global_asm!(
    ".pushsection .text.memtrap_entry,\"ax\",@progbits",
    ".balign 64",
    ".globl memtrap_entry",
    ".hidden memtrap_entry",
    ".type memtrap_entry, @function",
    "memtrap_entry:",
    ".cfi_startproc simple",
    ".cfi_def_cfa rsp, 136",
    // The return address is one more than the instruction's: whoever prints a backtrace looks one byte before a return
    // address, for the call. Marking the frame as a signal's would tell the unwinder, but not those who name functions.
    // DW_CFA_val_expression(rip): const2s -136, plus, deref, lit1, plus.
    ".cfi_escape 0x16, 16, 7, 0x0b, 0x78, 0xff, 0x22, 0x06, 0x31, 0x22",
    "endbr64",
    "pushfq",
    ".cfi_adjust_cfa_offset 8",
    "push r15",
    ".cfi_adjust_cfa_offset 8",
    "push r14",
    ".cfi_adjust_cfa_offset 8",
    "push r13",
    ".cfi_adjust_cfa_offset 8",
    "push r12",
    ".cfi_adjust_cfa_offset 8",
    "push r11",
    ".cfi_adjust_cfa_offset 8",
    "push r10",
    ".cfi_adjust_cfa_offset 8",
    "push r9",
    ".cfi_adjust_cfa_offset 8",
    "push r8",
    ".cfi_adjust_cfa_offset 8",
    "push rdi",
    ".cfi_adjust_cfa_offset 8",
    "push rsi",
    ".cfi_adjust_cfa_offset 8",
    "push rbp",
    ".cfi_adjust_cfa_offset 8",
    "push rax", // the place of rsp, filled below
    ".cfi_adjust_cfa_offset 8",
    "push rbx",
    ".cfi_adjust_cfa_offset 8",
    "push rdx",
    ".cfi_adjust_cfa_offset 8",
    "push rcx",
    ".cfi_adjust_cfa_offset 8",
    "push rax",
    ".cfi_adjust_cfa_offset 8",
    "mov rbx, rsp",
    ".cfi_def_cfa rbx, 272",
    ".cfi_offset rax, -272",
    ".cfi_offset rcx, -264",
    ".cfi_offset rdx, -256",
    ".cfi_offset rbx, -248",
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
    "lea rax, [rbx + 272]",
    "mov [rbx + 32], rax",
    // The promoted entry comes here, with the frame in `rbx` and below the stack pointer nothing.
    ".hidden memtrap_entry_saved",
    ".globl memtrap_entry_saved",
    "memtrap_entry_saved:",
    // Rust code expects the direction flag clear and makes unaligned accesses.
    "cld",
    "test dword ptr [rbx + 128], 0x40000",
    "jz 2f",
    "pushfq",
    "and dword ptr [rsp], 0xfffbffff",
    "popfq",
    "2:",
    // The extended state. `xsave64` leaves the reserved bytes of the header as they are; `xrstor64` wants zeros.
    "sub rsp, qword ptr [rip + {size}]",
    "and rsp, -64",
    "xor eax, eax",
    "mov [rsp + 512], rax",
    "mov [rsp + 520], rax",
    "mov [rsp + 528], rax",
    "mov [rsp + 536], rax",
    "mov [rsp + 544], rax",
    "mov [rsp + 552], rax",
    "mov [rsp + 560], rax",
    "mov [rsp + 568], rax",
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xsave64 [rsp]",
    "fninit",
    "ldmxcsr dword ptr [rip + {mxcsr}]",
    // Here `rbx` is the frame and `rsp` the image; `memtrap_on_signal` comes here as well.
    ".hidden memtrap_dispatch",
    ".globl memtrap_dispatch",
    "memtrap_dispatch:",
    "mov rdi, rbx",
    "mov rsi, rsp",
    "call {dispatch}",
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xrstor64 [rsp]",
    // The promoted entry comes here as well, when it does not return to the pad.
    ".hidden memtrap_resume",
    ".globl memtrap_resume",
    "memtrap_resume:",
    // The frame is popped where the stack pointer after the instruction wants it.
    "lea rax, [rbx + 272]",
    "mov rdx, [rbx + 32]",
    "sub rdx, rax",
    "jnz 4f",
    "mov rsp, rbx",
    "3:",
    "pop rax",
    "pop rcx",
    "pop rdx",
    "pop rbx",
    "lea rsp, [rsp + 8]",
    "pop rbp",
    "pop rsi",
    "pop rdi",
    "pop r8",
    "pop r9",
    "pop r10",
    "pop r11",
    "pop r12",
    "pop r13",
    "pop r14",
    "pop r15",
    "popfq",
    "ret 128",
    // The instruction moved the stack pointer. As far as pushes and pops do, move the frame along, keeping rsp below both
    // places meanwhile. Further away there may be no stack, and a load of a misaligned one faults if the driver has
    // alignment checked: there the signal handler restores the frame.
    "4:",
    "lea rcx, [rdx + 64]",
    "cmp rcx, 128",
    "ja memtrap_leave",
    "test byte ptr [rbx + 32], 7",
    "jnz memtrap_leave",
    "mov rdx, [rbx + 32]",
    "sub rdx, 272",
    "mov rsi, rbx",
    "mov rdi, rdx",
    "mov ecx, 18",
    "mov rsp, rbx",
    "cmp rdx, rbx",
    "ja 5f",
    "mov rsp, rdx",
    "rep movsq",
    "jmp 3b",
    "5:",
    "add rsi, 136",
    "add rdi, 136",
    "std",
    "rep movsq",
    "cld",
    "mov rsp, rdx",
    "jmp 3b",
    ".globl memtrap_leave",
    ".hidden memtrap_leave",
    "memtrap_leave:",
    "hlt", // privileged: faults, with the frame in rbx
    ".cfi_endproc",
    ".size memtrap_entry, . - memtrap_entry",
    ".popsection",
    size = sym xstate::SIZE,
    mask = sym xstate::MASK,
    mxcsr = sym xstate::DEFAULT_MXCSR,
    dispatch = sym dispatch::dispatch,
);

// The kernel delivers a signal with the driver's alignment-check flag, under which compiled code dies.
//
// If the handler says so, the signal frame is left without `rt_sigreturn`, which is a quarter of a trap's cost: the
// driver's registers and extended state are copied from it to the driver's stack, in the layout of the entry thunk, and
// the thunk goes on from there. The copy ends before the stack is switched, since then the next signal may overwrite
// the frame. The offsets are those of the kernel's `ucontext` and of `Frame`.
global_asm!(
    ".pushsection .text.memtrap_on_signal,\"ax\",@progbits",
    ".globl memtrap_on_signal",
    ".hidden memtrap_on_signal",
    ".type memtrap_on_signal, @function",
    "memtrap_on_signal:",
    "endbr64",
    "pushfq",
    "and dword ptr [rsp], 0xfffbffff",
    "popfq",
    "sub rsp, 8",
    "call {on_signal}",
    "test rax, rax",
    "jnz 2f",
    "add rsp, 8",
    "ret",
    "2:",
    "mov rdx, [rax + 160]", // rsp
    "lea rbx, [rdx - 272]",
    "mov [rbx + 32], rdx",
    "mov rcx, [rax + 144]", // rax
    "mov [rbx], rcx",
    "mov rcx, [rax + 152]", // rcx
    "mov [rbx + 8], rcx",
    "mov rcx, [rax + 136]", // rdx
    "mov [rbx + 16], rcx",
    "mov rcx, [rax + 128]", // rbx
    "mov [rbx + 24], rcx",
    "mov rcx, [rax + 120]", // rbp
    "mov [rbx + 40], rcx",
    "mov rcx, [rax + 112]", // rsi
    "mov [rbx + 48], rcx",
    "mov rcx, [rax + 104]", // rdi
    "mov [rbx + 56], rcx",
    "movups xmm0, [rax + 40]", // r8 to r15
    "movups xmm1, [rax + 56]",
    "movups xmm2, [rax + 72]",
    "movups xmm3, [rax + 88]",
    "movups [rbx + 64], xmm0",
    "movups [rbx + 80], xmm1",
    "movups [rbx + 96], xmm2",
    "movups [rbx + 112], xmm3",
    "mov rcx, [rax + 176]", // the flags
    "mov [rbx + 128], rcx",
    "mov rcx, [rax + 168]", // rip
    "mov [rbx + 136], rcx",
    "mov rdx, rbx",
    "mov rcx, qword ptr [rip + {size}]",
    "sub rdx, rcx",
    "and rdx, -64",
    "mov rdi, rdx",
    "mov rsi, [rax + 224]", // the extended state
    "shr ecx, 3",
    "rep movsq",
    "mov rsp, rdx",
    "jmp memtrap_dispatch",
    ".size memtrap_on_signal, . - memtrap_on_signal",
    ".popsection",
    on_signal = sym signal::on_signal,
    size = sym xstate::SIZE,
);

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(Frame, rflags) == 128 && offset_of!(Frame, rip) == 136 && size_of::<Frame>() == 144);
    assert!(offset_of!(libc::ucontext_t, uc_mcontext) == 40 && libc::REG_EFL == 17);
    assert!(offset_of!(libc::mcontext_t, fpregs) == 184);
};

/// The address the driver is sent to by the signal handler.
pub(in super::super) fn entry() -> usize {
    memtrap_entry as *const () as usize
}

/// The address of the signal handler.
pub(in super::super) fn on_signal() -> usize {
    memtrap_on_signal as *const () as usize
}

/// The instruction whose fault asks the signal handler to continue the driver with the frame that `rbx` points to.
pub(in super::super) fn leave() -> usize {
    memtrap_leave as *const () as usize
}
