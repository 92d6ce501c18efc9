//! The bus that a thread's driver is on: whom a driver means that asks the processor, and not a device, for something.

use super::core::Core;
use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError, Weak},
};

thread_local! {
    /// The bus whose driver or handler runs on this thread, or else the one that this thread made last.
    static OF_THREAD: RefCell<Weak<Core>> = const { RefCell::new(Weak::new()) };
}

/// The bus that the process made last: the one of a thread that has made none.
static OF_PROCESS: Mutex<Weak<Core>> = Mutex::new(Weak::new());

/// A bus was made.
pub(super) fn made(core: &Arc<Core>) {
    OF_THREAD.set(Arc::downgrade(core));
    *OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(core);
}

/// The bus of this thread, if there is one.
pub(crate) fn current() -> Option<Arc<Core>> {
    let own = OF_THREAD.try_with(|bus| bus.borrow().upgrade()).ok().flatten();
    own.or_else(|| OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner).upgrade())
}

/// Has this thread work for a bus until the value is dropped.
#[must_use]
pub(crate) struct Entered(Weak<Core>);

impl Entered {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self(OF_THREAD.replace(Arc::downgrade(core)))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        OF_THREAD.set(std::mem::take(&mut self.0));
    }
}
