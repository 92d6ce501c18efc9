//! The dispositions that were installed before the engine's, and how signals reach them.

use super::super::asm;
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    io,
    mem::MaybeUninit,
    ptr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The signals of traps, of faults that a stub or a copy can raise, and of breakpoints.
const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, BREAKPOINT];
const BREAKPOINT: c_int = libc::SIGTRAP;

/// What was installed for each of [`SIGNALS`] before.
static PREVIOUS: [OnceLock<Previous>; SIGNALS.len()] = [const { OnceLock::new() }; SIGNALS.len()];

/// A foreign signal disposition.
struct Previous {
    action: libc::sigaction,
    /// Set when the disposition has become the default: by `SA_RESETHAND`, or because its handler removed itself.
    reset: AtomicBool,
}

/// Installs the engine's handler for all of its signals but that of breakpoints.
pub(super) fn install() -> io::Result<()> {
    install_for(|signal| signal != BREAKPOINT)
}

/// Installs the engine's handler for breakpoints, which are needed only when code is changed.
pub(in super::super) fn install_breakpoints() -> io::Result<()> {
    install_for(|signal| signal == BREAKPOINT)
}

fn install_for(wanted: impl Fn(c_int) -> bool) -> io::Result<()> {
    for (signal, previous) in SIGNALS.into_iter().zip(&PREVIOUS).filter(|(signal, _)| wanted(*signal)) {
        if previous.get().is_some() {
            continue;
        }
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

/// Passes a signal to the disposition that was installed before the engine's, with its context as it is.
pub(super) fn pass_on(signal: c_int, info: &mut siginfo_t, context: &mut ucontext_t) {
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
