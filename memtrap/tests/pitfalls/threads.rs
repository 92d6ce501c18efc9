//! Threads that execute the same instructions.

use crate::page::Page;
use std::{arch::asm, thread};

const THREADS: usize = 4;
/// Accesses of all threads of one test.
const ACCESSES: usize = if cfg!(debug_assertions) { 40_000 } else { 500_000 };

/// A read-modify-write, an exchange and add, and a vector store and load, all carried out on the thread's own registers.
#[inline(never)]
fn work(page: &Page, slot: usize) -> u64 {
    let at = page.at(slot * 64);
    let mut sum = 0;
    for round in 0..(ACCESSES / THREADS / 8) as u64 {
        let mut added = round;
        let mut pair = [round, !round];
        // SAFETY: The region traps the accesses; the thread's slot is its own.
        unsafe {
            asm!("add qword ptr [{at}], 1", "lock xadd [{at} + 8], {added}", "movups xmm0, [{pair}]", "movups [{at} + 16], xmm0",
                "pxor xmm0, xmm0", "movups xmm0, [{at} + 16]", "movups [{pair}], xmm0", at = in(reg) at, added = inout(reg) added,
                pair = in(reg) &raw mut pair, out("xmm0") _);
        }
        assert_eq!(pair, [round, !round], "another thread's registers");
        assert_eq!(added, sum, "what the thread itself added before");
        sum += round;
    }
    sum
}

fn check(page: &Page, slot: usize, sum: u64) {
    let rounds = (ACCESSES / THREADS / 8) as u64;
    assert_eq!(page.bytes(slot * 64, 8), rounds.to_le_bytes());
    assert_eq!(page.bytes(slot * 64 + 8, 8), sum.to_le_bytes());
}

fn zeroed() -> Page {
    let page = Page::new();
    page.0.device().bytes.fill(0);
    page
}

#[test]
fn four_threads_share_the_sites_on_one_device() {
    let page = zeroed();
    thread::scope(|scope| {
        let handles: Vec<_> = (0..THREADS)
            .map(|slot| {
                scope.spawn({
                    let page = &page;
                    move || work(page, slot)
                })
            })
            .collect();
        for (slot, handle) in handles.into_iter().enumerate() {
            check(&page, slot, handle.join().expect("the thread finds nothing wrong"));
        }
    });
}

#[test]
fn four_threads_share_the_sites_on_four_devices() {
    thread::scope(|scope| {
        let handles: Vec<_> = (0..THREADS)
            .map(|slot| {
                scope.spawn(move || {
                    let page = zeroed();
                    let sum = work(&page, slot);
                    check(&page, slot, sum);
                })
            })
            .collect();
        for handle in handles {
            handle.join().expect("the thread finds nothing wrong");
        }
    });
}
