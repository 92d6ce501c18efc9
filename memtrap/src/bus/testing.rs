//! Regions for the unit tests of this module: recorded, but with nothing reserved behind them.

use super::{Access, Context, Device, core::Core, mapping::Mapping, slot::Slot, table::PAGE};
use crate::{
    error::BusError,
    map::{AccessKind, Register, RegisterMap, Width},
    trace::Direction,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A span of addresses that no other test has, with 64 GiB of nothing on either side: above the addresses of a process,
/// below the limit of the table.
pub(super) fn span(size: usize) -> usize {
    const NOTHING: usize = 1 << 36;
    static NEXT: AtomicUsize = AtomicUsize::new((1 << 47) + NOTHING);
    NEXT.fetch_add(size.next_multiple_of(NOTHING) + NOTHING, Ordering::Relaxed)
}

/// Registers of [`Recorder`].
pub(super) static MAP: RegisterMap = RegisterMap::new("uart", 0x100, Width::U32, {
    const REGISTERS: &[Register] = &[
        Register::new("dr", 0x00, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("fr", 0x18, Width::U32, AccessKind::ReadOnly, 0x90),
        Register::new("id", 0x20, Width::U32, AccessKind::ReadOnly, 0).array(4, 4),
    ];
    REGISTERS
});

/// Answers a read with its offset, remembers what it was asked, and fails on request.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) asked: Vec<(Direction, Access, u64)>,
    pub(super) width: Width,
    pub(super) registers: Option<&'static RegisterMap>,
    pub(super) behaviour: fn(Access, &mut Context<'_>) -> Result<(), BusError>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { asked: Vec::new(), width: Width::U64, registers: None, behaviour: |_, _| Ok(()) }
    }
}

impl Recorder {
    /// A device with the registers of [`MAP`] that behaves as told.
    pub(super) fn uart(behaviour: fn(Access, &mut Context<'_>) -> Result<(), BusError>) -> Self {
        Self { width: MAP.width, registers: Some(&MAP), behaviour, ..Self::default() }
    }

    /// What it was asked: direction, offset, bytes and value.
    pub(super) fn log(&self) -> Vec<(Direction, usize, usize, u64)> {
        let entry = |(direction, access, value): &(Direction, Access, u64)| {
            (*direction, access.offset, access.width.bytes(), *value)
        };
        self.asked.iter().map(entry).collect()
    }
}

impl Device for Recorder {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let value = access.offset as u64;
        self.asked.push((Direction::Read, access, value));
        (self.behaviour)(access, cx)?;
        Ok(value)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        self.asked.push((Direction::Write, access, value));
        (self.behaviour)(access, cx)
    }

    fn bus_width(&self) -> Width {
        self.width
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        self.registers
    }
}

/// A region of `size` bytes at `start` on a bus of its own.
pub(super) fn region(start: usize, size: usize) -> (&'static Mapping, &'static Slot<Recorder>, Arc<Core>) {
    let bus = Arc::new(Core::default());
    let (mapping, slot) = Mapping::unreserved(&bus, start, size, Recorder::default());
    (mapping, slot, bus)
}

/// A page with the registers of [`MAP`] and a device that behaves as told, on a bus of its own.
pub(super) fn uart(
    behaviour: fn(Access, &mut Context<'_>) -> Result<(), BusError>,
) -> (&'static Mapping, &'static Slot<Recorder>, Arc<Core>) {
    let bus = Arc::new(Core::default());
    let (mapping, slot) = Mapping::unreserved(&bus, span(PAGE), 0x100, Recorder::uart(behaviour));
    (mapping, slot, bus)
}
