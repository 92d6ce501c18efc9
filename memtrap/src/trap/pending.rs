//! What the next fault of a thread means: a message from ordinary context to the signal handler.
#![forbid(unsafe_code)]

use std::cell::Cell;

/// A fault that the driver's instruction would have raised natively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NativeFault {
    /// Number of the signal.
    pub(super) signal: i32,
    /// `si_code` of the signal.
    pub(super) code: i32,
    /// The exception's number, as the signal frame's `REG_TRAPNO`.
    pub(super) exception: i64,
    /// The exception's error code, as the signal frame's `REG_ERR`.
    pub(super) error: i64,
    /// Whether `si_addr` is the instruction (as for arithmetic faults) or `address`.
    pub(super) address: FaultAddress,
}

impl NativeFault {
    /// A misaligned access under the alignment-check flag, as the kernel reports it.
    pub(super) fn alignment_check() -> Self {
        // asm-generic/siginfo.h
        const BUS_ADRALN: i32 = 1;
        const SIGBUS: i32 = 7;
        Self { signal: SIGBUS, code: BUS_ADRALN, exception: 17, error: 0, address: FaultAddress::Data(0) }
    }

    /// A general-protection fault with this error code, as the kernel reports it.
    pub(super) fn general_protection(error: u16) -> Self {
        /// asm-generic/siginfo.h
        const SI_KERNEL: i32 = 0x80;
        const SIGSEGV: i32 = 11;
        Self {
            signal: SIGSEGV,
            code: SI_KERNEL,
            exception: 13,
            error: i64::from(error),

            address: FaultAddress::Data(0),
        }
    }
}

/// The part of the floating-point state that the processor has changed already when it raises an unmasked exception: the
/// flags in `MXCSR`, and the x87 unit's registers if the instruction uses them as MMX registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FloatState {
    pub(super) mxcsr: u32,
    /// Control words, as the first 24 bytes of an `xsave` image, and registers, as bytes 32 to 160; `None` if initial.
    pub(super) x87: Option<([u8; 24], [[u8; 16]; 8])>,
}

/// What `si_addr` of a native fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultAddress {
    /// The instruction that faulted.
    Instruction,
    /// This data address.
    Data(usize),
}

/// What shall happen when the thread faults at an instruction again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// The engine refused the instruction: the fault goes to the previous handler as it is.
    Refused,
    /// The instruction itself faults: this fault goes to the handler it belongs to.
    Native(NativeFault),
}

thread_local! {
    /// The instruction's address and what its next fault means.
    static NEXT: Cell<Option<(usize, Pending)>> = const { Cell::new(None) };
    /// The fault of the stub that ran last.
    static STUB: Cell<Option<NativeFault>> = const { Cell::new(None) };
    /// The floating-point state at that fault, if it was a vector exception.
    static FLOAT: Cell<Option<FloatState>> = const { Cell::new(None) };
}

/// Says what the next fault at `rip` means. The thread executes that instruction next.
pub(super) fn set(rip: usize, pending: Pending) {
    NEXT.with(|next| next.set(Some((rip, pending))));
}

/// Takes what the fault at `rip` means, if something was said.
pub(super) fn take(rip: usize) -> Option<Pending> {
    NEXT.with(|next| {
        let (expected, pending) = next.get()?;
        // A signal handler may have faulted first; the message stays for the instruction it is meant for.
        (expected == rip).then(|| {
            next.set(None);
            pending
        })
    })
}

/// Keeps the fault of a stub, or of an access to the driver's memory, for the code that runs it.
pub(super) fn set_engine_fault(fault: NativeFault) {
    STUB.with(|stub| stub.set(Some(fault)));
}

/// Takes the fault that the signal handler kept.
pub(super) fn take_engine_fault() -> Option<NativeFault> {
    STUB.with(Cell::take)
}

/// Keeps the floating-point state of a stub that raised a vector exception.
pub(super) fn set_engine_float(state: FloatState) {
    FLOAT.with(|float| float.set(Some(state)));
}

/// Takes the floating-point state that the signal handler kept.
pub(super) fn take_engine_float() -> Option<FloatState> {
    FLOAT.with(Cell::take)
}
