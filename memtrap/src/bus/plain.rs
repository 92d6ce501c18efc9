//! The short way of an access: one piece, nothing special on the bus, and the type of the device is known.
//!
//! It is compiled for each type of device, around the device's own code, which the compiler may then inline. What it does is
//! what [`Session`](super::session::Session) does for any access; what is rare is not here.

use super::{
    boundary,
    context::Context,
    device::Device,
    ledger::{Ledger, SPECIAL},
    meter::Tick,
    report,
    session::Fault,
    shape::{Asked, Origin},
};
use crate::{error::BusError, map::Width, trace::Direction};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A piece of an access: naturally aligned, and no wider than the region's bus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) offset: usize,
    pub(super) width: Width,
    pub(super) origin: Origin,
}

impl Piece {
    /// Begins the access; `None` if it must go the long way.
    #[inline(always)]
    fn begin<D: Device>(self, ledger: &Ledger<'_>, device: &D, direction: Direction) -> Option<Asked> {
        let meter = &ledger.bus.schedule.meter;
        if meter.has(SPECIAL) {
            return None;
        }
        let Tick { sequence, now: time, due } = meter.tick();
        if due {
            boundary::request(ledger.bus);
        }
        let Self { offset, width, origin } = self;
        let (shape, location) = (origin.shape(direction, width), origin.packed());
        Some(Asked { offset, shape, location, sequence, time, bank: device.bank() })
    }
}

/// Calls the model. A panic of it passes, or is an error of the device if it is `CAUGHT`: the trapped door cannot let it pass.
#[inline(always)]
fn ask<T, const CAUGHT: bool>(model: impl FnOnce() -> Result<T, BusError>) -> Result<T, BusError> {
    if CAUGHT {
        let answer = catch_unwind(AssertUnwindSafe(model));
        answer.unwrap_or_else(|payload| Err(report::model_panicked(payload.as_ref())))
    } else {
        model()
    }
}

/// Reads; `None` if the access must go the long way, and has not begun.
#[inline(always)]
pub(super) fn read<D: Device, const CAUGHT: bool>(
    ledger: &mut Ledger<'_>,
    device: &mut D,
    piece: Piece,
) -> Option<(u64, Result<(), Box<Fault>>)> {
    let asked = piece.begin(ledger, device, Direction::Read)?;
    let (mut open, access) = (Open { ledger, asked, is_answered: false }, asked.access());
    let mut cx = Context::new(open.ledger.bus, open.ledger.mapping, Some(&asked));
    let answer = ask::<_, CAUGHT>(|| device.read(access, &mut cx));
    open.is_answered = true;
    Some(match answer {
        Ok(value) if cx.failure.is_none() && !open.is_special() => {
            let value = value & piece.width.mask();
            (value, open.ledger.conclude_plainly(&asked, value))
        }
        answer => open.conclude_read(answer, cx),
    })
}

/// Writes; `None` if the access must go the long way, and has not begun.
#[inline(always)]
pub(super) fn write<D: Device, const CAUGHT: bool>(
    ledger: &mut Ledger<'_>,
    device: &mut D,
    piece: Piece,
    value: u64,
) -> Option<Result<(), Box<Fault>>> {
    let value = value & piece.width.mask();
    let asked = piece.begin(ledger, device, Direction::Write)?;
    let (mut open, access) = (Open { ledger, asked, is_answered: false }, asked.access());
    let mut cx = Context::new(open.ledger.bus, open.ledger.mapping, Some(&asked));
    let answer = ask::<_, CAUGHT>(|| device.write(access, value, &mut cx));
    open.is_answered = true;
    Some(if answer.is_ok() && cx.failure.is_none() && !open.is_special() {
        open.ledger.conclude_plainly(&asked, value)
    } else {
        open.conclude_write(value, answer, cx)
    })
}

/// An access that has begun. If the model panics, it is recorded when this is dropped.
struct Open<'l, 'a> {
    ledger: &'l mut Ledger<'a>,
    asked: Asked,
    /// The model has answered.
    is_answered: bool,
}

impl Open<'_, '_> {
    #[inline(always)]
    fn is_special(&self) -> bool {
        self.ledger.bus.schedule.meter.has(SPECIAL)
    }

    #[cold]
    fn conclude_read(&mut self, answer: Result<u64, BusError>, mut cx: Context<'_>) -> (u64, Result<(), Box<Fault>>) {
        let answer = match answer {
            Err(error) if cx.permits(&error) => Ok(0),
            answer => answer,
        };
        let value = answer.as_ref().map_or(u64::MAX, |value| *value) & self.asked.shape.width().mask();
        (value, self.ledger.conclude_specially(&self.asked, value, answer.map(drop), cx.failure))
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
        self.ledger.conclude_specially(&self.asked, value, answer, cx.failure)
    }

    #[cold]
    fn panicked(&mut self) {
        let panicked = Err(BusError::refused("the device model panicked"));
        let value = self.asked.shape.width().mask();
        let _raised_by_the_panic = self.ledger.conclude_specially(&self.asked, value, panicked, None);
    }
}

impl Drop for Open<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_answered {
            self.panicked();
        }
    }
}
