//! The typed door: an accessor that finds its address simulated calls the device directly.

use super::{
    access::CodeLocation,
    boundary,
    core::Core,
    held,
    mapping::Mapping,
    plain::Piece,
    report,
    session::{Fault, Session, pieces},
    shape::{Origin, Shape},
    slot::{Closed, Miss},
    table::{self, Lookup},
};
use crate::{map::Width, mmio::PackedLocation, trace::Direction};
use std::{panic::Location, sync::Arc};

/// Reads `width` at `address`, or `None` if the address is not simulated.
///
/// # Panics
///
/// With a report, if the device refuses the access, its model fails, or the region was retired; or with an earlier
/// report of the trapped door that has not been raised yet.
#[inline]
#[track_caller]
pub(crate) fn read(address: usize, width: Width) -> Option<u64> {
    read_from(address, Shape::new(Direction::Read, width))
}

/// As [`read`], for the first half of a read-modify-write.
#[inline]
#[track_caller]
pub(crate) fn read_to_modify(address: usize, width: Width) -> Option<u64> {
    read_from(address, Shape::new(Direction::Read, width).half())
}

/// Writes `width` at `address`; `false` if the address is not simulated.
///
/// # Panics
///
/// As [`read`].
#[inline]
#[track_caller]
pub(crate) fn write(address: usize, width: Width, value: u64) -> bool {
    write_from(address, Shape::new(Direction::Write, width), value)
}

/// As [`write()`], for the second half of a read-modify-write.
#[inline]
#[track_caller]
pub(crate) fn write_modified(address: usize, width: Width, value: u64) -> bool {
    write_from(address, Shape::new(Direction::Write, width).half(), value)
}

#[track_caller]
fn read_from(address: usize, shape: Shape) -> Option<u64> {
    match table::recent_piece(address, shape.width()) {
        Some((mapping, offset)) => read_piece(&Piece { mapping, offset, location: here(), shape }),
        None => read_elsewhere(address, shape),
    }
}

#[inline(always)]
#[track_caller]
fn read_piece(piece: &Piece) -> Option<u64> {
    match piece.read() {
        Ok(value) if !boundary::is_requested() => Some(value),
        outcome => conclude_read(piece, outcome),
    }
}

/// Takes the piece in memory, so that nothing is kept in registers for what is rare.
#[cold]
#[inline(never)]
#[track_caller]
fn conclude_read(piece: &Piece, outcome: Result<u64, Miss>) -> Option<u64> {
    match outcome {
        Ok(value) => {
            complete();
            Some(value)
        }
        Err(Miss::Failed(failed)) => panic!("{}", failed.report),
        Err(Miss::NotYet) => read_pieces(piece.address(), piece.shape),
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn read_elsewhere(address: usize, shape: Shape) -> Option<u64> {
    match table::piece(address, shape.width()) {
        Some((mapping, offset)) => read_piece(&Piece { mapping, offset, location: here(), shape }),
        None => read_pieces(address, shape),
    }
}

#[cold]
#[track_caller]
fn read_pieces(address: usize, shape: Shape) -> Option<u64> {
    access(address, shape, |session, offset, origin| {
        let mut value = 0;
        for (at, piece) in pieces(offset, shape.width().bytes(), session.width()) {
            let (bits, result) = session.read(at, piece, origin);
            value |= bits << (8 * (at - offset));
            result?;
        }
        Ok(value)
    })
}

#[track_caller]
fn write_from(address: usize, shape: Shape, value: u64) -> bool {
    match table::recent_piece(address, shape.width()) {
        Some((mapping, offset)) => write_piece(&Piece { mapping, offset, location: here(), shape }, value),
        None => write_elsewhere(address, shape, value),
    }
}

#[inline(always)]
#[track_caller]
fn write_piece(piece: &Piece, value: u64) -> bool {
    match piece.write(value) {
        Ok(()) if !boundary::is_requested() => true,
        outcome => conclude_write(piece, value, outcome),
    }
}

/// As [`conclude_read`].
#[cold]
#[inline(never)]
#[track_caller]
fn conclude_write(piece: &Piece, value: u64, outcome: Result<(), Miss>) -> bool {
    match outcome {
        Ok(()) => {
            complete();
            true
        }
        Err(Miss::Failed(failed)) => panic!("{}", failed.report),
        Err(Miss::NotYet) => write_pieces(piece.address(), piece.shape, value),
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn write_elsewhere(address: usize, shape: Shape, value: u64) -> bool {
    match table::piece(address, shape.width()) {
        Some((mapping, offset)) => write_piece(&Piece { mapping, offset, location: here(), shape }, value),
        None => write_pieces(address, shape, value),
    }
}

#[cold]
#[track_caller]
fn write_pieces(address: usize, shape: Shape, value: u64) -> bool {
    access(address, shape, |session, offset, origin| {
        for (at, piece) in pieces(offset, shape.width().bytes(), session.width()) {
            session.write(at, piece, value >> (8 * (at - offset)), origin)?;
        }
        Ok(())
    })
    .is_some()
}

/// The call of the accessor.
#[inline(always)]
#[track_caller]
fn here() -> PackedLocation {
    CodeLocation::Source(Location::caller()).into()
}

/// Does what is to be done between two accesses.
#[track_caller]
fn complete() {
    if let Err(report) = boundary::complete() {
        panic!("{report}");
    }
}

#[track_caller]
fn access<T>(
    address: usize,
    shape: Shape,
    work: impl FnOnce(&mut Session<'_>, usize, Origin) -> Result<T, Box<Fault>>,
) -> Option<T> {
    let (width, direction, origin) = (shape.width(), shape.direction(), Origin::of(shape, here()));
    let location = origin.location();
    let mapping = match table::lookup(address) {
        Lookup::Foreign => return None,
        Lookup::Gap(neighbour) => unmapped(address, width, direction, location, neighbour),
        Lookup::Others(one, other) => {
            panic!("{}", report::ambiguous(address, width.bytes(), direction, location, one, other))
        }
        Lookup::Region(mapping) => mapping,
    };
    if mapping.end() - address < width.bytes() && mapping.is_live() {
        unmapped(mapping.end(), width, direction, location, mapping);
    }
    // Reports are raised after the lock is released, so that the test can still look at the model.
    let outcome = mapping.with(|session| {
        let earlier = earlier_report(session);
        let result = work(session, address - mapping.start(), origin);
        (earlier, result.map_err(|fault| session.report(&fault)))
    });
    match outcome {
        Ok((earlier, result)) => {
            if let Some(bus) = earlier {
                bus.raise();
            }
            // Not in a closure: the panic would give its location instead of the driver's.
            match result.and_then(|value| boundary::complete().map(|()| value)) {
                Ok(value) => Some(value),
                Err(report) => panic!("{report}"),
            }
        }
        Err(Closed::Retired) => panic!("{}", report::retired(mapping, address, width.bytes(), direction, location)),
        Err(Closed::Held(holder)) => {
            panic!("{}", report::reentered(mapping, holder, address, width.bytes(), direction, location))
        }
    }
}

/// The bus, if a report of the trapped door waits there that can be raised now: not while a model is running, which
/// would be blamed for it.
fn earlier_report(session: &Session<'_>) -> Option<Arc<Core>> {
    let bus = session.bus();
    (bus.has_report() && held::count() == 1).then(|| Arc::clone(bus))
}

#[track_caller]
fn unmapped(address: usize, width: Width, direction: Direction, location: CodeLocation, neighbour: &Mapping) -> ! {
    panic!("{}", report::unmapped(address, width.bytes(), direction, location, Some(neighbour)))
}

#[cfg(test)]
mod tests;
