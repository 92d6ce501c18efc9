//! Catches what instances raise, and interrupts them.
//!
//! The handlers must be installed before the first region is mapped: memtrap's own come in front of them and pass on
//! whatever is not a device access.

use crate::suite::{arena::Arena, capture, runner};
use std::{
    arch::naked_asm,
    cell::UnsafeCell,
    ffi::{c_int, c_void},
    io, mem, ptr,
    sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

/// A signal that an instance raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) signal: c_int,
    /// Address of the instruction that the signal is reported at.
    pub(crate) at: u64,
    /// The address that could not be accessed, if that was the reason.
    pub(crate) page_fault: Option<u64>,
}

impl Raised {
    /// The processor does not know the instruction, or not with these operands.
    pub(crate) fn is_invalid_opcode(self) -> bool {
        self.signal == libc::SIGILL
    }
}

static INSIDE: AtomicBool = AtomicBool::new(false);
static SIGNAL: AtomicI32 = AtomicI32::new(0);
static AT: AtomicU64 = AtomicU64::new(0);
static CODE: AtomicI32 = AtomicI32::new(0);
static ADDRESS: AtomicU64 = AtomicU64::new(0);

/// Timer signals, and those that came between the entry to an instance and the exit from it.
static TICKS: AtomicUsize = AtomicUsize::new(0);
static TICKS_IN_GUEST: AtomicUsize = AtomicUsize::new(0);
/// Timer signals since an instance was entered or left.
static TICKS_WITHOUT_PROGRESS: AtomicUsize = AtomicUsize::new(0);
static TICKS_UNTIL_STUCK: AtomicUsize = AtomicUsize::new(usize::MAX);

/// What is being run, for the report of a crash or a hang. Written only while the handlers do not look at it.
struct Current(UnsafeCell<[u8; 1024]>, AtomicUsize);
// SAFETY: one thread writes it; handlers that interrupt this thread read it up to the length published last.
unsafe impl Sync for Current {}
static CURRENT: Current = Current(UnsafeCell::new([0; 1024]), AtomicUsize::new(0));

/// `si_code` of a page fault: nothing is mapped there, or not for this kind of access.
const SEGV_MAPERR: c_int = 1;
const SEGV_ACCERR: c_int = 2;

/// Names what is run next, for the report of a crash or a hang.
pub(crate) fn announce(text: &str) {
    CURRENT.1.store(0, Ordering::SeqCst);
    let length = text.len().min(1024);
    // SAFETY: the published length is 0, so no handler reads the buffer; only the one running thread writes it.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), CURRENT.0.get().cast::<u8>(), length) };
    CURRENT.1.store(length, Ordering::SeqCst);
}

/// Says whether the guest is running from here on.
pub(crate) fn watch(inside: bool) {
    TICKS_WITHOUT_PROGRESS.store(0, Ordering::Relaxed);
    INSIDE.store(inside, Ordering::SeqCst);
}

/// What was raised since the last call.
pub(crate) fn take_raised() -> Option<Raised> {
    let signal = SIGNAL.swap(0, Ordering::Relaxed);
    let page_fault = signal == libc::SIGSEGV && matches!(CODE.load(Ordering::Relaxed), SEGV_MAPERR | SEGV_ACCERR);
    (signal != 0).then(|| Raised {
        signal,
        at: AT.load(Ordering::Relaxed),
        page_fault: page_fault.then(|| ADDRESS.load(Ordering::Relaxed)),
    })
}

/// Takes the number of timer signals, and of those that came while an instance ran, since the last call.
pub(crate) fn take_ticks() -> (usize, usize) {
    (TICKS.swap(0, Ordering::Relaxed), TICKS_IN_GUEST.swap(0, Ordering::Relaxed))
}

/// Room for a few signal frames with all vector registers, one in the other. The standard library's has room for two.
const ALTERNATE_STACK: usize = 1 << 18;

/// Installs the handlers, and a stack for them.
pub(crate) fn install() -> io::Result<()> {
    let stack = Box::leak(vec![0u8; ALTERNATE_STACK].into_boxed_slice());
    let stack = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: ALTERNATE_STACK };
    // SAFETY: the memory is never freed and nobody else's.
    if unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP] {
        set_handler(signal, on_fault_entry as *const () as usize)?;
    }
    set_handler(libc::SIGALRM, on_tick_entry as *const () as usize)
}

/// Starts a timer that raises SIGALRM at this interval; it also ends a process that hangs.
pub(crate) fn start_timer(interval: Duration) -> io::Result<()> {
    let seconds_until_stuck = 20;
    let ticks = (seconds_until_stuck * 1_000_000 / interval.as_micros().max(1)).max(2);
    TICKS_UNTIL_STUCK.store(ticks as usize, Ordering::Relaxed);
    let interval =
        libc::timeval { tv_sec: interval.as_secs().cast_signed(), tv_usec: i64::from(interval.subsec_micros()) };
    let timer = libc::itimerval { it_interval: interval, it_value: interval };
    // SAFETY: the structure is valid and the old value is not asked for.
    let result = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn set_handler(signal: c_int, handler: usize) -> io::Result<()> {
    // SAFETY: all zeroes is a valid `sigaction`: the default action and an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handler;
    // The guest's stack pointer may be anywhere, so every handler needs the alternate stack; memtrap passes a fault on
    // while SIGSEGV is being handled.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER | libc::SA_RESTART;
    // SAFETY: the handler has the signature SA_SIGINFO asks for and only does what is allowed in one.
    let result = unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The kernel leaves EFLAGS.AC as the guest set it; Rust code must not run with it.
#[unsafe(naked)]
unsafe extern "C" fn on_fault_entry() {
    naked_asm!("pushfq", "and dword ptr [rsp], ~0x40000", "popfq", "jmp {}", sym on_fault)
}

#[unsafe(naked)]
unsafe extern "C" fn on_tick_entry() {
    naked_asm!("pushfq", "and dword ptr [rsp], ~0x40000", "popfq", "jmp {}", sym on_tick)
}

extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel, or memtrap in its place, passes a valid context to an SA_SIGINFO handler.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let rip = registers[libc::REG_RIP as usize].cast_unsigned();
    // SAFETY: likewise valid information about the signal.
    let info = unsafe { &*info };
    // SAFETY: all signals this is installed for carry an address.
    let address = unsafe { info.si_addr() }.addr() as u64;
    let in_code = |arena: &Arena| (arena.code().start..=arena.code().end).contains(&rip);
    // A branch through memory may lead anywhere; then the address that cannot be read is the instruction's own.
    let astray = address == rip;
    if !INSIDE.load(Ordering::SeqCst) || !(astray || Arena::ALL.iter().any(in_code)) {
        give_up("crashed outside of the instance", signal, rip, address);
    }
    SIGNAL.store(signal, Ordering::Relaxed);
    AT.store(rip, Ordering::Relaxed);
    CODE.store(info.si_code, Ordering::Relaxed);
    ADDRESS.store(address, Ordering::Relaxed);
    registers[libc::REG_RIP as usize] = runner::exit_address().cast_signed();
}

extern "C" fn on_tick(signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    TICKS.fetch_add(1, Ordering::Relaxed);
    if INSIDE.load(Ordering::SeqCst) {
        TICKS_IN_GUEST.fetch_add(1, Ordering::Relaxed);
    }
    let stuck = TICKS_WITHOUT_PROGRESS.fetch_add(1, Ordering::Relaxed);
    if INSIDE.load(Ordering::Relaxed) && stuck > TICKS_UNTIL_STUCK.load(Ordering::Relaxed) {
        // SAFETY: the kernel passes a valid context to an SA_SIGINFO handler.
        let rip = unsafe { (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs[libc::REG_RIP as usize] };
        give_up("hangs", signal, rip.cast_unsigned(), 0);
    }
}

/// Says what was running and ends the process with `signal`.
fn give_up(what: &str, signal: c_int, rip: u64, address: u64) -> ! {
    let put = |bytes: &[u8]| {
        // SAFETY: the buffer is valid for its length.
        let _written = unsafe { libc::write(capture::standard_error(), bytes.as_ptr().cast(), bytes.len()) };
    };
    // Formatting could allocate, and the crash may have been in the allocator.
    let hex = |number: u64| -> [u8; 16] {
        std::array::from_fn(|at| b"0123456789abcdef"[(number >> (60 - 4 * at) & 15) as usize])
    };
    put(b"conformance: ");
    put(what.as_bytes());
    put(b", at ");
    put(&hex(rip));
    put(b" (entry and exit of the suite: ");
    put(&hex(runner::exit_address()));
    put(b"), address ");
    put(&hex(address));
    put(b"\n  ");
    let current = CURRENT.0.get().cast::<u8>();
    // SAFETY: the first `length` bytes were written before the length was published.
    put(unsafe { std::slice::from_raw_parts(current, CURRENT.1.load(Ordering::SeqCst)) });
    put(b"\n");
    // SAFETY: restoring the default action has no preconditions.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    // SAFETY: nor has raising a signal.
    unsafe { libc::raise(signal) };
    std::process::abort()
}
