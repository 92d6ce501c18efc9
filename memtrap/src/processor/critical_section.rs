//! Critical sections of the crate `critical-section`: a lock of the process, and interrupts masked on the thread's bus.
//!
//! The state to restore is kept here. Which type drivers have chosen for it does not matter then, and a driver that is
//! abandoned inside a section can be taken out of it.

use crate::bus::{core::Core, current};
use critical_section::{Impl, RawRestoreState};
use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Condvar, Mutex, PoisonError},
};

/// Whether a thread is in a section. What drivers keep in a section's `Mutex` is static, so all threads share it.
static TAKEN: Mutex<bool> = Mutex::new(false);
static RELEASED: Condvar = Condvar::new();

thread_local! {
    /// The sections that this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The bus that the outermost section has masked, and whether its interrupts were masked before.
    static MASKED: RefCell<Option<(Arc<Core>, bool)>> = const { RefCell::new(None) };
}

struct Section;

critical_section::set_impl!(Section);

// SAFETY: One thread at a time is in a section, and handlers of interrupts run on it only when it has left the outermost.
unsafe impl Impl for Section {
    #[allow(
        clippy::unused_unit,
        clippy::unit_arg,
        reason = "the type is what the program's features make it, also `()`"
    )]
    unsafe fn acquire() -> RawRestoreState {
        enter();
        RawRestoreState::default()
    }

    unsafe fn release(_: RawRestoreState) {
        leave();
    }
}

fn enter() {
    DEPTH.set(DEPTH.get() + 1);
    if DEPTH.get() > 1 {
        return;
    }
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    while *taken {
        taken = RELEASED.wait(taken).unwrap_or_else(PoisonError::into_inner);
    }
    *taken = true;
    drop(taken);
    MASKED.set(current::current().map(|core| {
        let before = core.interrupts.set_masked(true);
        (core, before)
    }));
}

fn leave() {
    DEPTH.set(DEPTH.get() - 1);
    if DEPTH.get() > 0 {
        return;
    }
    // What has waited for the end of the section may begin one.
    if let Some(core) = unlock() {
        core.serve();
    }
}

/// Ends the outermost section; the bus that it had masked.
fn unlock() -> Option<Arc<Core>> {
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = false;
    RELEASED.notify_one();
    let (core, before) = MASKED.take()?;
    core.interrupts.set_masked(before);
    Some(core)
}

/// The sections that this thread is in.
#[cfg(trap)]
pub(super) fn depth() -> u32 {
    DEPTH.get()
}

/// Leaves all but the outermost `depth` sections.
#[cfg(trap)]
pub(super) fn abandon(depth: u32) {
    if DEPTH.replace(depth) > 0 && depth == 0 {
        unlock();
    }
}
