//! The driver's registers at a trapped instruction.

/// The driver's general registers, flags and instruction pointer, as the entry thunk stores them.
///
/// The order is fixed: the thunk pushes and pops the fields.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// `rax rcx rdx rbx rsp rbp rsi rdi r8 … r15`, by their numbers in instruction encodings.
    pub(crate) gpr: [u64; 16],
    /// The flags.
    pub(crate) rflags: u64,
    /// Address of the instruction on entry, of the next one on exit.
    pub(crate) rip: u64,
}

/// Bytes below the stack pointer that belong to the interrupted function (System V ABI, 3.2.2).
pub(crate) const RED_ZONE: usize = 128;

/// Number of `rsp` in instruction encodings.
pub(crate) const RSP: usize = 4;

/// The direction flag: string instructions count down.
pub(crate) const DIRECTION_FLAG: u64 = 1 << 10;
/// The zero flag.
pub(crate) const ZERO_FLAG: u64 = 1 << 6;
/// The trap flag: a debugger is single-stepping.
pub(crate) const TRAP_FLAG: u64 = 1 << 8;
