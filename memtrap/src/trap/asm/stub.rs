//! Running one instruction on the driver's registers: a stub, or a member of the fixed set.

use super::{
    super::{frame::Frame, xstate},
    Faulted, Routines,
};
use core::arch::global_asm;

unsafe extern "C" {
    /// Runs a stub on the state in `run`; 0 if it came to its end, 1 if it faulted.
    fn memtrap_run_stub(run: *mut StubRun) -> u32;

    /// Where a stub goes when it has executed its instruction. Never called from Rust.
    fn memtrap_stub_exit();

    /// Where the signal handler sends a stub that faulted. Never called from Rust.
    fn memtrap_stub_fault();

    /// The fixed set. Never called from Rust.
    fn memtrap_fixed();
    fn memtrap_fixed_end();
}

// Runs one instruction on the driver's registers. The host's stack pointer stays: no stub uses `rsp`. It anchors the
// pointer to the `StubRun` (at 0) and the stub's address (at 8).
global_asm!(
    ".pushsection .text.memtrap_run_stub,\"ax\",@progbits",
    ".balign 64",
    ".globl memtrap_run_stub",
    ".hidden memtrap_run_stub",
    ".type memtrap_run_stub, @function",
    "memtrap_run_stub:",
    ".cfi_startproc",
    "push rbx",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset rbx, 0",
    "push rbp",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset rbp, 0",
    "push r12",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset r12, 0",
    "push r13",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset r13, 0",
    "push r14",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset r14, 0",
    "push r15",
    ".cfi_adjust_cfa_offset 8",
    ".cfi_rel_offset r15, 0",
    "push qword ptr [rdi + 136]", // the stub's address
    ".cfi_adjust_cfa_offset 8",
    "push rdi",
    ".cfi_adjust_cfa_offset 8",
    "mov rcx, [rdi + 144]", // the extended state
    "test rcx, rcx",
    "jz 2f",
    "call qword ptr [rdi + 168]",
    "2:",
    "push qword ptr [rdi + 128]",
    "popfq",
    "mov rax, [rdi]",
    "mov rcx, [rdi + 8]",
    "mov rdx, [rdi + 16]",
    "mov rbx, [rdi + 24]",
    "mov rbp, [rdi + 40]",
    "mov rsi, [rdi + 48]",
    "mov r8, [rdi + 64]",
    "mov r9, [rdi + 72]",
    "mov r10, [rdi + 80]",
    "mov r11, [rdi + 88]",
    "mov r12, [rdi + 96]",
    "mov r13, [rdi + 104]",
    "mov r14, [rdi + 112]",
    "mov r15, [rdi + 120]",
    "mov rdi, [rdi + 56]",
    "jmp qword ptr [rsp + 8]",
    ".globl memtrap_stub_exit",
    ".hidden memtrap_stub_exit",
    "memtrap_stub_exit:",
    "endbr64",
    "push rdi",
    "mov rdi, [rsp + 8]",
    "mov [rdi], rax",
    "mov [rdi + 8], rcx",
    "mov [rdi + 16], rdx",
    "mov [rdi + 24], rbx",
    "mov [rdi + 40], rbp",
    "mov [rdi + 48], rsi",
    "mov [rdi + 64], r8",
    "mov [rdi + 72], r9",
    "mov [rdi + 80], r10",
    "mov [rdi + 88], r11",
    "mov [rdi + 96], r12",
    "mov [rdi + 104], r13",
    "mov [rdi + 112], r14",
    "mov [rdi + 120], r15",
    "pop qword ptr [rdi + 56]",
    "pushfq",
    "pop qword ptr [rdi + 128]",
    "pushfq",
    "and dword ptr [rsp], 0xfffbfbff", // alignment check and direction
    "popfq",
    "mov rcx, [rdi + 144]",
    "test rcx, rcx",
    "jz 4f",
    "cmp dword ptr [rdi + 152], 0",
    "je 3f",
    "call qword ptr [rdi + 160]",
    "3:",
    "ldmxcsr dword ptr [rip + {mxcsr}]",
    "cmp dword ptr [rdi + 156], 0",
    "je 4f",
    "fninit",
    "4:",
    "xor eax, eax",
    "5:",
    "add rsp, 16",
    ".cfi_adjust_cfa_offset -16",
    "pop r15",
    ".cfi_adjust_cfa_offset -8",
    "pop r14",
    ".cfi_adjust_cfa_offset -8",
    "pop r13",
    ".cfi_adjust_cfa_offset -8",
    "pop r12",
    ".cfi_adjust_cfa_offset -8",
    "pop rbp",
    ".cfi_adjust_cfa_offset -8",
    "pop rbx",
    ".cfi_adjust_cfa_offset -8",
    "ret",
    ".cfi_adjust_cfa_offset 64",
    ".globl memtrap_stub_fault",
    ".hidden memtrap_stub_fault",
    "memtrap_stub_fault:",
    "mov rdi, [rsp]",
    "mov eax, 1",
    "cmp qword ptr [rdi + 144], 0",
    "je 5b",
    "fninit",
    "ldmxcsr dword ptr [rip + {mxcsr}]",
    "jmp 5b",
    ".cfi_endproc",
    ".size memtrap_run_stub, . - memtrap_run_stub",
    ".popsection",
    mxcsr = sym xstate::DEFAULT_MXCSR,
);

// The fixed set: instructions on `[rdi]`, in slots of 16 bytes, four widths each, in the order of `plan::Fixed`.
global_asm!(
    ".pushsection .text.memtrap_fixed,\"ax\",@progbits",
    ".balign 16",
    ".globl memtrap_fixed",
    ".hidden memtrap_fixed",
    "memtrap_fixed:",
    ".macro memtrap_slot instruction:vararg",
    "\\instruction",
    "jmp memtrap_stub_exit",
    ".balign 16",
    ".endm",
    ".irp op, add, or, adc, sbb, and, sub, xor, cmp, test, xchg, xadd, cmpxchg",
    "memtrap_slot \\op byte ptr [rdi], sil",
    "memtrap_slot \\op word ptr [rdi], si",
    "memtrap_slot \\op dword ptr [rdi], esi",
    "memtrap_slot \\op qword ptr [rdi], rsi",
    ".endr",
    ".irp op, add, or, adc, sbb, and, sub, xor, cmp",
    "memtrap_slot \\op sil, byte ptr [rdi]",
    "memtrap_slot \\op si, word ptr [rdi]",
    "memtrap_slot \\op esi, dword ptr [rdi]",
    "memtrap_slot \\op rsi, qword ptr [rdi]",
    ".endr",
    ".irp op, inc, dec, neg, not",
    "memtrap_slot \\op byte ptr [rdi]",
    "memtrap_slot \\op word ptr [rdi]",
    "memtrap_slot \\op dword ptr [rdi]",
    "memtrap_slot \\op qword ptr [rdi]",
    ".endr",
    ".irp op, rol, ror, rcl, rcr, shl, shr, sar",
    "memtrap_slot \\op byte ptr [rdi], cl",
    "memtrap_slot \\op word ptr [rdi], cl",
    "memtrap_slot \\op dword ptr [rdi], cl",
    "memtrap_slot \\op qword ptr [rdi], cl",
    ".endr",
    ".purgem memtrap_slot",
    ".globl memtrap_fixed_end",
    ".hidden memtrap_fixed_end",
    "memtrap_fixed_end:",
    ".popsection",
);

/// What a stub runs on. The layout is known to `memtrap_run_stub`.
#[repr(C)]
pub(in super::super) struct StubRun {
    /// The registers; the instruction pointer is not used. `rsp` is neither loaded nor stored.
    pub(in super::super) frame: Frame,
    /// The extended state to load, or null for an instruction that uses none.
    pub(in super::super) xstate: *mut u8,
    /// Whether the extended state is stored afterwards.
    pub(in super::super) keep_xstate: u32,
    /// Whether the extended state includes that of the x87 unit.
    pub(in super::super) with_x87: u32,
    /// How the extended state is loaded and stored.
    pub(in super::super) routines: Routines,
}

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(Frame, rflags) == 128 && offset_of!(Frame, rip) == 136);
    assert!(offset_of!(StubRun, xstate) == 144 && offset_of!(StubRun, keep_xstate) == 152);
    assert!(offset_of!(StubRun, with_x87) == 156 && offset_of!(StubRun, routines) == 160);
    assert!(offset_of!(Routines, save) == 0 && offset_of!(Routines, load) == 8);
};

impl StubRun {
    /// Runs the stub at `frame.rip`.
    ///
    /// # Safety
    ///
    /// `frame.rip` is a finished stub: one instruction that accesses no memory but what its registers in `frame` point
    /// it to, which must be valid for it, that uses neither `rsp` nor `rip`, and then a jump to [`stub_exit`].
    /// `xstate` is null if the instruction uses no extended state, otherwise a state that the routines load.
    pub(in super::super) unsafe fn run(&mut self) -> Result<(), Faulted> {
        // SAFETY: The caller guarantees what the assembly needs; it preserves the callee-saved registers.
        match unsafe { memtrap_run_stub(self) } {
            0 => Ok(()),
            _ => Err(Faulted),
        }
    }
}

/// The address of a member of the fixed set.
pub(in super::super) fn fixed(slot: usize) -> usize {
    memtrap_fixed as *const () as usize + 16 * slot
}

/// The address a stub jumps to after its instruction.
pub(in super::super) fn stub_exit() -> usize {
    memtrap_stub_exit as *const () as usize
}

/// Where a stub or a member of the fixed set continues after a fault at `rip`; `None` if that is in neither.
pub(super) fn recovery(rip: usize) -> Option<usize> {
    let address = |symbol: unsafe extern "C" fn()| symbol as *const () as usize;
    let in_fixed_set = (address(memtrap_fixed)..address(memtrap_fixed_end)).contains(&rip);
    (in_fixed_set || super::super::stub::contains(rip)).then(|| address(memtrap_stub_fault))
}
