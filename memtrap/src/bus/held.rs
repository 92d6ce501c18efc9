//! Which devices the current thread has locked, so that locking one twice is a report instead of a deadlock.

use std::cell::Cell;

/// Devices that one thread may hold at a time: how deep models may access each other.
const DEPTH: usize = 16;

/// What holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// An access that is being answered.
    Access,
    /// A guard in the hands of the test, as `Simulation::model` returns it.
    Guard,
}

thread_local! {
    static HELD: [Cell<Option<(usize, Holder)>>; DEPTH] = const { [const { Cell::new(None) }; DEPTH] };
}

/// An entry in the list of held locks; dropping it removes the entry.
pub(super) struct Held {
    slot: usize,
    // The entry belongs to the thread that made it.
    thread: std::marker::PhantomData<*const ()>,
}

/// Records that this thread is about to lock `key`: before the lock is taken, so that a signal handler that interrupts
/// the locking is refused as well.
///
/// # Errors
///
/// The holder, if this thread holds `key` already.
///
/// # Panics
///
/// If the thread holds more locks than models may nest.
pub(super) fn enter(key: usize, holder: Holder) -> Result<Held, Holder> {
    HELD.with(|held| {
        let mut free = None;
        for (slot, entry) in held.iter().enumerate() {
            match entry.get() {
                Some((other, holder)) if other == key => return Err(holder),
                Some(_) => {}
                None => free = free.or(Some(slot)),
            }
        }
        let slot = free.unwrap_or_else(|| panic!("device models access each other more than {DEPTH} deep"));
        held[slot].set(Some((key, holder)));
        Ok(Held { slot, thread: std::marker::PhantomData })
    })
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.with(|held| held[self.slot].set(None));
    }
}
