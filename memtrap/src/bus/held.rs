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

/// The locks that a thread holds. It nearly always holds one at most.
struct Locks {
    /// The lock that was taken when the thread held none; [`FREE`] if it holds none, and [`RELEASED`] if it holds others.
    first: Cell<Entry>,
    /// Locks that were taken after the first and not released yet, in the order in which they were taken.
    others: [Cell<Entry>; DEPTH - 1],
    /// How many.
    depth: Cell<usize>,
}

/// The address of a lock, which is even, and whether the test holds it, as the lowest bit.
type Entry = usize;

/// No lock: there is none at address 0.
const FREE: Entry = 0;
/// No lock either, as long as there are others.
const RELEASED: Entry = GUARD;

const GUARD: Entry = 1;

thread_local! {
    static HELD: Locks = const {
        Locks { first: Cell::new(FREE), others: [const { Cell::new(FREE) }; DEPTH - 1], depth: Cell::new(0) }
    };
}

impl Locks {
    /// Adds a lock while there are others.
    ///
    /// # Errors
    ///
    /// The holder, if the thread holds `key` already or too many others.
    #[cold]
    fn enter(&self, key: usize, entry: Entry) -> Result<(), Holder> {
        if let Some(entry) = self.in_use().find(|entry| entry & !GUARD == key) {
            return Err(if entry & GUARD == 0 { Holder::Access } else { Holder::Guard });
        }
        let Some(free) = self.others.get(self.depth.get()) else { return Err(Holder::Others) };
        free.set(entry);
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    /// Removes a lock while there are others.
    #[cold]
    fn leave(&self, key: usize) {
        let others = &self.others[..self.depth.get()];
        match others.iter().position(|entry| entry.get() & !GUARD == key) {
            None => self.first.set(RELEASED),
            Some(at) => {
                others[at..].windows(2).for_each(|pair| pair[0].set(pair[1].get()));
                self.depth.set(others.len() - 1);
                if others.len() == 1 && self.first.get() == RELEASED {
                    self.first.set(FREE);
                }
            }
        }
    }

    fn in_use(&self) -> impl Iterator<Item = Entry> {
        let first = Some(self.first.get()).filter(|entry| *entry != FREE && *entry != RELEASED);
        first.into_iter().chain(self.others[..self.depth.get()].iter().map(Cell::get))
    }
}

/// An entry in the list of held locks; dropping it removes the entry.
pub(super) struct Held {
    key: usize,
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
    let entry = if holder == Holder::Guard { key | GUARD } else { key };
    HELD.with(|held| {
        if held.first.get() == FREE {
            held.first.set(entry);
        } else {
            held.enter(key, entry)?;
        }
        Ok(Held { key, thread: std::marker::PhantomData })
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
            if held.depth.get() == 0 {
                held.first.set(FREE);
            } else {
                held.leave(self.key);
            }
        });
    }
}

#[cfg(test)]
mod tests;
