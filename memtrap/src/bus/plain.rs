//! The short way of an access: one piece, nothing special on the bus, and the type of the device is known.
//!
//! It is compiled for each type of device, around the device's own code, which the compiler may then inline. What it does is
//! what [`Session`](super::session::Session) does for any access; what is rare is not here.

//! The usual case does without structures in memory: what is rare is in functions of its own, which get copies.

use super::{
    boundary,
    context::Context,
    core::Core,
    device::Device,
    ledger::{Books, Ledger, SPECIAL},
    mapping::Mapping,
    meter::Tick,
    report,
    session::Fault,
    shape::{Asked, Head, Origin},
};
use crate::{error::BusError, map::Width, trace::Direction};
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A piece of an access: naturally aligned, and no wider than the region's bus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) offset: usize,
    pub(super) width: Width,
    pub(super) origin: Origin,
}

/// Where a piece goes.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) bus: &'a Arc<Core>,
    pub(super) mapping: &'static Mapping,
}

/// The value of an access and what has failed; `None` if the access must go the long way, and has not begun.
pub(super) type Outcome<T> = Option<(T, Result<(), Box<Fault>>)>;

impl Way<'_> {
    /// Begins an access.
    #[inline(always)]
    fn begin(self, bank: u8, piece: Piece, direction: Direction) -> Option<Asked> {
        let meter = &self.bus.schedule.meter;
        if meter.has(SPECIAL) {
            return None;
        }
        let Tick { sequence, now: time, due } = meter.tick();
        if due {
            boundary::request(self.bus);
        }
        let Piece { offset, width, origin } = piece;
        let (shape, location) = (origin.shape(direction, width), origin.packed());
        Some(Asked { head: Head::new(sequence, bank, shape), offset, time, location })
    }

    #[inline(always)]
    fn is_special(self) -> bool {
        self.bus.schedule.meter.has(SPECIAL)
    }
}

/// Calls the model. A panic of it passes, or is an error of the device if it is `CAUGHT`: the trapped door cannot let it pass.
#[inline(always)]
fn call<T, const CAUGHT: bool>(model: impl FnOnce() -> Result<T, BusError>) -> Result<T, BusError> {
    if CAUGHT {
        let answer = catch_unwind(AssertUnwindSafe(model));
        answer.unwrap_or_else(|payload| Err(report::model_panicked(payload.as_ref())))
    } else {
        model()
    }
}

/// Has the model answer, and records the access if it does not.
#[inline(always)]
fn ask<T, const CAUGHT: bool>(
    way: Way<'_>,
    books: &mut Books,
    asked: &Asked,
    model: impl FnOnce(&mut Context<'_>) -> Result<T, BusError>,
) -> (Result<T, BusError>, Option<String>) {
    let unanswered = Unanswered { way, books, asked: *asked };
    let mut cx = Context::new(way.bus, way.mapping, Some(asked));
    let answer = call::<T, CAUGHT>(|| model(&mut cx));
    mem::forget(unanswered);
    (answer, cx.failure)
}

/// Reads.
#[inline(always)]
pub(super) fn read<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    books: &mut Books,
    device: &mut D,
    piece: Piece,
) -> Outcome<u64> {
    let asked = way.begin(device.bank(), piece, Direction::Read)?;
    Some(match device.simple_register(piece.offset, asked.shape()) {
        Some(register) => {
            let model = |cx: &mut Context<'_>| Ok(device.read_simple(register, cx));
            match ask::<_, CAUGHT>(way, books, &asked, model) {
                (Ok(value), None) if !way.is_special() => {
                    return Some((value, books.conclude(way.bus, way.mapping, &asked, value)));
                }
                (answer, failure) => conclude_read(way, books, asked, answer, failure),
            }
        }
        None => {
            let model = |cx: &mut Context<'_>| Ok(device.read(asked.access(), cx)? & piece.width.mask());
            let answer = ask::<_, CAUGHT>(way, books, &asked, model);
            finish_read(way, books, &asked, answer)
        }
    })
}

/// Writes.
#[inline(always)]
pub(super) fn write<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    books: &mut Books,
    device: &mut D,
    piece: Piece,
    value: u64,
) -> Outcome<()> {
    let value = value & piece.width.mask();
    let asked = way.begin(device.bank(), piece, Direction::Write)?;
    let result = match device.simple_register(piece.offset, asked.shape()) {
        Some(register) => {
            let model = |cx: &mut Context<'_>| {
                device.write_simple(register, value, cx);
                Ok(())
            };
            let answer = ask::<_, CAUGHT>(way, books, &asked, model);
            finish_write(way, books, &asked, value, answer)
        }
        None => {
            let model = |cx: &mut Context<'_>| device.write(asked.access(), value, cx);
            let answer = ask::<_, CAUGHT>(way, books, &asked, model);
            finish_write(way, books, &asked, value, answer)
        }
    };
    Some(((), result))
}

#[inline(always)]
fn finish_read(
    way: Way<'_>,
    books: &mut Books,
    asked: &Asked,
    answer: (Result<u64, BusError>, Option<String>),
) -> (u64, Result<(), Box<Fault>>) {
    match answer {
        (Ok(value), None) if !way.is_special() => (value, books.conclude(way.bus, way.mapping, asked, value)),
        (answer, failure) => conclude_read(way, books, *asked, answer, failure),
    }
}

#[inline(always)]
fn finish_write(
    way: Way<'_>,
    books: &mut Books,
    asked: &Asked,
    value: u64,
    answer: (Result<(), BusError>, Option<String>),
) -> Result<(), Box<Fault>> {
    match answer {
        (Ok(()), None) if !way.is_special() => books.conclude(way.bus, way.mapping, asked, value),
        (answer, failure) => conclude_write(way, books, *asked, value, answer, failure),
    }
}

#[cold]
fn conclude_read(
    way: Way<'_>,
    books: &mut Books,
    asked: Asked,
    answer: Result<u64, BusError>,
    failure: Option<String>,
) -> (u64, Result<(), Box<Fault>>) {
    let answer = match answer {
        Err(error) if Context::new(way.bus, way.mapping, Some(&asked)).permits(&error) => Ok(0),
        answer => answer,
    };
    let value = answer.as_ref().map_or(u64::MAX, |value| *value) & asked.shape().width().mask();
    (value, Ledger::new(way, books).conclude_specially(&asked, value, answer.map(drop), failure))
}

#[cold]
fn conclude_write(
    way: Way<'_>,
    books: &mut Books,
    asked: Asked,
    value: u64,
    answer: Result<(), BusError>,
    failure: Option<String>,
) -> Result<(), Box<Fault>> {
    let answer = match answer {
        Err(error) if Context::new(way.bus, way.mapping, Some(&asked)).permits(&error) => Ok(()),
        answer => answer,
    };
    Ledger::new(way, books).conclude_specially(&asked, value, answer, failure)
}

/// An access that has begun. Dropped when the model panics: then the access is recorded.
struct Unanswered<'a> {
    way: Way<'a>,
    books: &'a mut Books,
    asked: Asked,
}

impl Drop for Unanswered<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        panicked(self.way, self.books, self.asked);
    }
}

#[cold]
fn panicked(way: Way<'_>, books: &mut Books, asked: Asked) {
    let panicked = Err(BusError::refused("the device model panicked"));
    let value = asked.shape().width().mask();
    let _raised_by_the_panic = Ledger::new(way, books).conclude_specially(&asked, value, panicked, None);
}
