//! The short way of an access: one piece, nothing special on the bus, and the type of the device is known.
//!
//! It is compiled once for each type of device, around the device's own code, which the compiler may then inline. What it
//! does is what [`Session`](super::session::Session) does for any access; what is rare is not here.
//!
//! The trapped door cannot let a panic of the model pass, so there it becomes a refusal.

use super::{
    access::Access,
    boundary,
    context::Context,
    device::Device,
    ledger::{Ledger, SPECIAL},
    meter::Tick,
    report,
    session::{Fault, Origin},
};
use crate::{
    error::BusError,
    map::Width,
    trace::{Direction, Done},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// What becomes of a panic of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panics {
    /// It passes.
    Unwind,
    /// It is an error of the device.
    #[cfg(trap)]
    Refuse,
}

/// Calls the model.
#[inline(always)]
fn answer<T>(panics: Panics, model: impl FnOnce() -> Result<T, BusError>) -> Result<T, BusError> {
    if panics == Panics::Unwind {
        return model();
    }
    catch_unwind(AssertUnwindSafe(model)).unwrap_or_else(|payload| Err(report::model_panicked(payload.as_ref())))
}

/// Reads; `None` if the access must go the long way, and has not begun.
#[inline(always)]
pub(super) fn read<D: Device>(
    ledger: &mut Ledger<'_>,
    device: &mut D,
    offset: usize,
    width: Width,
    origin: Origin,
    panics: Panics,
) -> Option<(u64, Result<(), Box<Fault>>)> {
    let (bus, mapping) = (ledger.bus, ledger.mapping);
    let mut piece = Piece::begin(ledger, device, offset, width, origin, Direction::Read)?;
    let access = piece.access();
    let mut cx = Context { bus, mapping, access: Some(piece.access()), failure: None, lanes: u64::MAX };
    let answer = answer(panics, || device.read(access, &mut cx));
    piece.is_answered = true;
    Some(match answer {
        Ok(value) if cx.failure.is_none() && !bus.schedule.meter.has(SPECIAL) => {
            let value = value & width.mask();
            (value, piece.conclude(value))
        }
        answer => piece.conclude_read(answer, cx),
    })
}

/// Writes; `None` if the access must go the long way, and has not begun.
#[inline(always)]
pub(super) fn write<D: Device>(
    ledger: &mut Ledger<'_>,
    device: &mut D,
    offset: usize,
    width: Width,
    value: u64,
    origin: Origin,
    panics: Panics,
) -> Option<Result<(), Box<Fault>>> {
    let value = value & width.mask();
    let (bus, mapping) = (ledger.bus, ledger.mapping);
    let mut piece = Piece::begin(ledger, device, offset, width, origin, Direction::Write)?;
    let access = piece.access();
    let mut cx = Context { bus, mapping, access: Some(piece.access()), failure: None, lanes: u64::MAX };
    let answer = answer(panics, || device.write(access, value, &mut cx));
    piece.is_answered = true;
    Some(if answer.is_ok() && cx.failure.is_none() && !bus.schedule.meter.has(SPECIAL) {
        piece.conclude(value)
    } else {
        piece.conclude_write(value, answer, cx)
    })
}

/// An access that has begun. If the model panics, it is recorded when this is dropped.
///
/// An [`Access`] is made of it where one is needed, and not before: copied about, it would take most of the time.
struct Piece<'l, 'a> {
    ledger: &'l mut Ledger<'a>,
    offset: usize,
    width: Width,
    origin: Origin,
    direction: Direction,
    sequence: u64,
    now: u64,
    bank: u8,
    /// The model has answered.
    is_answered: bool,
}

impl<'l, 'a> Piece<'l, 'a> {
    #[inline(always)]
    fn begin<D: Device>(
        ledger: &'l mut Ledger<'a>,
        device: &D,
        offset: usize,
        width: Width,
        origin: Origin,
        direction: Direction,
    ) -> Option<Self> {
        let meter = &ledger.bus.schedule.meter;
        if meter.has(SPECIAL) {
            return None;
        }
        let Tick { sequence, now, due } = meter.tick();
        if due {
            boundary::request(ledger.bus);
        }
        Some(Self { ledger, offset, width, origin, direction, sequence, now, bank: device.bank(), is_answered: false })
    }

    #[inline(always)]
    fn access(&self) -> Access {
        let Self { offset, width, origin, sequence, now, .. } = *self;
        let Origin { location, read_modify_write, locked } = origin;
        Access { offset, width, read_modify_write, locked, sequence, time: Duration::from_nanos(now), location }
    }

    /// Records an access that went well.
    #[inline(always)]
    fn conclude(&mut self, value: u64) -> Result<(), Box<Fault>> {
        let Self { offset, width, origin, direction, sequence, now, bank, .. } = *self;
        let done = Done {
            direction,
            offset,
            width,
            read_modify_write: origin.read_modify_write,
            locked: origin.locked,
            sequence,
            time: now,
            location: origin.location,
            value,
            bank,
            failed: false,
        };
        let reads = self.ledger.record(&done);
        if cfg!(feature = "tracing") {
            self.emit(value);
        }
        if reads < self.ledger.bus.schedule.meter.patience() { Ok(()) } else { self.polled(value, reads) }
    }

    #[cold]
    fn polled(&mut self, value: u64, reads: u64) -> Result<(), Box<Fault>> {
        self.ledger.bank = self.bank;
        self.ledger.polled(self.access(), self.direction, value, reads)
    }

    #[cold]
    fn emit(&mut self, value: u64) {
        self.ledger.bank = self.bank;
        self.ledger.emit(self.access(), self.direction, value, None);
    }

    #[cold]
    fn conclude_read(&mut self, answer: Result<u64, BusError>, mut cx: Context<'_>) -> (u64, Result<(), Box<Fault>>) {
        let answer = match answer {
            Err(error) if cx.permits(&error) => Ok(0),
            answer => answer,
        };
        let value = answer.as_ref().map_or(u64::MAX, |value| *value) & self.width.mask();
        (value, self.conclude_specially(value, answer.map(drop), cx.failure))
    }

    #[cold]
    fn conclude_write(
        &mut self,
        value: u64,
        answer: Result<(), BusError>,
        mut cx: Context<'_>,
    ) -> Result<(), Box<Fault>> {
        let answer = match answer {
            Err(error) if cx.permits(&error) => Ok(()),
            answer => answer,
        };
        self.conclude_specially(value, answer, cx.failure)
    }

    #[cold]
    fn conclude_specially(
        &mut self,
        value: u64,
        answer: Result<(), BusError>,
        failed: Option<String>,
    ) -> Result<(), Box<Fault>> {
        (self.ledger.now, self.ledger.bank) = (self.now, self.bank);
        self.ledger.conclude_specially(self.access(), self.direction, value, answer, failed)
    }

    #[cold]
    fn panicked(&mut self) {
        let panicked = Err(BusError::refused("the device model panicked"));
        let _raised_by_the_panic = self.conclude_specially(self.width.mask(), panicked, None);
    }
}

impl Drop for Piece<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_answered {
            self.panicked();
        }
    }
}
