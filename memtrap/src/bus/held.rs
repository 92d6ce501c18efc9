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

/// The locks that a thread holds, in the order in which it took them.
struct Locks {
    /// Entries in use. Among them, those of locks that were released out of order are [`FREE`].
    depth: Cell<usize>,
    entries: [Cell<Entry>; DEPTH],
}

/// The address of a lock, which is even, and whether the test holds it, as the lowest bit.
type Entry = usize;

/// An entry that is not in use: no lock is at address 0.
const FREE: Entry = 0;

const GUARD: Entry = 1;

thread_local! {
    static HELD: Locks = const { Locks { depth: Cell::new(0), entries: [const { Cell::new(FREE) }; DEPTH] } };
}

impl Locks {
    /// # Errors
    ///
    /// The holder, if the thread holds `key` already or too many others.
    #[cold]
    fn check(&self, key: usize) -> Result<(), Holder> {
        if let Some(entry) = self.in_use().find(|entry| entry & !GUARD == key) {
            return Err(if entry & GUARD == 0 { Holder::Access } else { Holder::Guard });
        }
        if self.depth.get() == DEPTH { Err(Holder::Others) } else { Ok(()) }
    }

    /// Removes an entry that is not the only one.
    #[cold]
    fn remove(&self, slot: usize) {
        self.entries[slot].set(FREE);
        while let Some(last) = self.depth.get().checked_sub(1)
            && self.entries[last].get() == FREE
        {
            self.depth.set(last);
        }
    }

    fn in_use(&self) -> impl Iterator<Item = Entry> {
        self.entries[..self.depth.get()].iter().map(Cell::get).filter(|entry| *entry != FREE)
    }
}

/// An entry in the list of held locks; dropping it removes the entry.
pub(super) struct Held {
    slot: usize,
    // The entry belongs to the thread that made it.
    thread: std::marker::PhantomData<*const ()>,
}

/// Records that this thread is about to lock `key`, an even address: before the lock is taken, so that a signal handler that
/// interrupts the locking is refused as well.
///
/// # Errors
///
/// The holder, if this thread holds `key` already or too many others.
#[inline(always)]
pub(super) fn enter(key: usize, holder: Holder) -> Result<Held, Holder> {
    HELD.with(|held| {
        let slot = held.depth.get();
        if slot > 0 {
            held.check(key)?;
        }
        held.entries[slot].set(if holder == Holder::Guard { key | GUARD } else { key });
        held.depth.set(slot + 1);
        Ok(Held { slot, thread: std::marker::PhantomData })
    })
}

/// Number of devices this thread holds.
pub(super) fn count() -> usize {
    HELD.with(|held| held.in_use().count())
}

impl Drop for Held {
    #[inline(always)]
    fn drop(&mut self) {
        HELD.with(|held| {
            if self.slot == 0 && held.depth.get() == 1 {
                held.depth.set(0);
            } else {
                held.remove(self.slot);
            }
        });
    }
}

#[cfg(test)]
mod tests;
