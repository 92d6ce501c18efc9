//! The typed door: an accessor that finds its address simulated calls the device directly.

use super::{
    access::CodeLocation,
    mapping::{Closed, Mapping},
    report,
    session::{Failure, Fault, Origin, Session},
    table::{self, Lookup},
};
use crate::{map::Width, trace::Direction};
use std::panic::Location;

/// Reads `width` at `address`, or `None` if the address is not simulated.
///
/// # Panics
///
/// With a report, if the device refuses the access, its model fails, or the region was retired.
#[track_caller]
pub(crate) fn read(address: usize, width: Width) -> Option<u64> {
    access(address, width, Direction::Read, |session, offset, origin| session.read(offset, width, origin))
}

/// Writes `width` at `address`; `false` if the address is not simulated.
///
/// # Panics
///
/// As [`read`].
#[track_caller]
pub(crate) fn write(address: usize, width: Width, value: u64) -> bool {
    access(address, width, Direction::Write, |session, offset, origin| {
        ((), session.write(offset, width, value, origin))
    })
    .is_some()
}

#[track_caller]
fn access<T>(
    address: usize,
    width: Width,
    direction: Direction,
    work: impl FnOnce(&mut Session<'_>, usize, Origin) -> (T, Result<(), Fault>),
) -> Option<T> {
    let location = CodeLocation::Source(Location::caller());
    let origin = Origin { location, read_modify_write: false, locked: false };
    let mapping = match table::lookup(address) {
        Lookup::Foreign => return None,
        Lookup::Gap(neighbour) => {
            panic!("{}", report::unmapped(address, width.bytes(), direction, location, Some(neighbour)))
        }
        Lookup::Region(mapping) => mapping,
    };
    // A fault is raised after the lock is released, so that the test can still look at the model.
    match mapping.with(|session| {
        let (value, result) = work(session, address - mapping.start(), origin);
        (value, result.map_err(|fault| fault_report(session, &fault)))
    }) {
        Ok((value, Ok(()))) => Some(value),
        Ok((_, Err(report))) => panic!("{report}"),
        Err(closed) => panic!("{}", closed_report(mapping, closed, address, width, direction, location)),
    }
}

fn fault_report(session: &Session<'_>, fault: &Fault) -> String {
    let Fault { failure: Failure::Refused(_) | Failure::Failed(_), .. } = fault;
    report::fault(fault, &session.bus().trace())
}

fn closed_report(
    mapping: &'static Mapping,
    closed: Closed,
    address: usize,
    width: Width,
    direction: Direction,
    location: CodeLocation,
) -> String {
    match closed {
        Closed::Retired => report::retired(mapping, address, width.bytes(), direction, location),
        Closed::Held(holder) => report::reentered(mapping, holder, address, width.bytes(), direction, location),
    }
}
