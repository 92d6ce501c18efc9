//! The typed door: an accessor that finds its address simulated calls the device directly.

use super::{
    access::CodeLocation,
    boundary,
    core::Core,
    held,
    mapping::{Closed, Mapping, Miss},
    plain::Piece,
    report,
    session::{Fault, Session, pieces},
    shape::Origin,
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
#[track_caller]
pub(crate) fn read(address: usize, width: Width) -> Option<u64> {
    if let Some((mapping, offset)) = table::recent_piece(address, width) {
        match mapping.read_piece(Piece { offset, width, origin: here() }) {
            Ok(value) => {
                complete();
                return Some(value);
            }
            Err(Miss::Failed(failed)) => panic!("{}", failed.report),
            Err(Miss::NotYet) => {}
        }
    }
    read_half(address, width, false)
}

/// As [`read`], for the first half of a read-modify-write.
#[track_caller]
pub(crate) fn read_to_modify(address: usize, width: Width) -> Option<u64> {
    read_half(address, width, true)
}

#[cold]
#[track_caller]
fn read_half(address: usize, width: Width, modify: bool) -> Option<u64> {
    access(address, width, Direction::Read, modify, |session, offset, origin| {
        let mut value = 0;
        for (at, piece) in pieces(offset, width.bytes(), session.width()) {
            let (bits, result) = session.read(at, piece, origin);
            value |= bits << (8 * (at - offset));
            result?;
        }
        Ok(value)
    })
}

/// Writes `width` at `address`; `false` if the address is not simulated.
///
/// # Panics
///
/// As [`read`].
#[track_caller]
pub(crate) fn write(address: usize, width: Width, value: u64) -> bool {
    if let Some((mapping, offset)) = table::recent_piece(address, width) {
        match mapping.write_piece(Piece { offset, width, origin: here() }, value) {
            Ok(()) => {
                complete();
                return true;
            }
            Err(Miss::Failed(failed)) => panic!("{}", failed.report),
            Err(Miss::NotYet) => {}
        }
    }
    write_half(address, width, value, false)
}

/// As [`write()`], for the second half of a read-modify-write.
#[track_caller]
pub(crate) fn write_modified(address: usize, width: Width, value: u64) -> bool {
    write_half(address, width, value, true)
}

#[cold]
#[track_caller]
fn write_half(address: usize, width: Width, value: u64, modify: bool) -> bool {
    access(address, width, Direction::Write, modify, |session, offset, origin| {
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
    modify: bool,
    work: impl FnOnce(&mut Session<'_>, usize, Origin) -> Result<T, Box<Fault>>,
) -> Option<T> {
    let location = CodeLocation::Source(Location::caller());
    let origin = Origin::new(location).read_modify_write(modify);
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
