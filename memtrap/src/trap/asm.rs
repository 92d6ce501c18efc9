//! The machine code of the engine: what cannot be said in Rust.
//!
//! Everything here is independent of addresses and of thread-local storage, and keeps the stack pointer below all live
//! data, so that a signal may arrive at any instruction.

use super::{dispatch, frame::Frame, plan::Segment, signal, xstate};
use core::{
    arch::{asm, global_asm},
    ffi::c_void,
};

unsafe extern "C" {
    /// Entered as if the driver had called it at the trapped instruction, with the instruction's address on the stack
    /// below the red zone. Never called from Rust.
    pub(super) fn memtrap_entry();

    /// Where the entry thunk faults on purpose, to leave by way of the signal handler. Never called from Rust.
    fn memtrap_leave();

    /// The signal handler's first instructions. Never called from Rust.
    pub(super) fn memtrap_on_signal();

    /// Runs a stub on the state in `run`; 0 if it came to its end, 1 if it faulted.
    fn memtrap_run_stub(run: *mut StubRun) -> u32;

    /// Where a stub goes when it has executed its instruction. Never called from Rust.
    fn memtrap_stub_exit();

    /// Where the signal handler sends a stub that faulted. Never called from Rust.
    fn memtrap_stub_fault();

    /// The fixed set. Never called from Rust.
    fn memtrap_fixed();
    fn memtrap_fixed_end();

    /// Calls `function` with `argument` on the stack that ends at `top`.
    fn memtrap_call_on(top: *mut u8, function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void);

    /// Copies `length` bytes; the number of bytes that were not copied because of a fault.
    fn memtrap_copy(to: *mut u8, from: *const u8, length: usize) -> usize;
    fn memtrap_copy_access();
    fn memtrap_copy_end();

    /// Writes the byte at `at` back to itself; 1 if that faulted.
    fn memtrap_probe(at: *mut u8) -> usize;
    fn memtrap_probe_access();
    fn memtrap_probe_end();
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
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xrstor64 [rcx]",
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
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xsave64 [rcx]",
    "3:",
    "fninit",
    "ldmxcsr dword ptr [rip + {mxcsr}]",
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
    mask = sym xstate::MASK,
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

// Calls a function on another stack.
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

// Accesses to the driver's own memory, which may fault: the signal handler sends a fault at `_access` to `_end`.
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

/// What a stub runs on. The layout is known to `memtrap_run_stub`.
#[repr(C)]
pub(super) struct StubRun {
    /// The registers; the instruction pointer is not used. `rsp` is neither loaded nor stored.
    pub(super) frame: Frame,
    /// The extended state to load, or null for an instruction that uses none.
    pub(super) xstate: *mut u8,
    /// Whether the extended state is stored afterwards.
    pub(super) keep_xstate: u32,
}

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(Frame, rflags) == 128 && offset_of!(Frame, rip) == 136 && size_of::<Frame>() == 144);
    assert!(offset_of!(libc::ucontext_t, uc_mcontext) == 40 && libc::REG_EFL == 17);
    assert!(offset_of!(libc::mcontext_t, fpregs) == 184);
    assert!(offset_of!(StubRun, xstate) == 144 && offset_of!(StubRun, keep_xstate) == 152);
};

/// A stub faulted; the signal handler has kept the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Faulted;

impl StubRun {
    /// Runs the stub at `frame.rip`.
    ///
    /// # Safety
    ///
    /// `frame.rip` is a finished stub: one instruction that accesses no memory but what its registers in `frame` point
    /// it to, which must be valid for it, that uses neither `rsp` nor `rip`, and then a jump to [`stub_exit`].
    /// `xstate` is null if the instruction uses no extended state, otherwise a valid image for `xrstor64`.
    pub(super) unsafe fn run(&mut self) -> Result<(), Faulted> {
        // SAFETY: The caller guarantees what the assembly needs; it preserves the callee-saved registers.
        match unsafe { memtrap_run_stub(self) } {
            0 => Ok(()),
            _ => Err(Faulted),
        }
    }
}

/// Calls `function` with `argument` on the stack that ends at `top`.
///
/// # Safety
///
/// The stack is unused and large enough for the function, which may be called with the argument and does not unwind.
pub(super) unsafe fn call_on(top: *mut u8, function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) {
    // SAFETY: The caller vouches for the stack and the call.
    unsafe { memtrap_call_on(top, function, argument) };
}

/// The address of a member of the fixed set.
pub(super) fn fixed(slot: usize) -> usize {
    memtrap_fixed as *const () as usize + 16 * slot
}

/// The address a stub jumps to after its instruction.
pub(super) fn stub_exit() -> usize {
    memtrap_stub_exit as *const () as usize
}

/// The address the driver is sent to by the signal handler.
pub(super) fn entry() -> usize {
    memtrap_entry as *const () as usize
}

/// The address of the signal handler.
pub(super) fn on_signal() -> usize {
    memtrap_on_signal as *const () as usize
}

/// The instruction whose fault asks the signal handler to continue the driver with the frame that `rbx` points to.
pub(super) fn leave() -> usize {
    memtrap_leave as *const () as usize
}

/// Where execution continues after a fault of the engine's own code at `rip`, if that code expects one.
pub(super) fn recovery(rip: usize) -> Option<usize> {
    let address = |symbol: unsafe extern "C" fn()| symbol as *const () as usize;
    if rip == address(memtrap_copy_access) {
        Some(address(memtrap_copy_end))
    } else if rip == address(memtrap_probe_access) {
        Some(address(memtrap_probe_end))
    } else if super::stub::contains(rip) || (address(memtrap_fixed)..address(memtrap_fixed_end)).contains(&rip) {
        Some(address(memtrap_stub_fault))
    } else {
        None
    }
}

/// Copies `length` bytes between the engine's memory and the driver's.
///
/// # Errors
///
/// [`Faulted`] if the driver's memory is not accessible; part of it may have been copied.
///
/// # Safety
///
/// The engine's side is valid for the access, and the driver, by its own instruction, asked for the access to its side.
pub(super) unsafe fn copy(to: *mut u8, from: *const u8, length: usize) -> Result<(), Faulted> {
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
pub(super) unsafe fn probe_write(at: *mut u8) -> Result<(), Faulted> {
    // SAFETY: The byte keeps its value, atomically; a fault is caught.
    match unsafe { memtrap_probe(at) } {
        0 => Ok(()),
        _ => Err(Faulted),
    }
}

/// The stack segment's selector.
pub(super) fn stack_segment() -> u16 {
    let selector: u16;
    // SAFETY: Reads a register.
    unsafe { asm!("mov {0:x}, ss", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    selector
}

/// The selector of `fs` or `gs`.
pub(super) fn segment(segment: Segment) -> u16 {
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
pub(super) fn code_segment() -> u16 {
    let selector: u16;
    // SAFETY: Reads a register.
    unsafe { asm!("mov {0:x}, cs", out(reg) selector, options(nomem, nostack, preserves_flags)) };
    selector
}

/// The extended-state components that the operating system has enabled: `XCR0`.
pub(super) fn enabled_components() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: The caller of `xstate::initialise` checks that the operating system has enabled `xgetbv`; it reads a
    // register.
    unsafe { asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags)) };
    u64::from(high) << 32 | u64::from(low)
}
