//! Faults and signals that are not memtrap's end exactly where they would have ended without it.
//!
//! Each test runs its role in two children, one of which has trapped an access before, and compares how they end.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;
#[path = "support/device.rs"]
mod device;
#[path = "support/page.rs"]
mod page;

use child::Ended;
use std::{hint::black_box, io::Write as _, ptr};

/// Runs `role` with and without memtrap in the process; in a child, plays it. Both children must end in the same way.
#[track_caller]
fn same_with_and_without(test: &str, role: impl FnOnce()) -> Ended {
    match child::role().as_deref() {
        None => {
            let (without, with) = (child::run(test, "without"), child::run(test, "with"));
            assert_eq!(with, without, "memtrap made a difference");
            with
        }
        Some("without") => {
            role();
            std::process::exit(0);
        }
        Some(_) => {
            let region = page::scratch();
            assert_eq!(page::load(&region, 8), 8, "the access is trapped");
            role();
            assert_eq!(page::load(&region, 12), 12, "accesses are still trapped");
            std::process::exit(0);
        }
    }
}

/// Output of a role that bypasses the harness.
fn say(text: &str) {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).expect("the parent reads");
}

#[inline(never)]
fn overflow(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { overflow(depth + 1) + frame[black_box(0)] }
}

#[test]
fn a_stack_overflow_is_reported_by_std() {
    let ended = same_with_and_without("a_stack_overflow_is_reported_by_std", || {
        let deep = std::thread::Builder::new().name("deep".to_owned()).stack_size(64 << 10);
        let _ = deep.spawn(|| overflow(0)).expect("a thread can be started").join();
    });
    assert!(ended.stderr.contains("thread 'deep' ("), "{ended:#?}");
    assert!(ended.stderr.contains(") has overflowed its stack"), "{ended:#?}");
    ended.by_signal(libc::SIGABRT);
}

#[test]
fn a_stack_overflow_of_the_main_thread_is_reported_by_std() {
    let ended = same_with_and_without("a_stack_overflow_of_the_main_thread_is_reported_by_std", || {
        black_box(overflow(0));
    });
    assert!(ended.stderr.contains("has overflowed its stack"), "{ended:#?}");
    ended.by_signal(libc::SIGABRT);
}

#[test]
fn a_wild_pointer_kills_without_a_word() {
    let ended = same_with_and_without("a_wild_pointer_kills_without_a_word", || {
        let wild = black_box(ptr::without_provenance::<u32>(8));
        // SAFETY: None: the access must fault, and the process end.
        let _ = unsafe { wild.read_volatile() };
    });
    assert_eq!(ended.stderr, "");
    ended.by_signal(libc::SIGSEGV);
}

#[test]
fn a_misaligned_vector_access_to_a_register_is_not_carried_out() {
    let ended = same_with_and_without("a_misaligned_vector_access_to_a_register_is_not_carried_out", || {
        let region = page::scratch();
        let address = region.base().wrapping_add(8);
        // SAFETY: None: the instruction demands 16-byte alignment and must fault, without reaching the device.
        unsafe { std::arch::asm!("movaps xmm0, [{}]", in(reg) address, out("xmm0") _) };
        say("carried out");
    });
    assert!(!ended.stdout.contains("carried out"));
    assert_eq!(ended.stderr, "");
    ended.by_signal(libc::SIGSEGV);
}

#[test]
fn a_non_canonical_pointer_kills_without_a_word() {
    let ended = same_with_and_without("a_non_canonical_pointer_kills_without_a_word", || {
        let address = black_box(0x8000_0000_0000_0000_usize);
        // SAFETY: None: the access must fault, and the process end.
        unsafe { std::arch::asm!("mov {0}, [{0}]", inout(reg) address => _) };
    });
    assert_eq!(ended.stderr, "");
    ended.by_signal(libc::SIGSEGV);
}

#[test]
fn a_jump_into_a_register_block_kills_without_asking_the_device() {
    let ended = same_with_and_without("a_jump_into_a_register_block_kills_without_asking_the_device", || {
        let region = page::scratch();
        let wild = region.base();
        // SAFETY: None: the pages are not executable, so the fetch must fault, and the process end.
        unsafe { std::arch::asm!("call {}", in(reg) wild, clobber_abi("C")) };
        say("went on");
    });
    assert!(!ended.stdout.contains("went on"));
    assert_eq!(ended.stderr, "");
    ended.by_signal(libc::SIGSEGV);
}

#[test]
fn a_signal_that_somebody_sent_gets_the_answer_of_stds_handler() {
    // The first one makes std's handler give up, which restores the default; the second one kills.
    let ended = same_with_and_without("a_signal_that_somebody_sent_gets_the_answer_of_stds_handler", || {
        say("first");
        send();
        say("survived the first");
        send();
        say("survived the second");
    });
    assert!(ended.stdout.contains("survived the first") && !ended.stdout.contains("survived the second"), "{ended:#?}");
    ended.by_signal(libc::SIGSEGV);
}

#[test]
fn accesses_are_trapped_after_a_signal_that_somebody_sent() {
    let ended = same_with_and_without("accesses_are_trapped_after_a_signal_that_somebody_sent", || {
        send();
        say("survived");
    });
    assert!(ended.status.success() && ended.stdout.contains("survived"), "{ended:#?}");
}

/// Sends SIGSEGV to this thread. (`kill` would choose any thread, and return before it is delivered.)
fn send() {
    // SAFETY: The call is always allowed.
    assert_eq!(unsafe { libc::raise(libc::SIGSEGV) }, 0);
}
