//! Bytes at an address, wherever it lies: in a region, in the driver's memory, or partly in either.

use super::{
    asm, driver_stack,
    pending::{self, NativeFault},
};
use crate::{
    bus::{
        mapping::Mapping,
        report,
        shape::Origin,
        slot::Closed,
        table::{self, Lookup, PAGE},
        trapped,
    },
    trace::Direction,
};
use std::{ops::Range, ptr};

/// Why an instruction cannot be completed.
#[derive(Debug)]
pub(super) enum Stop {
    /// The engine refuses it; the report is printed and the fault goes to the previous handler.
    Refused(String),
    /// The instruction faults natively.
    Native(NativeFault),
}

/// A run of bytes that lies in one region, or in none.
enum Part {
    Region(&'static Mapping),
    Ram,
}

/// Why bytes of memtrap's address space lie in no region.
enum Nobody {
    /// There is none; the nearest, if it is known.
    Gap(Option<&'static Mapping>),
    /// There are several, and none is this thread's.
    Others(&'static Mapping, Option<&'static Mapping>),
}

impl Nobody {
    fn stop(&self, address: usize, length: usize, direction: Direction, origin: Origin) -> Stop {
        Stop::Refused(match *self {
            Self::Gap(neighbour) => report::unmapped(address, length, direction, origin.location(), neighbour),
            Self::Others(one, other) => report::ambiguous(address, length, direction, origin.location(), one, other),
        })
    }
}

/// The parts of `length` bytes at `address`, in ascending order: offsets from `address`, and where they lie.
fn parts(address: usize, length: usize) -> impl Iterator<Item = (Range<usize>, Result<Part, Nobody>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == length {
            return None;
        }
        let at = address.wrapping_add(done);
        let to_page_end = PAGE - at % PAGE;
        let (part, available) = match table::lookup(at) {
            Lookup::Region(mapping) => (Ok(Part::Region(mapping)), mapping.end() - at),
            Lookup::Gap(neighbour) => (Err(Nobody::Gap(Some(neighbour))), to_page_end),
            Lookup::Others(one, other) => (Err(Nobody::Others(one, other)), to_page_end),
            Lookup::Foreign if super::pages::in_arena(at) => (Err(Nobody::Gap(None)), to_page_end),
            Lookup::Foreign => (Ok(Part::Ram), to_page_end),
        };
        let range = done..length.min(done + available);
        done = range.end;
        Some((range, part))
    })
}

/// Reads `into.len()` bytes at `address`, in ascending order.
pub(super) fn read(address: usize, into: &mut [u8], origin: Origin) -> Result<(), Stop> {
    let whole = into.len();
    let done = trapped::read_pieces(address, into, origin);
    if done == whole {
        return Ok(());
    }
    let (address, into) = (address.wrapping_add(done), &mut into[done..]);
    let whole = into.len();
    for (range, part) in parts(address, whole) {
        let at = address.wrapping_add(range.start);
        let bytes = &mut into[range];
        match part {
            Ok(Part::Region(mapping)) => {
                let answered = mapping.with(|session| trapped::read(session, at - mapping.start(), bytes, origin));
                if let Err(closed) = answered {
                    bytes.fill(0xff);
                    refuse_closed(mapping, closed, at, whole, Direction::Read, origin)?;
                }
            }
            Ok(Part::Ram) => {
                let from = ptr::with_exposed_provenance(at);
                // SAFETY: `bytes` is valid for the write; the driver's instruction reads `from`.
                unsafe { asm::copy(bytes.as_mut_ptr(), from, bytes.len()) }.map_err(|_| native_fault())?;
            }
            Err(nobody) => return Err(nobody.stop(at, whole, Direction::Read, origin)),
        }
    }
    Ok(())
}

/// Writes `bytes` at `address`, in ascending order: devices first, so that nothing lands in memory if one refuses.
pub(super) fn write(address: usize, bytes: &[u8], origin: Origin) -> Result<(), Stop> {
    let whole = bytes.len();
    let done = trapped::write_pieces(address, bytes, origin);
    if done == whole {
        return Ok(());
    }
    let (address, bytes) = (address.wrapping_add(done), &bytes[done..]);
    let whole = bytes.len();
    // A processor checks that it may write everywhere before it writes anywhere.
    for (range, part) in parts(address, whole) {
        let at = address.wrapping_add(range.start);
        match part {
            Ok(Part::Region(_)) => {}
            Ok(Part::Ram) => {
                // SAFETY: The driver's instruction writes there.
                unsafe { asm::probe_write(ptr::with_exposed_provenance_mut(at)) }.map_err(|_| native_fault())?;
            }
            Err(nobody) => return Err(nobody.stop(at, whole, Direction::Write, origin)),
        }
    }
    for (range, part) in parts(address, whole) {
        let at = address.wrapping_add(range.start);
        if let Ok(Part::Region(mapping)) = part {
            let bytes = &bytes[range];
            match mapping.with(|session| trapped::write(session, at - mapping.start(), bytes, origin)) {
                Ok(Ok(())) => {}
                Ok(Err(trapped::Refused)) => return Ok(()),
                Err(closed) => return refuse_closed(mapping, closed, at, whole, Direction::Write, origin),
            }
        }
    }
    for (range, part) in parts(address, whole) {
        let at = address.wrapping_add(range.start);
        if matches!(part, Ok(Part::Ram)) {
            let bytes = &bytes[range];
            let to = ptr::with_exposed_provenance_mut(at);
            // SAFETY: `bytes` is valid for the read; the driver's instruction writes to `to`.
            unsafe { asm::copy(to, bytes.as_ptr(), bytes.len()) }.map_err(|_| native_fault())?;
        }
    }
    Ok(())
}

/// Checks that the byte at `address` can be written: it lies in a region, or in memory that the driver may write.
pub(super) fn probe_write(address: usize) -> Result<(), Stop> {
    if touches_device(address, 1) {
        return Ok(());
    }
    // SAFETY: The driver's instruction asks whether it could write there.
    unsafe { asm::probe_write(ptr::with_exposed_provenance_mut(address)) }.map_err(|_| native_fault())
}

/// Whether one of `length` bytes at `address` is memtrap's.
pub(super) fn touches_device(address: usize, length: usize) -> bool {
    parts(address, length).any(|(_, part)| !matches!(part, Ok(Part::Ram)))
}

/// The region that holds all of `length` bytes at `address`.
pub(super) fn region(address: usize, length: usize) -> Option<&'static Mapping> {
    match table::lookup(address) {
        Lookup::Region(mapping) if address + length <= mapping.end() => Some(mapping),
        _ => None,
    }
}

/// An access to a device whose lock could not be had: a late one is refused, one from inside is kept as a report.
pub(super) fn refuse_closed(
    mapping: &'static Mapping,
    closed: Closed,
    address: usize,
    length: usize,
    direction: Direction,
    origin: Origin,
) -> Result<(), Stop> {
    match closed {
        Closed::Retired => Err(Stop::Refused(report::retired(mapping, address, length, direction, origin.location()))),
        Closed::Held(holder) => {
            let report = || report::reentered(mapping, holder, address, length, direction, origin.location());
            match mapping.bus() {
                Some(bus) => {
                    bus.defer(report);
                    driver_stack::failed(&bus);
                    Ok(())
                }
                None => Err(Stop::Refused(report())),
            }
        }
    }
}

/// The fault of the access to the driver's memory that has just failed.
fn native_fault() -> Stop {
    match pending::take_engine_fault() {
        Some(fault) => Stop::Native(fault),
        None => Stop::Refused("memtrap: an access to the driver's memory failed without a fault".to_owned()),
    }
}
