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
    ledger::{Books, Ledger, Recording, SPECIAL},
    mapping::Mapping,
    meter::Tick,
    report,
    session::Fault,
    shape::{Asked, Head, Shape},
    slot::Miss,
};
use crate::{error::BusError, mmio::PackedLocation};
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A piece of an access that a region [takes](Mapping::takes): naturally aligned, and no wider than its bus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) mapping: &'static Mapping,
    /// Bytes from the start of the region.
    pub(super) offset: usize,
    pub(super) location: PackedLocation,
    pub(super) shape: Shape,
}

impl Piece {
    pub(super) fn address(&self) -> usize {
        self.mapping.start() + self.offset
    }

    /// Reads it the short way. If that is not to be had, the [long one](Mapping::with) says why.
    #[inline(always)]
    pub(super) fn read(&self) -> Result<u64, Miss> {
        self.mapping.port().read(self)
    }

    /// As [`read`](Self::read).
    #[inline(always)]
    pub(super) fn write(&self, value: u64) -> Result<(), Miss> {
        self.mapping.port().write(self, value)
    }

    /// As [`read`](Self::read), but a panic of the model is an error of the device.
    #[cfg(trap)]
    #[inline(always)]
    pub(super) fn read_caught(&self) -> Result<u64, Miss> {
        self.mapping.port().read_caught(self)
    }

    /// As [`write`](Self::write), but a panic of the model is an error of the device.
    #[cfg(trap)]
    #[inline(always)]
    pub(super) fn write_caught(&self, value: u64) -> Result<(), Miss> {
        self.mapping.port().write_caught(self, value)
    }
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
    piece: &Piece,
) -> Outcome<u64> {
    let open = Open::begin(way, books, device.bank(), piece)?;
    let Some(register) = device.simple_register(piece.offset, piece.shape) else {
        return Some(read_any::<D, CAUGHT>(way, open.recording, books, device));
    };
    Some(match open.ask::<_, CAUGHT>(books, |cx| device.read_simple(register, cx)) {
        Ok((value, None)) if !open.is_special() => (value, books.conclude(way, open.recording, value)),
        Ok((value, failure)) => conclude_read(way, open.recording, books, Ok(value), failure),
        Err(panicked) => conclude_read(way, open.recording, books, Err(panicked), None),
    })
}

/// Writes.
#[inline(always)]
pub(super) fn write<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    books: &mut Books,
    device: &mut D,
    piece: &Piece,
    value: u64,
) -> Outcome<()> {
    let value = value & piece.shape.width().mask();
    let open = Open::begin(way, books, device.bank(), piece)?;
    let Some(register) = device.simple_register(piece.offset, piece.shape) else {
        return Some(((), write_any::<D, CAUGHT>(way, open.recording, books, device, value)));
    };
    let result = match open.ask::<_, CAUGHT>(books, |cx| device.write_simple(register, value, cx)) {
        Ok(((), None)) if !open.is_special() => books.conclude(way, open.recording, value),
        Ok(((), failure)) => conclude_write(way, open.recording, books, value, Ok(()), failure),
        Err(panicked) => conclude_write(way, open.recording, books, value, Err(panicked), None),
    };
    Some(((), result))
}

/// An access that has begun, and has a record.
#[derive(Clone, Copy)]
struct Open<'a> {
    way: Way<'a>,
    recording: Recording,
}

impl<'a> Open<'a> {
    /// `None` if the access must go the long way.
    #[inline(always)]
    fn begin(way: Way<'a>, books: &Books, bank: u8, piece: &Piece) -> Option<Self> {
        let meter = &way.bus.schedule.meter;
        let flags = meter.flags();
        if flags & SPECIAL != 0 {
            return None;
        }
        let Tick { sequence, now: time, due } = meter.tick();
        if due {
            boundary::request(way.bus);
        }
        let Piece { offset, shape, location, .. } = *piece;
        let recording = Recording::of(flags);
        books.record(recording).begin(&Asked { head: Head::new(sequence, bank, shape), offset, time, location });
        Some(Self { way, recording })
    }

    /// Has the model answer; its answer, and why it has failed the test.
    ///
    /// If the model panics the access is recorded and the panic passes; or it is an error of the device, if it is `CAUGHT`,
    /// because the trapped door cannot let it pass.
    #[inline(always)]
    fn ask<T, const CAUGHT: bool>(
        &self,
        books: &mut Books,
        model: impl FnOnce(&mut Context<'_>) -> T,
    ) -> Result<(T, Option<String>), BusError> {
        let Way { bus, mapping } = self.way;
        if CAUGHT {
            let mut cx = Context::new(bus, mapping, Some(books.record(self.recording)));
            return match catch_unwind(AssertUnwindSafe(|| model(&mut cx))) {
                Ok(answer) => Ok((answer, cx.failure)),
                Err(payload) => Err(report::model_panicked(payload.as_ref())),
            };
        }
        let unanswered = Unanswered { open: *self, books };
        let mut cx = Context::new(bus, mapping, Some(unanswered.books.record(self.recording)));
        let answer = model(&mut cx);
        let failure = cx.failure;
        mem::forget(unanswered);
        Ok((answer, failure))
    }

    /// Whether something has become special while the model answered.
    #[inline(always)]
    fn is_special(&self) -> bool {
        self.way.bus.schedule.meter.has(SPECIAL)
    }
}

/// Has a device read that is to know all of the access: it has no registers, or none of just these bytes.
#[inline(never)]
fn read_any<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    recording: Recording,
    books: &mut Books,
    device: &mut D,
) -> (u64, Result<(), Box<Fault>>) {
    let open = Open { way, recording };
    let access = books.record(recording).asked().access();
    match open.ask::<_, CAUGHT>(books, |cx| device.read(access, cx)) {
        Ok((Ok(value), None)) if !open.is_special() => {
            let value = value & access.width.mask();
            (value, books.conclude(way, recording, value))
        }
        Ok((answer, failure)) => conclude_read(way, recording, books, answer, failure),
        Err(panicked) => conclude_read(way, recording, books, Err(panicked), None),
    }
}

/// As [`read_any`].
#[inline(never)]
fn write_any<D: Device, const CAUGHT: bool>(
    way: Way<'_>,
    recording: Recording,
    books: &mut Books,
    device: &mut D,
    value: u64,
) -> Result<(), Box<Fault>> {
    let open = Open { way, recording };
    let access = books.record(recording).asked().access();
    match open.ask::<_, CAUGHT>(books, |cx| device.write(access, value, cx)) {
        Ok((Ok(()), None)) if !open.is_special() => books.conclude(way, recording, value),
        Ok((answer, failure)) => conclude_write(way, recording, books, value, answer, failure),
        Err(panicked) => conclude_write(way, recording, books, value, Err(panicked), None),
    }
}

/// Concludes a read of which something is special. A word each: what is passed in memory would be put there before it is known
/// that this is called.
#[cold]
fn conclude_read(
    way: Way<'_>,
    recording: Recording,
    books: &mut Books,
    answer: Result<u64, BusError>,
    failure: Option<String>,
) -> (u64, Result<(), Box<Fault>>) {
    let asked = books.record(recording).asked();
    let answer = match answer {
        Err(error) if permits(way, recording, books, &error) => Ok(0),
        answer => answer,
    };
    let value = answer.as_ref().map_or(u64::MAX, |value| *value) & asked.shape().width().mask();
    (value, Ledger::new(way, books).conclude_specially(&asked, value, answer.map(drop), failure))
}

/// As [`conclude_read`].
#[cold]
fn conclude_write(
    way: Way<'_>,
    recording: Recording,
    books: &mut Books,
    value: u64,
    answer: Result<(), BusError>,
    failure: Option<String>,
) -> Result<(), Box<Fault>> {
    let asked = books.record(recording).asked();
    let answer = match answer {
        Err(error) if permits(way, recording, books, &error) => Ok(()),
        answer => answer,
    };
    Ledger::new(way, books).conclude_specially(&asked, value, answer, failure)
}

fn permits(way: Way<'_>, recording: Recording, books: &Books, error: &BusError) -> bool {
    Context::new(way.bus, way.mapping, Some(books.record(recording))).permits(error)
}

#[cold]
fn panicked(way: Way<'_>, recording: Recording, books: &mut Books) {
    let asked = books.record(recording).asked();
    let (panicked, value) = (BusError::refused("the device model panicked"), asked.shape().width().mask());
    let _raised_by_the_panic = Ledger::new(way, books).conclude_specially(&asked, value, Err(panicked), None);
}

/// An access that the model is asked for. Dropped when the model panics.
struct Unanswered<'a, 'b> {
    open: Open<'a>,
    books: &'b mut Books,
}

impl Drop for Unanswered<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        panicked(self.open.way, self.open.recording, self.books);
    }
}
