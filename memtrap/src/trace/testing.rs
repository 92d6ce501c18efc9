//! Events for the unit tests of this module.

use super::{AccessEvent, Direction, Event, EventKind, Trace, TracedRegion};
use crate::{
    bus::{Access, CodeLocation},
    error::BusError,
    map::{AccessKind, Register, RegisterMap, Width},
};
use std::time::Duration;

/// Time of an access.
const TICK: Duration = Duration::from_nanos(100);

pub(super) static MAP: RegisterMap = RegisterMap::new("uart", 0x100, Width::U32, {
    const REGISTERS: &[Register] = &[
        Register::new("dr", 0x00, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("fr", 0x18, Width::U16, AccessKind::ReadOnly, 0x90),
        Register::new("id", 0x20, Width::U8, AccessKind::ReadOnly, 0).array(4, 4),
    ];
    REGISTERS
});

/// An access to a block with the registers `dr`, `fr` and `id[4]`.
pub(super) fn access(sequence: u64, direction: Direction, offset: usize, value: u64) -> Event {
    let width = MAP.find(offset).map_or(Width::U32, |place| MAP.registers[place.register].width);
    let access = Access {
        time: TICK * sequence as u32,
        offset,
        width,
        read_modify_write: false,
        locked: false,
        sequence,
        location: CodeLocation::Instruction(0x1234),
    };
    let event = AccessEvent { direction, access, value, registers: Some(&MAP), error: None };
    Event { sequence, time: TICK * sequence as u32, region: "uart", kind: EventKind::Access(event) }
}

pub(super) fn read(sequence: u64, offset: usize, value: u64) -> Event {
    access(sequence, Direction::Read, offset, value)
}

pub(super) fn write(sequence: u64, offset: usize, value: u64) -> Event {
    access(sequence, Direction::Write, offset, value)
}

pub(super) fn note(sequence: u64, text: &str) -> Event {
    Event { sequence, time: TICK * sequence as u32, region: "uart", kind: EventKind::Note(text.to_owned()) }
}

/// The same access, changed.
pub(super) fn with(mut event: Event, change: impl FnOnce(&mut AccessEvent)) -> Event {
    if let EventKind::Access(access) = &mut event.kind {
        change(access);
    }
    event
}

pub(super) fn refused(event: Event) -> Event {
    with(event, |access| access.error = Some(BusError::WriteOnly))
}

pub(super) fn trace(events: impl IntoIterator<Item = Event>) -> Trace {
    let uart = TracedRegion { name: "uart", size: MAP.size, registers: Some(&MAP) };
    let raw = TracedRegion { name: "raw", size: 0x10, registers: None };
    Trace { events: events.into_iter().collect(), regions: vec![uart, raw], ..Trace::default() }
}
