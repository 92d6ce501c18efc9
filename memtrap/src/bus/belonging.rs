//! Which buses a thread belongs to. That decides which device answers where several buses have one at the same address.

use super::{Bus, core::Core, current};
use crate::trap::lineage;
use std::{
    cell::Cell,
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Buses that a thread belongs to at a time, beside the one it has entered: those it has mapped devices on last.
const REMEMBERED: usize = 8;

/// No bus has this number.
const NONE: u64 = 0;

struct Belonging {
    /// The bus that the thread has entered.
    entered: Cell<u64>,
    /// The buses that it has mapped devices on, last first.
    mapped: [Cell<u64>; REMEMBERED],
}

thread_local! {
    static BELONGING: Belonging =
        const { Belonging { entered: Cell::new(NONE), mapped: [const { Cell::new(NONE) }; REMEMBERED] } };
}

/// A number for a new bus.
pub(super) fn new_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(NONE);
    1 + LAST.fetch_add(1, Ordering::Relaxed)
}

/// The bus that this thread's accesses go to first.
#[inline]
pub(super) fn first() -> u64 {
    BELONGING.with(|belonging| match belonging.entered.get() {
        NONE => belonging.mapped[0].get(),
        entered => entered,
    })
}

/// Whether this thread has entered the bus.
pub(super) fn has_entered(bus: u64) -> bool {
    BELONGING.with(|belonging| belonging.entered.get() == bus)
}

/// How many buses come before this one for the thread; `None` if the thread does not belong to it.
pub(super) fn rank(bus: u64) -> Option<usize> {
    BELONGING.with(|Belonging { entered, mapped }| {
        let all = std::iter::once(entered).chain(mapped);
        all.map(Cell::get).position(|number| number == bus)
    })
}

/// Whether the thread belongs to any bus.
pub(super) fn is_none() -> bool {
    first() == NONE
}

/// Has this thread belong to the bus, because it maps a device there.
pub(super) fn join(bus: u64) {
    BELONGING.with(|Belonging { mapped, .. }| {
        let last = mapped.iter().position(|number| number.get() == bus).unwrap_or(REMEMBERED - 1);
        for place in (0..last).rev() {
            mapped[place + 1].set(mapped[place].get());
        }
        mapped[0].set(bus);
    });
    lineage::mark(bus);
}

/// Has a thread that belongs to no bus belong to that of these to which the thread belonged that started it.
pub(super) fn adopt(mut candidates: impl Iterator<Item = u64>) -> Option<u64> {
    let bus = lineage::parent(&mut candidates)?;
    join(bus);
    Some(bus)
}

/// A thread's stay on a bus. Dropping it ends the stay.
#[must_use = "the thread leaves the bus when this is dropped"]
pub struct Entered {
    before: u64,
    /// Threads that this one starts meanwhile are marked.
    marks: bool,
    _current: current::Entered,
    // The stay is that of the thread that made it.
    thread: PhantomData<*const ()>,
}

impl Entered {
    fn new(core: &Arc<Core>, marks: bool) -> Self {
        let before = BELONGING.with(|belonging| belonging.entered.replace(core.number));
        if marks {
            lineage::mark(core.number);
        }
        Self { before, marks, _current: current::Entered::new(core), thread: PhantomData }
    }

    /// The stay of an interrupt handler, which is often and short: threads that it starts are not marked.
    pub(super) fn handler(core: &Arc<Core>) -> Self {
        Self::new(core, false)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        BELONGING.with(|belonging| belonging.entered.set(self.before));
        if self.marks {
            lineage::mark(first());
        }
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

impl Bus {
    /// Has accesses of this thread go to this bus's devices, where several buses have one at the same address, until the
    /// value is dropped.
    ///
    /// Each test of a process may map its device at the address that is built into the driver. The thread that makes an
    /// access decides whose device it is. A thread belongs to the buses that it has mapped devices on, and while it is in
    /// [`run`](Self::run), to that bus above all. A thread that it starts afterwards belongs to the same bus (on Linux on
    /// x86-64, which passes a mark on from thread to thread). What remains, as the thread of a pool that is older than
    /// the bus, calls this.
    pub fn enter(&self) -> Entered {
        Entered::new(&self.core, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_belongs_to_the_buses_it_has_mapped_on_last() {
        assert!(is_none() && rank(1_001).is_none());
        (1_001..=1_010).for_each(join);
        assert_eq!(first(), 1_010);
        assert_eq!((rank(1_010), rank(1_003), rank(1_002)), (Some(1), Some(8), None));
        join(1_004);
        assert_eq!((rank(1_004), rank(1_010), rank(1_003)), (Some(1), Some(2), Some(8)));
    }

    #[test]
    fn the_bus_that_was_entered_comes_first() {
        let (one, other) = (Bus::new(), Bus::new());
        join(one.core.number);
        {
            let _entered = other.enter();
            assert!(has_entered(other.core.number));
            assert_eq!(first(), other.core.number);
            {
                let _again = one.enter();
                assert_eq!(first(), one.core.number);
            }
            assert_eq!(first(), other.core.number);
        }
        assert_eq!((first(), has_entered(other.core.number)), (one.core.number, false));
    }
}
