//! Stacks for drivers that a report can end in the middle of an instruction.
//!
//! The driver runs as a coroutine. When one of its accesses has failed, the coroutine is suspended from inside the entry
//! thunk and never resumed, unwound or freed.

use crate::{
    bus::{self, core::Core},
    processor,
};
use corosensei::{Coroutine, CoroutineResult, Yielder, stack::DefaultStack};
use std::{
    cell::{Cell, RefCell},
    mem,
    ptr::NonNull,
    sync::Arc,
};

/// Size of a driver's stack in bytes: that of a thread.
const STACK: usize = 2 << 20;

/// The bus whose report ends the driver.
type Failed = Arc<Core>;

/// A driver on a stack of its own.
#[derive(Clone, Copy)]
struct Driver {
    /// Leads back to [`run`]. Valid for as long as the coroutine runs.
    yielder: NonNull<Yielder<(), Failed>>,
    /// Devices that the test held when it started the driver.
    held_before: usize,
}

thread_local! {
    /// The driver that runs on this thread on a stack of its own, if there is one.
    static CURRENT: Cell<Option<Driver>> = const { Cell::new(None) };
    /// The bus that has kept a report since the current instruction of this thread began.
    static FAILED: RefCell<Option<Failed>> = const { RefCell::new(None) };
}

/// Puts the previous driver back when the current one is left, on whatever way.
struct Restore(Option<Driver>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs `driver` on a stack of its own.
///
/// # Panics
///
/// With the report of the access that ended it.
#[track_caller]
pub(crate) fn run<R: 'static>(core: &Arc<Core>, driver: impl FnOnce() -> R + 'static) -> R {
    let stack = DefaultStack::new(STACK).unwrap_or_else(|error| panic!("memtrap: no memory for a stack: {error}"));
    let _restore = Restore(CURRENT.get());
    let held_before = bus::held_devices();
    let before = processor::snapshot(core);
    let mut coroutine = Coroutine::with_stack(stack, move |yielder, ()| {
        CURRENT.set(Some(Driver { yielder: NonNull::from(yielder), held_before }));
        driver()
    });
    match coroutine.resume(()) {
        CoroutineResult::Return(result) => result,
        CoroutineResult::Yield(failed) => {
            mem::forget(coroutine);
            processor::restore(core, before);
            failed.raise();
            // Another thread has raised the report meanwhile; this driver must not go on either.
            core.raise();
            panic!("memtrap: the driver was ended by a report that another thread has raised");
        }
    }
}

/// Takes note that the current instruction of this thread has failed.
pub(crate) fn failed(core: &Arc<Core>) {
    if CURRENT.get().is_some() {
        FAILED.with_borrow_mut(|failed| {
            failed.get_or_insert_with(|| Arc::clone(core));
        });
    }
}

/// Leaves the driver for good if its instruction has failed and it has a stack of its own. Called when the instruction
/// is done and no device is held any more.
pub(super) fn leave_if_failed() {
    let Some(Driver { yielder, held_before }) = CURRENT.get() else { return };
    // A model's own access is part of the driver's instruction, which is left when the model is done.
    if bus::held_devices() > held_before {
        return;
    }
    let Some(failed) = FAILED.take() else { return };
    // SAFETY: `run` sets the pointer while the coroutine runs, and this is its thread and its stack: whoever switches
    // stacks in between puts another pointer, or none, in its place.
    let yielder = unsafe { yielder.as_ref() };
    yielder.suspend(failed);
    unreachable!("a driver that was left is not resumed");
}

/// Hides the current driver from code that runs on another stack of the same thread.
pub(super) fn on_other_stack<R>(work: impl FnOnce() -> R) -> R {
    let _restore = Restore(CURRENT.replace(None));
    work()
}
