//! A device and the lock around it.

use super::{
    core::Core,
    device::Device,
    held,
    latch::{Latch, Locked},
    ledger::{Books, Ledger},
    mapping::Mapping,
    plain::{self, Piece, Way},
    session::{Fault, Session, report_of},
};
use crate::{error::BusError, trace::Lane};
use std::{
    panic::RefUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A device behind its lock, whatever its type.
pub(super) trait Port: Sync + RefUnwindSafe {
    /// Calls `work` with the locked device, or says why it cannot.
    fn with(&self, mapping: &'static Mapping, work: &mut dyn FnMut(&mut Session<'_>)) -> Result<(), Closed>;

    /// Reads one piece the short way; see [`Piece::read`].
    fn read(&self, piece: &Piece) -> Result<u64, Miss>;

    /// Writes one piece the short way; see [`Piece::read`].
    fn write(&self, piece: &Piece, value: u64) -> Result<(), Miss>;

    /// As [`read`](Self::read), but a panic of the model is an error of the device.
    #[cfg(trap)]
    fn read_caught(&self, piece: &Piece) -> Result<u64, Miss>;

    /// As [`write`](Self::write), but a panic of the model is an error of the device.
    #[cfg(trap)]
    fn write_caught(&self, piece: &Piece, value: u64) -> Result<(), Miss>;
}

/// Why a piece was not simply read or written.
pub(super) enum Miss {
    /// It was, and that has failed.
    Failed(Box<Failed>),
    /// Nothing was done: something is to be looked after first.
    NotYet,
}

/// An access that was made and has failed.
pub(super) struct Failed {
    pub(super) report: String,
    /// What a read completes with in any case.
    #[cfg_attr(not(trap), expect(dead_code, reason = "through the typed door a failed access does not complete"))]
    pub(super) value: u64,
}

impl Miss {
    #[cold]
    fn failed(fault: &Fault, value: u64, bus: &Core, device: &dyn Device) -> Self {
        Self::Failed(Box::new(Failed { report: report_of(fault, bus, device), value }))
    }
}

/// Why a device's lock could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The region was retired: its simulation was dropped.
    Retired,
    /// This thread already holds the lock.
    Held(held::Holder),
}

/// A device and the lock around it. Permanent, as the record that refers to it; what it holds is dropped on retirement.
pub(crate) struct Slot<D> {
    device: Latch<Option<Live<D>>>,
    /// Whether whoever unlocks the device drops it: it was retired by the thread that held it.
    orphaned: AtomicBool,
}

/// What a live region has and a retired one has not. Boxed, so that a retired slot keeps two words.
type Live<D> = Box<Occupant<D>>;

/// A device, and what whoever has locked it needs beside it.
#[repr(align(64))]
pub(super) struct Occupant<D> {
    bus: Arc<Core>,
    /// Where its accesses are recorded.
    books: Books,
    device: D,
}

impl<D: Device> Port for Slot<D> {
    fn with(&self, mapping: &'static Mapping, work: &mut dyn FnMut(&mut Session<'_>)) -> Result<(), Closed> {
        let mut guard = self.guard(held::Holder::Access)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        work(&mut Session::new(Ledger::new(Way { bus, mapping }, books), device));
        Ok(())
    }

    fn read(&self, piece: &Piece) -> Result<u64, Miss> {
        self.read_piece::<false>(piece)
    }

    fn write(&self, piece: &Piece, value: u64) -> Result<(), Miss> {
        self.write_piece::<false>(piece, value)
    }

    #[cfg(trap)]
    fn read_caught(&self, piece: &Piece) -> Result<u64, Miss> {
        self.read_piece::<true>(piece)
    }

    #[cfg(trap)]
    fn write_caught(&self, piece: &Piece, value: u64) -> Result<(), Miss> {
        self.write_piece::<true>(piece, value)
    }
}

impl<D: Device> Slot<D> {
    #[inline(always)]
    fn read_piece<const CAUGHT: bool>(&self, piece: &Piece) -> Result<u64, Miss> {
        let mut guard = self.guard(held::Holder::Access).map_err(|_| Miss::NotYet)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        match plain::read::<D, CAUGHT>(Way { bus, mapping: piece.mapping }, books, device, piece) {
            Some((value, Ok(()))) => Ok(value),
            Some((value, Err(fault))) => Err(Miss::failed(&fault, value, bus, device)),
            None => Err(Miss::NotYet),
        }
    }

    #[inline(always)]
    fn write_piece<const CAUGHT: bool>(&self, piece: &Piece, value: u64) -> Result<(), Miss> {
        let mut guard = self.guard(held::Holder::Access).map_err(|_| Miss::NotYet)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        match plain::write::<D, CAUGHT>(Way { bus, mapping: piece.mapping }, books, device, piece, value) {
            Some(((), Ok(()))) => Ok(()),
            Some(((), Err(fault))) => Err(Miss::failed(&fault, value, bus, device)),
            None => Err(Miss::NotYet),
        }
    }
}

// A panic of a model is reported where it happens; the next access finds the model as the panic left it.
impl<D> RefUnwindSafe for Slot<D> {}

impl<D> Slot<D> {
    pub(super) fn new(bus: &Arc<Core>, lane: Lane, device: D) -> Self {
        let occupant = Occupant { bus: Arc::clone(bus), books: Books::new(lane), device };
        Self { device: Latch::new(Some(Box::new(occupant))), orphaned: AtomicBool::new(false) }
    }

    fn key(&self) -> usize {
        (&raw const *self).addr()
    }

    /// Locks the device until the guard is dropped.
    #[inline(always)]
    pub(super) fn guard(&self, holder: held::Holder) -> Result<SlotGuard<'_, D>, Closed> {
        let held = held::enter(self.key(), holder).map_err(Closed::Held)?;
        let live = self.device.lock();
        if live.is_none() {
            return Err(Closed::Retired);
        }
        Ok(SlotGuard { live, orphaned: &self.orphaned, _held: held })
    }

    /// Takes the device out, waiting for an access in flight on another thread to finish. If this thread holds the
    /// device itself, the guard takes it out when it is dropped.
    pub(super) fn retire(&self) -> Option<Live<D>> {
        self.orphaned.store(true, Ordering::Relaxed);
        let _held = held::enter(self.key(), held::Holder::Access).ok()?;
        self.device.lock().take()
    }
}

/// A locked device of a live region.
pub(crate) struct SlotGuard<'a, D> {
    // Dropped in this order: the lock is released before the thread forgets that it held it.
    live: Locked<'a, Option<Live<D>>>,
    orphaned: &'a AtomicBool,
    _held: held::Held,
}

impl<D> Drop for SlotGuard<'_, D> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.orphaned.load(Ordering::Relaxed) {
            bury(&mut self.live);
        }
    }
}

#[cold]
fn bury<D>(live: &mut Option<Live<D>>) {
    drop(live.take());
}

impl<D> SlotGuard<'_, D> {
    pub(crate) fn device(&self) -> &D {
        &self.live.as_ref().expect("checked when the guard was made").device
    }

    pub(crate) fn device_mut(&mut self) -> &mut D {
        &mut self.occupant_mut().device
    }

    #[inline(always)]
    fn occupant_mut(&mut self) -> &mut Occupant<D> {
        self.live.as_mut().expect("checked when the guard was made")
    }
}

impl From<Closed> for BusError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Held(_) => Self::Reentered,
            Closed::Retired => Self::refused("the region was retired"),
        }
    }
}

#[cfg(test)]
mod tests;
