//! Which devices the current thread has locked, so that locking one twice is a report instead of a deadlock.

use std::cell::Cell;

/// Devices that one thread may hold at a time: how deep models may access each other, beside the guards of the test.
pub(super) const DEPTH: usize = 16;

/// What stands in the way of locking a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// An access that is being answered.
    Access,
    /// A guard in the hands of the test, as `Simulation::model` returns it.
    Guard,
    /// Nothing holds this device, but the thread holds as many others as it may.
    Others,
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
/// The holder, if this thread holds `key` already or too many others.
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
        let slot = free.ok_or(Holder::Others)?;
        held[slot].set(Some((key, holder)));
        Ok(Held { slot, thread: std::marker::PhantomData })
    })
}

/// Number of devices this thread holds.
pub(super) fn count() -> usize {
    HELD.with(|held| held.iter().filter(|entry| entry.get().is_some()).count())
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.with(|held| held[self.slot].set(None));
    }
}

#[cfg(test)]
mod tests;
