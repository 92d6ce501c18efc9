//! x86 port I/O: a second address space of 65,536 bytes, which only `in` and `out` reach.
//!
//! Ports are recorded in the same table as memory, at addresses that no process can map.

use super::{Bus, Context, DeviceGuard, device::Device, placement::Place, region::Region, table::ADDRESS_LIMIT};
use crate::{error::MapError, trace::Trace};
use std::{fmt, ops::RangeInclusive};

/// Number of ports.
const PORTS: usize = 1 << 16;
/// The table's address of port 0: the last addresses it covers, far beyond those of a process.
const BASE: usize = ADDRESS_LIMIT - PORTS;

/// The table's address of a port.
pub(crate) fn address(port: u16) -> usize {
    BASE + usize::from(port)
}

/// The port at an address of the table, if it is one.
pub(super) fn port(address: usize) -> Option<u16> {
    address.checked_sub(BASE).and_then(|port| u16::try_from(port).ok())
}

/// An address as a reader knows it: `address 0x9000000`, or `port 0x3f8`.
pub(super) struct Shown(pub(super) usize);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match port(self.0) {
            Some(port) => write!(f, "port {port:#x}"),
            None => write!(f, "address {:#x}", self.0),
        }
    }
}

/// A device that answers at a range of I/O ports, until this value is dropped.
///
/// Dropping it retires the ports and drops the device; a late access is a report.
#[must_use = "dropping the ports retires them"]
pub struct Ports<D: Device>(Region<D>);

impl Bus {
    /// Has `device` answer the x86 instructions `in` and `out` at `ports`. The offset of an access is its distance from
    /// the first port.
    ///
    /// A program may not execute these instructions on Linux, unless it asks for it with `iopl` or `ioperm`; the
    /// processor refuses them, and memtrap carries them out.
    ///
    /// # Errors
    ///
    /// [`MapError`] if the range is empty, or overlaps ports that are mapped; or where port I/O cannot be trapped (hosts
    /// other than Linux on x86-64).
    pub fn ports<D: Device>(&self, ports: RangeInclusive<u16>, device: D) -> Result<Ports<D>, MapError> {
        Region::create(&self.core, Place::Port(*ports.start()), ports.len(), device).map(Ports)
    }
}

impl<D: Device> Ports<D> {
    /// Name of the region in traces and reports, unique on its bus.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The device model, locked until the guard is dropped.
    ///
    /// # Panics
    ///
    /// As [`Region::device`].
    #[track_caller]
    pub fn device(&self) -> DeviceGuard<D> {
        self.0.device()
    }

    /// Lets something happen on the device's other side.
    ///
    /// # Panics
    ///
    /// As [`Region::stimulate`].
    #[track_caller]
    pub fn stimulate<R>(&self, stimulus: impl FnOnce(&mut D, &mut Context<'_>) -> R) -> R {
        self.0.stimulate(stimulus)
    }

    /// The bus the ports are mapped on.
    #[must_use]
    pub fn bus(&self) -> Bus {
        self.0.bus()
    }

    /// What happened on the ports' bus so far, in order.
    ///
    /// # Panics
    ///
    /// As [`Bus::trace`].
    #[must_use]
    #[track_caller]
    pub fn trace(&self) -> Trace {
        self.0.trace()
    }
}

impl<D: Device> fmt::Debug for Ports<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ports").field(&self.0).finish()
    }
}
