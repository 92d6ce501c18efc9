//! A handler that was installed before memtrap keeps what is its own: its faults, their context, and its flags.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;
#[path = "support/device.rs"]
mod device;
#[path = "support/page.rs"]
mod page;

use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    arch::asm,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed},
};

/// Installs a disposition as a program does that was there before memtrap.
fn install(handler: usize, flags: c_int) {
    // SAFETY: All zeros is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: The handlers of this file do nothing that a signal handler must not do.
    assert_eq!(unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, ptr::null_mut()) }, 0);
}

/// Runs the test in a child; in the child, installs the disposition, then memtrap, then runs `role`.
fn after(test: &str, handler: usize, flags: c_int, role: impl FnOnce()) -> Option<child::Ended> {
    if child::role().is_none() {
        return Some(child::run(test, "child"));
    }
    install(handler, flags);
    let region = page::scratch();
    assert_eq!(page::load(&region, 8), 8, "the access is trapped");
    role();
    assert_eq!(page::load(&region, 12), 12, "accesses are still trapped");
    assert_eq!(region.device().reads, 2);
    None
}

#[track_caller]
fn assert_passed(ended: &child::Ended) {
    assert!(ended.status.success() && ended.stdout.contains("1 passed"), "{ended:#?}");
}

static CALLS: AtomicUsize = AtomicUsize::new(0);
static SEEN: [AtomicI64; 6] = [const { AtomicI64::new(0) }; 6];

/// Notes the context and lets the two-byte load `mov eax, [rdi]` end with 0x55.
extern "C" fn skip_load(_: c_int, info: *mut siginfo_t, context: *mut c_void) {
    CALLS.fetch_add(1, Relaxed);
    // SAFETY: The kernel, or memtrap in its place, passes a valid description.
    let info = unsafe { &*info };
    // SAFETY: As above; the context is writable until the handler returns.
    let context = unsafe { &mut *context.cast::<ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    // SAFETY: The signal is a fault, so it has an address.
    let address = unsafe { info.si_addr() }.addr() as i64;
    let seen = [
        address,
        registers[libc::REG_TRAPNO as usize],
        registers[libc::REG_R12 as usize],
        registers[libc::REG_RIP as usize],
        registers[libc::REG_RSP as usize],
        i64::from(info.si_code),
    ];
    SEEN.iter().zip(seen).for_each(|(slot, value)| slot.store(value, Relaxed));
    registers[libc::REG_RAX as usize] = 0x55;
    registers[libc::REG_RIP as usize] += 2;
}

extern "C" fn count(_: c_int) {
    CALLS.fetch_add(1, Relaxed);
}

/// Loads from `address` with known values in other registers; returns the value, the load's address and the stack's.
fn load(address: usize) -> (u64, i64, i64) {
    let (value, instruction, stack): (u64, i64, i64);
    // SAFETY: The handler steps over the load; nothing but the named registers changes.
    unsafe {
        asm!(
            "mov r12, 0x1234567",
            "lea {instruction}, [rip + 2f]",
            "mov {stack}, rsp",
            "2:",
            "mov eax, [rdi]",
            instruction = out(reg) instruction,
            stack = out(reg) stack,
            in("rdi") address,
            out("rax") value,
            out("r12") _,
        );
    }
    (value, instruction, stack)
}

/// Checks what the handler saw of a load from `address` that raised exception number `exception`.
fn assert_load_reached_the_handler(address: usize, reported: i64, exception: i64) {
    let (value, instruction, stack) = load(address);
    assert_eq!(value, 0x55, "the handler's change to the context counts");
    let seen = SEEN.each_ref().map(|slot| slot.load(Relaxed));
    assert_eq!(seen[..5], [reported, exception, 0x123_4567, instruction, stack]);
    assert_eq!(CALLS.load(Relaxed), 1, "only for its own fault");
}

#[test]
fn a_handler_gets_its_page_faults_with_their_context() {
    let test = "a_handler_gets_its_page_faults_with_their_context";
    let handler = skip_load as *const () as usize;
    let ended = after(test, handler, libc::SA_SIGINFO, || assert_load_reached_the_handler(0x18, 0x18, 14));
    if let Some(ended) = ended {
        assert_passed(&ended);
    }
}

#[test]
fn a_handler_gets_its_general_protection_faults() {
    let test = "a_handler_gets_its_general_protection_faults";
    let handler = skip_load as *const () as usize;
    let ended = after(test, handler, libc::SA_SIGINFO | libc::SA_ONSTACK, || {
        assert_load_reached_the_handler(1 << 63, 0, 13);
    });
    if let Some(ended) = ended {
        assert_passed(&ended);
    }
}

#[test]
fn a_handler_without_siginfo_is_called_for_what_somebody_sent() {
    let test = "a_handler_without_siginfo_is_called_for_what_somebody_sent";
    let ended = after(test, count as *const () as usize, 0, || {
        for expected in 1..=3 {
            send();
            assert_eq!(CALLS.load(Relaxed), expected);
        }
    });
    if let Some(ended) = ended {
        assert_passed(&ended);
    }
}

#[test]
fn a_one_shot_handler_is_called_once() {
    let test = "a_one_shot_handler_is_called_once";
    let ended = after(test, count as *const () as usize, libc::SA_RESETHAND, || {
        send();
        assert_eq!(CALLS.load(Relaxed), 1);
        println!("survived the first");
        send();
        println!("survived the second");
    });
    if let Some(ended) = ended {
        let ended = ended.by_signal(libc::SIGSEGV);
        assert!(ended.stdout.contains("survived the first"), "{ended:#?}");
        assert!(!ended.stdout.contains("survived the second"), "{ended:#?}");
    }
}

#[test]
fn an_ignored_signal_stays_ignored() {
    let test = "an_ignored_signal_stays_ignored";
    let ended = after(test, libc::SIG_IGN, 0, || {
        send();
        send();
    });
    if let Some(ended) = ended {
        assert_passed(&ended);
    }
}

#[test]
fn a_fault_cannot_be_ignored() {
    let ended = after("a_fault_cannot_be_ignored", libc::SIG_IGN, 0, || {
        let _ = load(0x18);
        println!("went on");
    });
    if let Some(ended) = ended {
        let ended = ended.by_signal(libc::SIGSEGV);
        assert!(!ended.stdout.contains("went on") && ended.stderr.is_empty(), "{ended:#?}");
    }
}

#[test]
fn the_default_disposition_kills() {
    let ended = after("the_default_disposition_kills", libc::SIG_DFL, 0, || {
        let _ = load(0x18);
        println!("went on");
    });
    if let Some(ended) = ended {
        let ended = ended.by_signal(libc::SIGSEGV);
        assert!(!ended.stdout.contains("went on") && ended.stderr.is_empty(), "{ended:#?}");
    }
}

/// Sends SIGSEGV to this thread.
fn send() {
    // SAFETY: The call is always allowed.
    assert_eq!(unsafe { libc::raise(libc::SIGSEGV) }, 0);
}
