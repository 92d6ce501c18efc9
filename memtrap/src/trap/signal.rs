//! The signal handler: decides whose fault it is and sends the driver to the entry thunk, or passes the fault on.
//!
//! In signal context nothing allocates, locks, decodes or calls a device. Permitted are: reading atomics and the
//! page table, thread-local cells without destructors, and `sigaction`, which is async-signal-safe.

use super::{
    asm, decode,
    frame::RED_ZONE,
    pages,
    pending::{self, FaultAddress, FloatState, NativeFault, Pending},
    stackless,
    xstate::{self, Image},
};
use crate::bus::{ports, table};
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    io,
    mem::MaybeUninit,
    ptr, slice,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The signals of traps, and of faults that a stub or a copy can raise.
const SIGNALS: [c_int; 3] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE];

/// What was installed for each of [`SIGNALS`] before.
static PREVIOUS: [OnceLock<Previous>; SIGNALS.len()] = [const { OnceLock::new() }; SIGNALS.len()];

/// A foreign signal disposition.
struct Previous {
    action: libc::sigaction,
    /// Set when the disposition has become the default: by `SA_RESETHAND`, or because its handler removed itself.
    reset: AtomicBool,
}

/// `REG_ERR` of a page fault: the access was an instruction fetch.
const FETCH: i64 = 1 << 4;
/// `REG_TRAPNO` of a page fault.
const PAGE_FAULT: i64 = 14;
/// `REG_TRAPNO` of a general-protection fault.
const GENERAL_PROTECTION: i64 = 13;
/// Distance from the first to the last byte of what `sgdt` stores.
const LONGEST_DESCRIPTOR: usize = 9;
/// `REG_TRAPNO` of an unmasked floating-point exception of a vector instruction.
const VECTOR_EXCEPTION: i64 = 19;
/// The alignment-check and direction flags.
const FLAGS_OF_COMPILED_CODE: i64 = !(1 << 18 | 1 << 10);

/// Installs the handlers.
pub(super) fn install() -> io::Result<()> {
    LEAVING_FRAMES_IS_SOUND.store(!xstate::has_protection_keys() && !has_shadow_stack(), Ordering::Relaxed);
    for (signal, previous) in SIGNALS.into_iter().zip(&PREVIOUS) {
        let action = current(signal)?;
        // Recorded before the handler can run.
        if previous.set(Previous { action, reset: AtomicBool::new(false) }).is_ok() {
            set(signal, &handler())?;
        }
    }
    Ok(())
}

/// The engine's own disposition.
fn handler() -> libc::sigaction {
    // SAFETY: All zeros is a valid `sigaction`: default handler, empty mask, no flags.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = asm::on_signal();
    // On the alternate stack, because the driver's may be what faulted. Not deferred: a device model that runs after
    // the handler has returned may itself trap, and so may the instruction in a stub.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    action
}

fn current(signal: c_int) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: A null new action only queries; the old one is written to `action`.
    if unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: The call succeeded, so it has written the action.
    Ok(unsafe { action.assume_init() })
}

fn set(signal: c_int, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: The action is the engine's own handler, or one that was installed before.
    if unsafe { libc::sigaction(signal, action, ptr::null_mut()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What the engine needs to know of a fault.
struct Fault {
    signal: c_int,
    code: c_int,
    address: usize,
    exception: i64,
    error: i64,
    rip: usize,
}

impl Fault {
    fn new(signal: c_int, info: &siginfo_t, context: &ucontext_t) -> Self {
        let register = |number: c_int| context.uc_mcontext.gregs[number as usize];
        Self {
            signal,
            code: info.si_code,
            // SAFETY: The kernel fills `si_addr` for faults; for other senders it is some initialised bytes that are
            // not used.
            address: unsafe { info.si_addr() }.addr(),
            exception: register(libc::REG_TRAPNO),
            error: register(libc::REG_ERR),
            #[expect(clippy::cast_sign_loss, reason = "the register holds an address")]
            rip: register(libc::REG_RIP) as usize,
        }
    }

    /// Whether the kernel raised it for an instruction of this thread, in contrast to `kill` and its relatives.
    fn is_synchronous(&self) -> bool {
        self.code > 0
    }

    /// Whether an instruction read or wrote an address of memtrap's.
    fn is_trap(&self) -> bool {
        self.signal == libc::SIGSEGV
            && self.is_synchronous()
            && self.exception == PAGE_FAULT
            && self.error & FETCH == 0
            && (is_claimed(self.address) || self.is_emulated_store() && is_claimed(self.address + LONGEST_DESCRIPTOR))
    }

    /// Whether the instruction is an `in` or `out` of a port that is memtrap's. The processor refuses these to a program
    /// as it does privileged instructions.
    fn is_port_access(&self, context: &ucontext_t) -> bool {
        if self.signal != libc::SIGSEGV || !self.is_synchronous() || self.exception != GENERAL_PROTECTION {
            return false;
        }
        // SAFETY: A processor has just executed the instruction.
        let instruction = unsafe { decode::code_on_page(self.rip) };
        let dx = context.uc_mcontext.gregs[libc::REG_RDX as usize] as u16;
        let port = match decode::without_prefixes(instruction) {
            [0xe4..=0xe7, port, ..] => u16::from(*port),
            [0xec..=0xef | 0x6c..=0x6f, ..] => dx,
            _ => return false,
        };
        table::is_claimed(ports::address(port))
    }

    /// Whether the instruction is a store of a descriptor table register or its like. Where the processor forbids these
    /// (UMIP), the kernel carries them out, and reports where the operand starts instead of where it faulted.
    fn is_emulated_store(&self) -> bool {
        // SAFETY: A processor has just executed the instruction.
        let instruction = unsafe { decode::code_on_page(self.rip) };
        match decode::without_prefixes(instruction) {
            [0x0f, group @ (0x00 | 0x01), modrm, ..] => {
                let operation = modrm >> 3 & 0b111;
                // str, sldt; sgdt, sidt, smsw.
                if *group == 0 { operation < 2 } else { operation < 2 || operation == 4 }
            }
            _ => false,
        }
    }
}

fn is_claimed(address: usize) -> bool {
    pages::in_arena(address) || table::is_claimed(address)
}

/// The handler proper, entered with the alignment-check flag clear.
///
/// # Safety
///
/// Called by the kernel as a signal handler with `SA_SIGINFO`.
pub(super) unsafe extern "C" fn on_signal(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
) -> *const ucontext_t {
    // SAFETY: The kernel passes a signal description that lives as long as the handler runs.
    let info = unsafe { &mut *info };
    // SAFETY: With `SA_SIGINFO` the third argument is the interrupted machine context, writable until the handler
    // returns.
    let context = unsafe { &mut *context.cast::<ucontext_t>() };
    let fault = Fault::new(signal, info, context);

    if fault.is_synchronous()
        && let Some(recovery) = asm::recovery(fault.rip)
    {
        pending::set_engine_fault(NativeFault {
            signal,
            code: fault.code,
            exception: fault.exception,
            error: fault.error,
            address: if fault.address == fault.rip {
                FaultAddress::Instruction
            } else {
                FaultAddress::Data(fault.address)
            },
        });
        if fault.exception == VECTOR_EXCEPTION {
            pending::set_engine_float(float(context));
        }
        set_register(context, libc::REG_RIP, recovery);
        context.uc_mcontext.gregs[libc::REG_EFL as usize] &= FLAGS_OF_COMPILED_CODE;
        return ptr::null();
    }
    if fault.is_synchronous() && fault.rip == asm::leave() {
        stackless::leave(context);
        return ptr::null();
    }
    match (fault.is_trap() || fault.is_port_access(context)).then(|| pending::take(fault.rip)) {
        Some(None) => return redirect(&fault, info, context),
        None | Some(Some(Pending::Refused)) => pass_on(signal, info, context),
        Some(Some(Pending::Native(native))) => raise(native, fault.rip, info, context),
    }
    ptr::null()
}

/// Lets the driver continue in the entry thunk, as if the instruction had been a call of it.
///
/// Null if the signal frame says so already; otherwise the context, from which the caller shall go there.
fn redirect(fault: &Fault, info: &mut siginfo_t, context: &mut ucontext_t) -> *const ucontext_t {
    #[expect(clippy::cast_sign_loss, reason = "the register holds an address")]
    let stack = context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize;
    let slot = stack.wrapping_sub(RED_ZONE + size_of::<usize>());
    // A stack that lies in a region cannot hold the thunk's frame, nor can one that is not aligned as Rust needs it.
    let aligned = stack.is_multiple_of(size_of::<usize>());
    if !aligned || is_claimed(slot) || is_claimed(slot.wrapping_sub(table::PAGE)) {
        if !stackless::carry_out(context) {
            pass_on(fault.signal, info, context);
        }
        return ptr::null();
    }
    if may_leave_frame(context, stack) {
        return context;
    }
    // SAFETY: The eight bytes below the red zone of the driver's stack belong to whoever interrupts the driver
    // (System V ABI, 3.2.2). If the stack ends here, the store faults as a call would have, and is passed on.
    unsafe { ptr::with_exposed_provenance_mut::<usize>(slot).write_unaligned(fault.rip) };
    set_register(context, libc::REG_RSP, slot);
    set_register(context, libc::REG_RIP, asm::entry());
    ptr::null()
}

/// Whether nothing is lost when the handler is left without `rt_sigreturn`.
///
/// The handler's flags and mask leave the thread's signal mask alone, and the thunk restores the registers. What else
/// the kernel would restore is: an alternate stack that it disarmed (`SS_AUTODISARM`), extended state that the thunk
/// leaves alone, protection keys, and the shadow stack; the last two are looked for at installation.
fn may_leave_frame(context: &ucontext_t, stack: usize) -> bool {
    const SS_AUTODISARM: c_int = 1 << 31;
    /// A frame this near below the stack pointer is on the driver's own stack, where the copy would overwrite it.
    const NEAR: usize = 1 << 16;

    let near = stack.wrapping_sub(ptr::from_ref(context).addr()) < NEAR;
    LEAVING_FRAMES_IS_SOUND.load(Ordering::Relaxed)
        && !near
        && context.uc_stack.ss_flags & SS_AUTODISARM == 0
        && xstate::covers(components_in_use(context))
}

/// Whether the processor and the process keep nothing in a signal frame that only `rt_sigreturn` restores.
static LEAVING_FRAMES_IS_SOUND: AtomicBool = AtomicBool::new(false);

/// The components of extended state that the signal frame holds a value of.
fn components_in_use(context: &ucontext_t) -> u64 {
    const HEADER: usize = 512;
    let header = context.uc_mcontext.fpregs.wrapping_byte_add(HEADER).cast::<u64>();
    // SAFETY: The kernel stores the extended state in the format of `xsave`, whose header follows the legacy region.
    unsafe { header.read() }
}

/// The floating-point state of the interrupted code.
fn float(context: &ucontext_t) -> FloatState {
    let image = context.uc_mcontext.fpregs.cast::<u8>();
    // SAFETY: The kernel stores the extended state in every signal frame; the legacy region and the header are its start.
    let bytes = unsafe { slice::from_raw_parts_mut(image, xstate::HEADER_END) };
    Image::new(bytes).float()
}

/// Whether the process has a user shadow stack.
fn has_shadow_stack() -> bool {
    // asm/prctl.h
    const ARCH_SHSTK_STATUS: c_int = 0x5005;
    let mut features = 0_u64;
    // SAFETY: The call writes eight bytes to `features` if the kernel knows it.
    let status = unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_SHSTK_STATUS, &raw mut features) };
    status == 0 && features != 0
}

#[expect(clippy::cast_possible_wrap, reason = "the context stores addresses in signed registers")]
fn set_register(context: &mut ucontext_t, register: c_int, value: usize) {
    context.uc_mcontext.gregs[register as usize] = value as i64;
}

/// Delivers the fault that the driver's instruction raises natively, in place of the page fault it got.
fn raise(native: NativeFault, rip: usize, info: &mut siginfo_t, context: &mut ucontext_t) {
    context.uc_mcontext.gregs[libc::REG_TRAPNO as usize] = native.exception;
    context.uc_mcontext.gregs[libc::REG_ERR as usize] = native.error;
    info.si_signo = native.signal;
    info.si_code = native.code;
    let address = match native.address {
        FaultAddress::Instruction => rip,
        FaultAddress::Data(address) => address,
    };
    let si_addr = ptr::from_mut(info).wrapping_byte_add(16).cast::<usize>();
    // SAFETY: For the signals of faults the description, which is larger, continues with the address at byte 16.
    unsafe { si_addr.write(address) };
    pass_on(native.signal, info, context);
}

/// Passes a signal to the disposition that was installed before the engine's, with its context as it is.
fn pass_on(signal: c_int, info: &mut siginfo_t, context: &mut ucontext_t) {
    let position = SIGNALS.iter().position(|other| *other == signal);
    let Some(previous) = position.and_then(|position| PREVIOUS[position].get()) else {
        return end(signal, info);
    };
    let action = &previous.action;
    let reset = previous.reset.load(Ordering::Relaxed);
    if reset || action.sa_sigaction == libc::SIG_DFL || (action.sa_sigaction == libc::SIG_IGN && info.si_code > 0) {
        return end(signal, info);
    }
    if action.sa_sigaction == libc::SIG_IGN {
        return;
    }
    if action.sa_flags & libc::SA_RESETHAND != 0 {
        previous.reset.store(true, Ordering::Relaxed);
    }
    if action.sa_flags & libc::SA_SIGINFO != 0 {
        type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
        // SAFETY: With `SA_SIGINFO` the disposition is a function with these parameters.
        let handler = unsafe { std::mem::transmute::<usize, Handler>(action.sa_sigaction) };
        handler(signal, info, ptr::from_mut(context).cast());
    } else {
        // SAFETY: Without `SA_SIGINFO` the disposition is a function of the signal's number.
        let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(action.sa_sigaction) };
        handler(signal);
    }
    stay_installed(signal, info, previous);
}

/// A handler that gives up sets the default disposition, which removes the engine's as well. After a fault that is as
/// it should be: the instruction faults again and the process ends as without memtrap. A signal that somebody sent
/// does not come again, and the process lives on: the engine's handler must, too.
fn stay_installed(signal: c_int, info: &siginfo_t, previous: &Previous) {
    if info.si_code > 0 {
        return;
    }
    if let Ok(now) = current(signal)
        && now.sa_sigaction == libc::SIG_DFL
    {
        previous.reset.store(true, Ordering::Relaxed);
        // If it fails, the next access of a driver ends the process: what the foreign handler asked for.
        let _ = set(signal, &handler());
    }
}

/// Lets the process end by `signal`, as it would without memtrap.
fn end(signal: c_int, info: &siginfo_t) {
    // SAFETY: All zeros is a valid `sigaction`: the default disposition.
    let default: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    // If the default could not be set, the fault would come back for ever: end at once.
    if set(signal, &default).is_err() {
        // SAFETY: `abort` may be called in a signal handler.
        unsafe { libc::abort() };
    }
    // A fault of the driver's instruction comes again and meets the default disposition. Any other must be sent.
    let faults_again = info.si_code > 0 && matches!(signal, libc::SIGSEGV);
    if !faults_again {
        // SAFETY: `raise` may be called in a signal handler; the signal is delivered when the handler returns.
        unsafe { libc::raise(signal) };
    }
}

/// Blocks all signals of the thread; the mask before.
pub(super) fn block_all() -> libc::sigset_t {
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
pub(super) fn set_mask(mask: &libc::sigset_t) {
    // SAFETY: The mask is one that the thread had before.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask, ptr::null_mut()) };
}

/// Makes `size` bytes at `start` the thread's alternate signal stack; what it was before.
pub(super) fn replace_alternate_stack(start: *mut u8, size: usize) -> Option<libc::stack_t> {
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
pub(super) fn restore_alternate_stack(stack: &libc::stack_t) {
    // SAFETY: It was the thread's alternate stack before. The call cannot fail for a stack that was accepted once.
    unsafe { libc::sigaltstack(stack, ptr::null_mut()) };
}

/// A segment that has a base in 64-bit mode.
pub(super) enum SegmentBase {
    Fs,
    Gs,
}

/// The base of a segment of the current thread.
pub(super) fn segment_base(segment: SegmentBase) -> u64 {
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
pub(super) fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Sets the current thread's `errno`.
pub(super) fn set_errno(value: c_int) {
    // SAFETY: Asks for an address.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: libc gives the address of the thread's own variable, which is always valid.
    unsafe { errno.write(value) };
}
