//! The trapped door: bytes that an instruction moves, as accesses of a locked device.
//!
//! Nothing here unwinds: the caller stands in for a machine instruction. What fails is kept as a report on the bus, and
//! a read completes with all bits set.

use super::{
    boundary,
    mapping::Mapping,
    plain::Piece,
    report,
    session::{Fault, Session, pieces},
    shape::Origin,
    slot::Miss,
    table,
};
use crate::{map::Width, trace::Direction, trap::driver_stack};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The device did not accept a write; the report is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// Fills `into` from the device, starting at `offset` bytes into its region, in ascending order. When a piece fails the rest
/// is not asked for, and has all bits set.
pub(crate) fn read(session: &mut Session<'_>, offset: usize, into: &mut [u8], origin: Origin) {
    for (at, width) in pieces(offset, into.len(), session.width()) {
        let answer = guarded(session, |session| session.read(at, width, origin));
        let failed = answer.is_err();
        let value = answer.unwrap_or_else(|poison| poison.unwrap_or(u64::MAX));
        let (start, end) = (at - offset, at - offset + width.bytes());
        into[start..end].copy_from_slice(&value.to_le_bytes()[..width.bytes()]);
        if failed {
            into[end..].fill(0xff);
            return;
        }
    }
}

/// Sends `bytes` to the device, starting at `offset` bytes into its region, in ascending order.
///
/// # Errors
///
/// [`Refused`] at the first piece the device does not accept; the rest is not sent.
pub(crate) fn write(session: &mut Session<'_>, offset: usize, bytes: &[u8], origin: Origin) -> Result<(), Refused> {
    for (at, width) in pieces(offset, bytes.len(), session.width()) {
        let start = at - offset;
        let mut value = [0; 8];
        value[..width.bytes()].copy_from_slice(&bytes[start..start + width.bytes()]);
        let value = u64::from_le_bytes(value);
        guarded(session, |session| ((), session.write(at, width, value, origin))).map_err(|_| Refused)?;
    }
    Ok(())
}

/// Reads a naturally aligned `width` at `address` the short way; `None` if it is not to be had. When the read fails, the
/// report is kept.
#[inline]
pub(crate) fn read_piece(address: usize, width: Width, origin: Origin) -> Option<u64> {
    let (mapping, offset) = table::piece(address, width)?;
    match piece(mapping, offset, width, Direction::Read, origin).read_caught() {
        Ok(value) => Some(value),
        Err(Miss::NotYet) => None,
        Err(Miss::Failed(failed)) => {
            keep(mapping, failed.report);
            Some(failed.value)
        }
    }
}

/// Writes a naturally aligned `width` at `address` the short way; `false` if it is not to be had. When the write fails, the
/// report is kept.
#[inline]
pub(crate) fn write_piece(address: usize, width: Width, value: u64, origin: Origin) -> bool {
    let Some((mapping, offset)) = table::piece(address, width) else { return false };
    match piece(mapping, offset, width, Direction::Write, origin).write_caught(value) {
        Ok(()) => true,
        Err(Miss::NotYet) => false,
        Err(Miss::Failed(failed)) => {
            keep(mapping, failed.report);
            true
        }
    }
}

/// As [`read_piece`], for bytes that lie in one region: the number of bytes that were read, from the first, and none if the
/// short way is not to be had.
pub(crate) fn read_pieces(address: usize, into: &mut [u8], origin: Origin) -> usize {
    let Some((mapping, offset)) = table::recent_range(address, into.len()) else { return 0 };
    for (at, width) in pieces(offset, into.len(), mapping.width()) {
        let (start, end) = (at - offset, at - offset + width.bytes());
        let (value, failed) = match piece(mapping, at, width, Direction::Read, origin).read_caught() {
            Ok(value) => (value, None),
            Err(Miss::NotYet) => return start,
            Err(Miss::Failed(failed)) => (failed.value, Some(failed.report)),
        };
        put(&mut into[start..end], value);
        if let Some(report) = failed {
            keep(mapping, report);
            into[end..].fill(0xff);
            break;
        }
    }
    into.len()
}

/// As [`write_piece`], for bytes that lie in one region: the number of bytes that were written, from the first, and none if
/// the short way is not to be had.
pub(crate) fn write_pieces(address: usize, bytes: &[u8], origin: Origin) -> usize {
    let Some((mapping, offset)) = table::recent_range(address, bytes.len()) else { return 0 };
    for (at, width) in pieces(offset, bytes.len(), mapping.width()) {
        let start = at - offset;
        let value = get(&bytes[start..start + width.bytes()]);
        match piece(mapping, at, width, Direction::Write, origin).write_caught(value) {
            Ok(()) => {}
            Err(Miss::NotYet) => return start,
            Err(Miss::Failed(failed)) => {
                keep(mapping, failed.report);
                break;
            }
        }
    }
    bytes.len()
}

#[inline(always)]
fn piece(mapping: &'static Mapping, offset: usize, width: Width, direction: Direction, origin: Origin) -> Piece {
    Piece { mapping, offset, shape: origin.shape(direction, width), location: origin.packed() }
}

/// Stores as many bytes of `value` as there are. Copies of sizes that the compiler knows are no calls.
#[inline]
fn put(into: &mut [u8], value: u64) {
    match into {
        [byte] => *byte = value as u8,
        [_, _] => into.copy_from_slice(&(value as u16).to_le_bytes()),
        [_, _, _, _] => into.copy_from_slice(&(value as u32).to_le_bytes()),
        _ => into.copy_from_slice(&value.to_le_bytes()),
    }
}

/// The value of one, two, four or eight bytes.
#[inline]
fn get(bytes: &[u8]) -> u64 {
    match *bytes {
        [a] => a.into(),
        [a, b] => u16::from_le_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => unreachable!("a piece has a width"),
    }
}

#[cold]
fn keep(mapping: &Mapping, report: String) {
    if let Some(bus) = mapping.bus() {
        bus.defer(|| report);
        driver_stack::failed(&bus);
    }
}

/// Does what is to be done between two instructions of the driver; what fails is kept as a report on the bus.
#[inline]
pub(crate) fn complete() {
    if boundary::is_requested() {
        look_after();
    }
}

#[cold]
fn look_after() {
    let report = match catch_unwind(boundary::complete) {
        Ok(Ok(())) => return,
        Ok(Err(report)) => report,
        Err(panic) => report::interrupted(panic.as_ref()),
    };
    if let Some(bus) = boundary::last() {
        bus.defer(|| report);
        driver_stack::failed(&bus);
    }
}

/// Keeps the report of a fault until it can be raised: when the instruction is done if the driver has a stack of its
/// own, otherwise at the next call into memtrap.
fn defer(session: &Session<'_>, fault: &Fault) {
    let bus = session.bus();
    bus.defer(|| session.report(fault));
    driver_stack::failed(bus);
}

/// Calls `work`; a fault or a panic becomes a report on the bus and `Err` with the value, if the model gave one.
fn guarded<T>(
    session: &mut Session<'_>,
    work: impl FnOnce(&mut Session<'_>) -> (T, Result<(), Box<Fault>>),
) -> Result<T, Option<T>> {
    match catch_unwind(AssertUnwindSafe(|| work(session))) {
        Ok((value, Ok(()))) => Ok(value),
        Ok((value, Err(fault))) => {
            defer(session, &fault);
            Err(Some(value))
        }
        Err(panic) => {
            if let Some(fault) = session.panicked(panic.as_ref()) {
                defer(session, &fault);
            }
            Err(None)
        }
    }
}
