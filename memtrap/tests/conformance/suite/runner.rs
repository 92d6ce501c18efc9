//! Runs one instance on the processor itself, from a complete machine state to a complete machine state.

use crate::suite::{
    arena::Arena,
    signals::{self, Raised},
    state::State,
    xsave,
};
use std::{
    arch::naked_asm,
    mem::offset_of,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

/// How an instance was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// To the instruction behind it.
    Behind,
    /// To a landing pad, by a branch.
    Pad(u32),
    /// By a signal.
    Raised(Raised),
}

/// Where the runner was called from; it returns there once the guest has left.
static HOST_STACK: AtomicU64 = AtomicU64::new(0);
static GUEST_STACK: AtomicU64 = AtomicU64::new(0);
static RESULT: AtomicU64 = AtomicU64::new(0);
static ENTRY: AtomicU64 = AtomicU64::new(0);
static COMPONENTS: AtomicU64 = AtomicU64::new(0);
static FS_BASE: AtomicU64 = AtomicU64::new(0);
static GS_BASE: AtomicU64 = AtomicU64::new(0);
/// Whether the guest may have loaded segment registers, which the host needs back.
static SEGMENTS: AtomicBool = AtomicBool::new(false);

/// The base of `gs` while instances run: small, so that the low arena can be reached from it with 32-bit addresses.
pub(crate) const GUEST_GS_BASE: u64 = 0x0123_4560;

/// The base of `fs`: that of the thread, whose local storage it addresses.
pub(crate) fn fs_base() -> u64 {
    FS_BASE.load(Ordering::Relaxed)
}

/// Address that landing pads leave to.
pub(crate) fn exit_address() -> u64 {
    leave as *const () as u64
}

/// Prepares the calling thread, the only one that may call [`run`].
pub(crate) fn prepare() {
    let mut base = 0u64;
    arch_prctl(libc_arch::GET_FS, (&raw mut base).addr() as u64);
    FS_BASE.store(base, Ordering::Relaxed);
    GS_BASE.store(GUEST_GS_BASE, Ordering::Relaxed);
    arch_prctl(libc_arch::SET_GS, GUEST_GS_BASE);
    COMPONENTS.store(xsave::LAYOUT.components, Ordering::Relaxed);
}

mod libc_arch {
    pub(super) const SET_GS: u64 = 0x1001;
    pub(super) const SET_FS: u64 = 0x1002;
    pub(super) const GET_FS: u64 = 0x1003;
}

fn arch_prctl(code: u64, argument: u64) {
    // SAFETY: GET_FS is given room for the base, and nothing in the process uses `gs`.
    let result = unsafe { libc::syscall(libc::SYS_arch_prctl, code, argument) };
    assert_eq!(result, 0, "arch_prctl({code:#x}): {}", std::io::Error::last_os_error());
}

/// Runs what lies at `entry` in `arena` from `initial` until it leaves by a landing pad or a signal.
pub(crate) fn run(arena: Arena, entry: u64, initial: &State, loads_segments: bool) -> (Box<State>, Exit) {
    let mut result = State::zeroed();
    SEGMENTS.store(loads_segments, Ordering::Relaxed);
    arena.take_reached();
    signals::watch(true);
    // SAFETY: `entry` is code in an arena that ends in a landing pad or in a signal, both of which lead to `leave`,
    // which comes back here with every register of the host restored.
    unsafe { enter(initial, &raw mut *result, entry) };
    signals::watch(false);
    let exit = match (signals::take_raised(), arena.take_reached()) {
        (Some(raised), _) => Exit::Raised(raised),
        (None, 0) => Exit::Behind,
        (None, pad) => Exit::Pad(pad),
    };
    (result, exit)
}

/// Loads `initial` and jumps to `entry`.
#[unsafe(naked)]
unsafe extern "sysv64" fn enter(initial: *const State, result: *mut State, entry: u64) {
    naked_asm!(
        "push rbx", "push rbp", "push r12", "push r13", "push r14", "push r15",
        "sub rsp, 8",
        "mov [rip + {host}], rsp",
        "mov [rip + {result}], rsi",
        "mov [rip + {entry}], rdx",
        "mov eax, [rip + {components}]",
        "xor edx, edx",
        "xrstor64 [rdi]",
        "push [rdi + {flags}]",
        "popfq",
        "mov rax, [rdi + {gpr} + 8*0]",
        "mov rcx, [rdi + {gpr} + 8*1]",
        "mov rdx, [rdi + {gpr} + 8*2]",
        "mov rbx, [rdi + {gpr} + 8*3]",
        "mov rsp, [rdi + {gpr} + 8*4]",
        "mov rbp, [rdi + {gpr} + 8*5]",
        "mov rsi, [rdi + {gpr} + 8*6]",
        "mov r8, [rdi + {gpr} + 8*8]",
        "mov r9, [rdi + {gpr} + 8*9]",
        "mov r10, [rdi + {gpr} + 8*10]",
        "mov r11, [rdi + {gpr} + 8*11]",
        "mov r12, [rdi + {gpr} + 8*12]",
        "mov r13, [rdi + {gpr} + 8*13]",
        "mov r14, [rdi + {gpr} + 8*14]",
        "mov r15, [rdi + {gpr} + 8*15]",
        "mov rdi, [rdi + {gpr} + 8*7]",
        "jmp [rip + {entry}]",
        host = sym HOST_STACK,
        result = sym RESULT,
        entry = sym ENTRY,
        components = sym COMPONENTS,
        flags = const offset_of!(State, flags),
        gpr = const offset_of!(State, gpr),
    )
}

/// Saves the state of the guest and returns from [`enter`]. Reached by a jump, with the guest's registers.
///
/// Nothing but `rsp` is changed before it is saved; the guest's stack is not used, it may be anywhere.
#[unsafe(naked)]
unsafe extern "sysv64" fn leave() {
    naked_asm!(
        "mov [rip + {guest}], rsp",
        "mov rsp, [rip + {result}]",
        "mov [rsp + {gpr} + 8*0], rax",
        "mov [rsp + {gpr} + 8*1], rcx",
        "mov [rsp + {gpr} + 8*2], rdx",
        "mov [rsp + {gpr} + 8*3], rbx",
        "mov [rsp + {gpr} + 8*5], rbp",
        "mov [rsp + {gpr} + 8*6], rsi",
        "mov [rsp + {gpr} + 8*7], rdi",
        "mov [rsp + {gpr} + 8*8], r8",
        "mov [rsp + {gpr} + 8*9], r9",
        "mov [rsp + {gpr} + 8*10], r10",
        "mov [rsp + {gpr} + 8*11], r11",
        "mov [rsp + {gpr} + 8*12], r12",
        "mov [rsp + {gpr} + 8*13], r13",
        "mov [rsp + {gpr} + 8*14], r14",
        "mov [rsp + {gpr} + 8*15], r15",
        "mov rdi, rsp",
        "mov rax, [rip + {guest}]",
        "mov [rdi + {gpr} + 8*4], rax",
        "lea rsp, [rdi + {flags} + 8]",
        "pushfq",
        "mov rsp, [rip + {host}]",
        "push 0x202",
        "popfq",
        "mov eax, [rip + {components}]",
        "xor edx, edx",
        "xsave64 [rdi]",
        "fninit",
        "push {mxcsr}",
        "ldmxcsr [rsp]",
        "pop rax",
        "mov [rdi + {selectors}], ds",
        "mov [rdi + {selectors} + 2], es",
        "mov [rdi + {selectors} + 4], fs",
        "mov [rdi + {selectors} + 6], gs",
        "mov [rdi + {selectors} + 8], ss",
        "cmp byte ptr [rip + {segments}], 0",
        "je 2f",
        "xor eax, eax",
        "mov ds, eax", "mov es, eax", "mov fs, eax", "mov gs, eax",
        "mov eax, {arch_prctl}", "mov edi, {set_fs}", "mov rsi, [rip + {fs_base}]", "syscall",
        "mov eax, {arch_prctl}", "mov edi, {set_gs}", "mov rsi, [rip + {gs_base}]", "syscall",
        "2:",
        "add rsp, 8",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbp", "pop rbx",
        "ret",
        guest = sym GUEST_STACK,
        host = sym HOST_STACK,
        result = sym RESULT,
        components = sym COMPONENTS,
        segments = sym SEGMENTS,
        fs_base = sym FS_BASE,
        gs_base = sym GS_BASE,
        flags = const offset_of!(State, flags),
        gpr = const offset_of!(State, gpr),
        selectors = const offset_of!(State, selectors),
        mxcsr = const xsave::MXCSR_INIT,
        arch_prctl = const libc::SYS_arch_prctl,
        set_fs = const libc_arch::SET_FS,
        set_gs = const libc_arch::SET_GS,
    )
}
