//! String instructions, with and without repetition.

use crate::page::{Edge, Page};
use std::{
    arch::asm,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// `rep movsb`; the registers afterwards.
fn move_bytes(to: *mut u8, from: *const u8, count: usize) -> (usize, usize, usize) {
    let (rdi, rsi, rcx);
    // SAFETY: Both sides are the test's memory, or trapped.
    unsafe { asm!("rep movsb", inout("rdi") to => rdi, inout("rsi") from => rsi, inout("rcx") count => rcx) };
    (rdi, rsi, rcx)
}

#[test]
fn pitfall_15_moves_in_all_directions() {
    let page = Page::new();
    let source = *b"from memory";
    let after = move_bytes(page.at(8), source.as_ptr(), source.len());
    assert_eq!(after, (page.at(8 + 11).addr(), source.as_ptr().addr() + 11, 0));
    assert_eq!(page.bytes(8, 11), source);
    assert_eq!(page.log(), (8..19).map(|offset| ('W', offset, 1)).collect::<Vec<_>>());

    let mut back = [0; 11];
    move_bytes(back.as_mut_ptr(), page.at(8), 11);
    assert_eq!(back, source);

    let other = Page::new();
    page.log();
    move_bytes(other.at(0), page.at(8), 11);
    assert_eq!(other.bytes(0, 11), source);
    assert_eq!((page.log().len(), other.log().len()), (11, 11));

    assert_eq!(move_bytes(page.at(0), source.as_ptr(), 0).2, 0);
    assert_eq!(page.log(), [], "nothing is moved no times");

    // Downwards.
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("std", "rep movsw", "cld", inout("rdi") page.at(4) => _, inout("rsi") source.as_ptr().wrapping_add(4) => _,
            inout("rcx") 3_usize => _);
    }
    assert_eq!(page.bytes(0, 6), *b"from m");
    assert_eq!(page.log(), [('W', 4, 2), ('W', 2, 2), ('W', 0, 2)]);

    // With 32-bit registers: their upper halves are ignored, and cleared.
    let count: usize;
    // SAFETY: Nothing is accessed.
    unsafe {
        asm!("addr32 rep movsb", inout("rdi") page.at(0) => _, inout("rsi") page.at(0) => _,
            inout("rcx") 0xffff_ffff_0000_0000_usize => count);
    }
    assert_eq!((count & 0xffff_ffff, page.log()), (0, vec![]));
}

#[test]
fn pitfall_15_a_move_from_memory_into_a_device() {
    let edge = Edge::new();
    edge.set_memory(&[1, 2, 3, 4]);
    edge.device.set(0, &[5, 6]);
    let mut all = [0; 6];
    move_bytes(all.as_mut_ptr(), edge.before(4), 6);
    assert_eq!(all, [1, 2, 3, 4, 5, 6]);
    assert_eq!(edge.device.log(), [('R', 0, 1), ('R', 1, 1)]);
}

static TICKS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn tick(_signal: libc::c_int) {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn pitfall_16_a_long_repetition_can_be_interrupted() {
    /// Elements of the store: it must last for some milliseconds.
    const COUNT: usize = 0x2000;

    let page = Page::new();
    let interval = Duration::from_micros(200);
    let interval = libc::itimerspec {
        it_interval: libc::timespec { tv_sec: 0, tv_nsec: interval.subsec_nanos().into() },
        it_value: libc::timespec { tv_sec: 0, tv_nsec: interval.subsec_nanos().into() },
    };
    // SAFETY: All zeros is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = tick as *const () as usize;
    action.sa_flags = libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: The handler only counts.
    assert_eq!(unsafe { libc::sigaction(libc::SIGUSR2, &raw const action, ptr::null_mut()) }, 0);
    // A timer of this thread, so that no other test is interrupted.
    // SAFETY: All zeros is a valid `sigevent`.
    let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = libc::SIGUSR2;
    // SAFETY: Asks for a number.
    event.sigev_notify_thread_id = unsafe { libc::gettid() };
    let mut timer = ptr::null_mut();
    // SAFETY: The structures are valid.
    assert_eq!(unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer) }, 0);
    // SAFETY: The timer was just made.
    assert_eq!(unsafe { libc::timer_settime(timer, 0, &raw const interval, ptr::null_mut()) }, 0);

    let mut rounds = 0;
    while TICKS.load(Ordering::Relaxed) < 10 {
        rounds += 1;
        // SAFETY: The region traps the accesses.
        unsafe { asm!("rep stosb", inout("rdi") page.at(0) => _, inout("rcx") COUNT => _, in("al") rounds as u8) };
        assert_eq!(page.bytes(0, COUNT), [rounds as u8; COUNT]);
        let log = page.log();
        assert!(log.iter().map(|entry| entry.1).eq(0..COUNT), "each element once and in order, in round {rounds}");
    }
    // SAFETY: The timer is not used any more.
    unsafe { libc::timer_delete(timer) };
}

#[test]
fn pitfall_17_comparisons_stop_where_they_should() {
    let page = Page::new();
    let compare = |other: &[u8; 8]| {
        page.set(0, b"abcdefgh");
        let (rest, zero): (usize, u8);
        // SAFETY: The region traps one side, the other is the test's.
        unsafe {
            asm!("repe cmpsb", "setz {zero}", zero = out(reg_byte) zero, inout("rsi") page.at(0) => _,
                inout("rdi") other.as_ptr() => _, inout("rcx") 8_usize => rest);
        }
        (8 - rest, zero == 1, page.log().len())
    };
    assert_eq!(compare(b"abcdefgh"), (8, true, 8));
    assert_eq!(compare(b"xbcdefgh"), (1, false, 1));
    assert_eq!(compare(b"abcdxfgh"), (5, false, 5));

    let scan = |byte: u8| {
        let (rest, zero): (usize, u8);
        // SAFETY: The region traps the accesses.
        unsafe {
            asm!("repne scasb", "setz {zero}", zero = out(reg_byte) zero, inout("rdi") page.at(0) => _, in("al") byte,
                inout("rcx") 8_usize => rest);
        }
        (8 - rest, zero == 1, page.log().len())
    };
    assert_eq!(scan(b'a'), (1, true, 1));
    assert_eq!(scan(b'd'), (4, true, 4));
    assert_eq!(scan(b'x'), (8, false, 8));
}
