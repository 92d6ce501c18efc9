//! Stacks for drivers that a report can end in the middle of an instruction.
//!
//! The driver runs as a coroutine. When one of its accesses has failed, the coroutine is suspended from inside the entry
//! thunk and never resumed, unwound or freed.

use crate::{
    bus::{self, Bus, Ram, core::Core, table::PAGE},
    processor,
};
use corosensei::{
    Coroutine, CoroutineResult, Yielder,
    stack::{DefaultStack, Stack, StackPointer},
};
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
    run_on(core, stack, driver)
}

/// A stack in memory that devices reach.
///
/// INVARIANT: the page below the memory is reserved and inaccessible until the process ends.
struct RamStack(Ram);

// SAFETY: The memory is the stack's alone: it was mapped for it, and is given back when it is dropped. By the invariant an
// overflow meets an inaccessible page. `Ram` has at least one page of memory, and starts and ends at multiples of pages.
unsafe impl Stack for RamStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.0.base().addr() + self.0.size()).expect("memory does not end at address 0")
    }

    fn limit(&self) -> StackPointer {
        StackPointer::new(self.0.base().addr() - PAGE).expect("the null page is never mapped")
    }
}

impl Bus {
    /// As [`run`](Self::run), with the driver's stack in memory at `address` that devices of this bus can reach, as that of
    /// [`ram_at`](Self::ram_at). `size` is in bytes.
    ///
    /// For drivers that give their device the address of a local variable: on a chip the stack lies in RAM like everything
    /// else, and 32 bits of a pointer are all of it. The page below `address` is taken as well, so that a driver that needs
    /// more stack than `size` bytes is ended and writes to nothing else.
    ///
    /// The memory is given back when the driver returns or panics. If a report ends it, the stack is left as it is and the
    /// address stays in use.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run); or if the memory cannot be had: `address` and `size` are multiples of 4096, and neither the
    /// range nor the page below it is in use.
    ///
    /// # Safety
    ///
    /// Device models write only to those parts of the stack that the driver has given to the device for that, and while the
    /// driver expects it: what a driver has to guarantee for a device on hardware as well. A model that writes elsewhere
    /// changes the driver's variables and return addresses.
    #[track_caller]
    pub unsafe fn run_on_stack_at<R: 'static>(
        &self,
        address: usize,
        size: usize,
        driver: impl FnOnce() -> R + 'static,
    ) -> R {
        let ram = self.ram_at(address, size);
        let ram = ram.and_then(|ram| super::pages::reserve_at(address - PAGE, PAGE).map(|()| ram));
        let ram = ram.unwrap_or_else(|error| panic!("memtrap: the driver's stack cannot be had: {error}"));
        self.on_stack(|core| run_on(core, RamStack(ram), driver))
    }
}

/// Runs `driver` on `stack`, which is kept for good if a report ends the driver.
#[track_caller]
fn run_on<S: Stack + 'static, R: 'static>(core: &Arc<Core>, stack: S, driver: impl FnOnce() -> R + 'static) -> R {
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
