//! The short way of an access: one piece, nothing special on the bus, and the type of the device is known.
//!
//! It is compiled for each type of device, around the device's own code, which the compiler may then inline. What it does is
//! what [`Session`](super::session::Session) does for any access; what is rare is not here.
//!
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

/// Reads.
#[inline(always)]
pub(super) fn read<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    books: &mut Books,
    device: &mut D,
    piece: Piece,
) -> Outcome<u64> {
    let open = Open::begin(way, device.bank(), piece, Direction::Read)?;
    Some(match device.simple_register(piece.offset, open.asked.shape()) {
        Some(register) => {
            let answer = open.ask::<_, CAUGHT>(books, |cx| Ok(device.read_simple(register, cx)));
            open.finish_read(books, answer)
        }
        None => {
            let answer =
                open.ask::<_, CAUGHT>(books, |cx| Ok(device.read(open.asked.access(), cx)? & piece.width.mask()));
            open.finish_read(books, answer)
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
    let open = Open::begin(way, device.bank(), piece, Direction::Write)?;
    let result = match device.simple_register(piece.offset, open.asked.shape()) {
        Some(register) => {
            let answer = open.ask::<_, CAUGHT>(books, |cx| {
                device.write_simple(register, value, cx);
                Ok(())
            });
            open.finish_write(books, value, answer)
        }
        None => {
            let answer = open.ask::<_, CAUGHT>(books, |cx| device.write(open.asked.access(), value, cx));
            open.finish_write(books, value, answer)
        }
    };
    Some(((), result))
}

/// An access that has begun.
#[derive(Clone, Copy)]
struct Open<'a> {
    way: Way<'a>,
    asked: Asked,
}

/// What the model has answered, and why it has failed the test.
type Answer<T> = (Result<T, BusError>, Option<String>);

impl<'a> Open<'a> {
    /// `None` if the access must go the long way.
    #[inline(always)]
    fn begin(way: Way<'a>, bank: u8, piece: Piece, direction: Direction) -> Option<Self> {
        let meter = &way.bus.schedule.meter;
        if meter.has(SPECIAL) {
            return None;
        }
        let Tick { sequence, now: time, due } = meter.tick();
        if due {
            boundary::request(way.bus);
        }
        let Piece { offset, width, origin } = piece;
        let (head, location) = (Head::new(sequence, bank, origin.shape(direction, width)), origin.packed());
        Some(Self { way, asked: Asked { head, offset, time, location } })
    }

    /// Has the model answer, and records the access if it panics: then the panic passes, or is an error of the device if it is
    /// `CAUGHT`, because the trapped door cannot let it pass.
    #[inline(always)]
    fn ask<T, const CAUGHT: bool>(
        &self,
        books: &mut Books,
        model: impl FnOnce(&mut Context<'_>) -> Result<T, BusError>,
    ) -> Answer<T> {
        let mut cx = Context::new(self.way.bus, self.way.mapping, Some(&self.asked));
        let answer = if CAUGHT {
            let answer = catch_unwind(AssertUnwindSafe(|| model(&mut cx)));
            answer.unwrap_or_else(|payload| Err(report::model_panicked(payload.as_ref())))
        } else {
            let unanswered = Unanswered { open: *self, books };
            let answer = model(&mut cx);
            mem::forget(unanswered);
            answer
        };
        (answer, cx.failure)
    }

    #[inline(always)]
    fn is_special(&self) -> bool {
        self.way.bus.schedule.meter.has(SPECIAL)
    }

    #[inline(always)]
    fn finish_read(&self, books: &mut Books, answer: Answer<u64>) -> (u64, Result<(), Box<Fault>>) {
        match answer {
            (Ok(value), None) if !self.is_special() => {
                (value, books.conclude(self.way.bus, self.way.mapping, &self.asked, value))
            }
            (answer, failure) => self.conclude_read(books, answer, failure),
        }
    }

    #[inline(always)]
    fn finish_write(&self, books: &mut Books, value: u64, answer: Answer<()>) -> Result<(), Box<Fault>> {
        match answer {
            (Ok(()), None) if !self.is_special() => books.conclude(self.way.bus, self.way.mapping, &self.asked, value),
            (answer, failure) => self.conclude_write(books, value, answer, failure),
        }
    }

    #[cold]
    fn conclude_read(
        self,
        books: &mut Books,
        answer: Result<u64, BusError>,
        failure: Option<String>,
    ) -> (u64, Result<(), Box<Fault>>) {
        let answer = match answer {
            Err(error) if self.permits(&error) => Ok(0),
            answer => answer,
        };
        let value = answer.as_ref().map_or(u64::MAX, |value| *value) & self.asked.shape().width().mask();
        (value, Ledger::new(self.way, books).conclude_specially(&self.asked, value, answer.map(drop), failure))
    }

    #[cold]
    fn conclude_write(
        self,
        books: &mut Books,
        value: u64,
        answer: Result<(), BusError>,
        failure: Option<String>,
    ) -> Result<(), Box<Fault>> {
        let answer = match answer {
            Err(error) if self.permits(&error) => Ok(()),
            answer => answer,
        };
        Ledger::new(self.way, books).conclude_specially(&self.asked, value, answer, failure)
    }

    fn permits(&self, error: &BusError) -> bool {
        Context::new(self.way.bus, self.way.mapping, Some(&self.asked)).permits(error)
    }

    #[cold]
    fn panicked(self, books: &mut Books) {
        let panicked = Err(BusError::refused("the device model panicked"));
        let value = self.asked.shape().width().mask();
        let _raised_by_the_panic = Ledger::new(self.way, books).conclude_specially(&self.asked, value, panicked, None);
    }
}

/// An access that the model is asked for. Dropped when the model panics.
struct Unanswered<'a, 'b> {
    open: Open<'a>,
    books: &'b mut Books,
}

impl Drop for Unanswered<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.open.panicked(self.books);
    }
}
