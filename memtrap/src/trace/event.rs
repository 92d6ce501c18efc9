//! One thing that happened on a bus.

use crate::{
    bus::Access,
    error::BusError,
    map::{AccessKind, Field, Place, Register, RegisterMap, Width},
};
use std::{fmt, time::Duration};

/// One thing that happened on a bus.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The access it belongs to, in bus-wide order from 1; 0 if it belongs to none.
    pub sequence: u64,
    /// Virtual time, since the bus was made.
    pub time: Duration,
    /// Name of the region; empty if it belongs to none.
    pub region: &'static str,
    /// What happened.
    pub kind: EventKind,
}

/// A region whose accesses a trace records.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TracedRegion {
    /// Name of the region.
    pub name: &'static str,
    /// Size of the region in bytes.
    pub size: usize,
    /// The registers of the region, if its device names them.
    pub registers: Option<&'static RegisterMap>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// The driver accessed the device.
    Access(AccessEvent),
    /// The device model made a remark.
    Note(String),
    /// The test has reset the device.
    Reset,
    /// An event that the device model has scheduled was due.
    Event(u64),
    /// A fault that the test has injected has struck an access; what it did.
    Fault(String),
    /// The device model accessed the driver's memory.
    Dma {
        /// Read or write, as the device sees it.
        direction: Direction,
        /// Address as the device sees it.
        address: u64,
        /// Number of bytes.
        length: usize,
    },
    /// Something happened to an interrupt line.
    Interrupt {
        /// The line.
        line: u32,
        /// What happened to it.
        change: LineChange,
    },
}

/// What happened to an interrupt line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineChange {
    /// A model raised it.
    Raised,
    /// A model lowered it.
    Lowered,
    /// A model pulsed it.
    Pulsed,
    /// Its handler was called.
    Entered,
    /// Its handler returned.
    Left,
}

impl fmt::Display for LineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raised => "raised",
            Self::Lowered => "lowered",
            Self::Pulsed => "pulsed",
            Self::Entered => "handler called",
            Self::Left => "handler returned",
        })
    }
}

/// An access and how it ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessEvent {
    /// Read or write.
    pub direction: Direction,
    /// What the model was told.
    pub access: Access,
    /// The value that was read or written, zero-extended.
    pub value: u64,
    /// The register names of the region, if it has any.
    pub registers: Option<&'static RegisterMap>,
    /// Why the device refused the access, if it did.
    pub error: Option<BusError>,
}

/// Direction of an access, as the driver sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the device to the driver.
    Read,
    /// From the driver to the device.
    Write,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

impl Direction {
    /// The register that an access in this direction is about.
    pub(crate) fn find(self, map: &RegisterMap, offset: usize, width: Width) -> Option<Place> {
        map.find_access(
            offset,
            width,
            match self {
                Self::Read => AccessKind::is_readable,
                Self::Write => AccessKind::is_writable,
            },
        )
    }
}

impl AccessEvent {
    /// Where it went: `region.register`, `region.register[3]`, `region.register+2` or `region+0x123`.
    pub(super) fn describe(&self, region: &str) -> String {
        match self.place() {
            Some((register, place)) => named_place(region, register, place),
            None => format!("{region}+{:#05x}", self.access.offset),
        }
    }

    /// Name of the accessed register, if the offset lies in one.
    #[must_use]
    pub fn register(&self) -> Option<&'static str> {
        self.place().map(|(register, _)| register.name)
    }

    /// The accessed register, and the place in it, if the offset lies in one.
    pub(super) fn place(&self) -> Option<(&'static Register, Place)> {
        let map = self.registers?;
        let place = self.direction.find(map, self.access.offset, self.access.width)?;
        Some((&map.registers[place.register], place))
    }

    /// The fields of the accessed register whose bits are not all zero, with their values. None if only a part of the
    /// register was transferred.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Field, u64)> {
        let whole =
            |&(register, place): &(&'static Register, Place)| place.within == 0 && register.width == self.access.width;
        let fields = self.place().filter(whole).map_or(&[][..], |(register, _)| register.fields);
        let value = self.value;
        fields.iter().map(move |field| (field, (value & field.mask()) >> field.lsb)).filter(|(_, value)| *value != 0)
    }
}

/// `region.register`, `region.register[3]`, `region.register.set`, `region.register+2` or `region+0x123`.
pub(crate) fn place(region: &str, registers: Option<&'static RegisterMap>, offset: usize) -> String {
    match registers.and_then(|map| map.find(offset).map(|place| (&map.registers[place.register], place))) {
        Some((register, place)) => named_place(region, register, place),
        None => format!("{region}+{offset:#05x}"),
    }
}

/// `region.register`, `region.register[3]` or `region.register+2`.
pub(crate) fn named_place(region: &str, register: &Register, place: Place) -> String {
    let mut text = format!("{region}.{}", register.name);
    if register.count.is_some() {
        text += &format!("[{}]", place.element);
    }
    if let Some(alias) = place.alias {
        text += &format!(".{}", alias.operation.name());
    }
    if place.within > 0 {
        text += &format!("+{}", place.within);
    }
    text
}
