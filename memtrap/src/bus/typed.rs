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
    shape::Origin,
    slot::{Closed, Miss},
    table::{self, Lookup},
};
use crate::{map::Width, trace::Direction};
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
    read_from(address, width, here())
}

/// As [`read`], for the first half of a read-modify-write.
#[inline]
#[track_caller]
pub(crate) fn read_to_modify(address: usize, width: Width) -> Option<u64> {
    read_from(address, width, here().read_modify_write(true))
}

/// Writes `width` at `address`; `false` if the address is not simulated.
///
/// # Panics
///
/// As [`read`].
#[inline]
#[track_caller]
pub(crate) fn write(address: usize, width: Width, value: u64) -> bool {
    write_from(address, width, value, here())
}

/// As [`write()`], for the second half of a read-modify-write.
#[inline]
#[track_caller]
pub(crate) fn write_modified(address: usize, width: Width, value: u64) -> bool {
    write_from(address, width, value, here().read_modify_write(true))
}

#[track_caller]
fn read_from(address: usize, width: Width, origin: Origin) -> Option<u64> {
    if let Some((mapping, offset)) = table::recent_piece(address, width) {
        match mapping.read_piece(Piece { offset, width, origin }) {
            Ok(value) => {
                complete();
                return Some(value);
            }
            Err(Miss::Failed(failed)) => panic!("{}", failed.report),
            Err(Miss::NotYet) => {}
        }
    }
    read_pieces(address, width, origin)
}

#[cold]
#[track_caller]
fn read_pieces(address: usize, width: Width, origin: Origin) -> Option<u64> {
    access(address, width, Direction::Read, origin, |session, offset| {
        let mut value = 0;
        for (at, piece) in pieces(offset, width.bytes(), session.width()) {
            let (bits, result) = session.read(at, piece, origin);
            value |= bits << (8 * (at - offset));
            result?;
        }
        Ok(value)
    })
}

#[track_caller]
fn write_from(address: usize, width: Width, value: u64, origin: Origin) -> bool {
    if let Some((mapping, offset)) = table::recent_piece(address, width) {
        match mapping.write_piece(Piece { offset, width, origin }, value) {
            Ok(()) => {
                complete();
                return true;
            }
            Err(Miss::Failed(failed)) => panic!("{}", failed.report),
            Err(Miss::NotYet) => {}
        }
    }
    write_pieces(address, width, value, origin)
}

#[cold]
#[track_caller]
fn write_pieces(address: usize, width: Width, value: u64, origin: Origin) -> bool {
    access(address, width, Direction::Write, origin, |session, offset| {
        for (at, piece) in pieces(offset, width.bytes(), session.width()) {
            session.write(at, piece, value >> (8 * (at - offset)), origin)?;
        }
        Ok(())
    })
    .is_some()
}

/// The call of the accessor.
#[inline(always)]
#[track_caller]
fn here() -> Origin {
    Origin::new(CodeLocation::Source(Location::caller()))
}

/// Does what is to be done between two accesses.
#[inline]
#[track_caller]
fn complete() {
    if boundary::is_requested() {
        match boundary::complete() {
            Ok(()) => {}
            Err(report) => panic!("{report}"),
        }
    }
}

#[track_caller]
fn access<T>(
    address: usize,
    width: Width,
    direction: Direction,
    origin: Origin,
    work: impl FnOnce(&mut Session<'_>, usize) -> Result<T, Box<Fault>>,
) -> Option<T> {
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
        let result = work(session, address - mapping.start());
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
