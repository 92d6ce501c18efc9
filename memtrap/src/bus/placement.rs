//! Where regions go: the range is reserved, the region recorded and made findable.

use super::{
    belonging,
    core::Core,
    device::Device,
    mapping::{Mapping, Parts},
    ports,
    slot::Slot,
    table,
};
use crate::{error::MapError, trace::TracedRegion, trap::pages};
use std::{
    any::type_name,
    io::ErrorKind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Held while regions are mapped: the table has one writer at a time.
static MAPPING: Mutex<()> = Mutex::new(());

/// Where a region shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    At(usize),
    /// From this I/O port on.
    Port(u16),
}

impl Mapping {
    /// Reserves the address range, records the region and makes it findable.
    pub(super) fn create<D: Device>(
        bus: &Arc<Core>,
        place: Place,
        size: usize,
        device: D,
    ) -> Result<(&'static Self, &'static Slot<D>), MapError> {
        if size == 0 {
            return Err(MapError::ZeroSize);
        }
        let width = device.bus_width();
        let address = match place {
            Place::At(address) => Some(address),
            Place::Anywhere | Place::Port(_) => None,
        };
        if size > table::ADDRESS_LIMIT {
            return Err(MapError::System { address, size, source: ErrorKind::OutOfMemory.into() });
        }
        if let Some(address) = address {
            if address < table::PAGE {
                let by = Some("the null page, where every access is a mistake".to_owned());
                return Err(MapError::AddressTaken { address, size, by });
            }
            if !address.is_multiple_of(width.bytes()) {
                return Err(MapError::Misaligned { address, align: width.bytes() });
            }
            if address.checked_add(size).is_none_or(|end| end > table::ADDRESS_LIMIT) {
                return Err(MapError::OutOfRange { address, size });
            }
        }

        let one_at_a_time = MAPPING.lock().unwrap_or_else(PoisonError::into_inner);
        let start = match place {
            Place::Anywhere => pages::reserve(size)?,
            Place::At(address) => {
                Self::check_overlap(bus, address, size)?;
                pages::reserve_at(address, size)?;
                address
            }
            Place::Port(port) => {
                Self::check_overlap(bus, ports::address(port), size)?;
                pages::reserve_ports()?;
                ports::address(port)
            }
        };

        Ok(Self::record(bus, start, size, device, &one_at_a_time))
    }

    /// Regions of different tests may overlap; those of one bus, or of one thread, do so by mistake.
    fn check_overlap(bus: &Core, address: usize, size: usize) -> Result<(), MapError> {
        let may_share = |other: &Self| {
            other.bus_number() != bus.number && (!other.is_of_this_thread() || belonging::has_entered(bus.number))
        };
        let Some(other) = table::live_overlap(address, size, |other| !may_share(other)) else { return Ok(()) };
        let shown = |address| ports::port(address).map_or(address, usize::from);
        Err(MapError::Overlap {
            address: shown(address),
            size,
            region: other.name().to_owned(),
            region_address: shown(other.start()),
            region_size: other.size(),
        })
    }

    /// Records a region at a range that is reserved, and makes it findable.
    fn record<D: Device>(
        bus: &Arc<Core>,
        start: usize,
        size: usize,
        device: D,
        _one_at_a_time: &MutexGuard<'_, ()>,
    ) -> (&'static Self, &'static Slot<D>) {
        let (width, registers) = (device.bus_width(), device.registers());
        let mut is_shared = false;
        let _none = table::live_overlap(start, size, |other| {
            is_shared = true;
            other.share();
            false
        });
        let name = registers.map_or_else(|| short_type_name::<D>(), |map| map.name.to_owned());
        // Permanent as the record is: it is in every event of the region.
        let name: &'static str = bus.take_name(name).leak();
        let lane = bus.add_region(TracedRegion { name, size, registers });
        let slot: &'static Slot<D> = Box::leak(Box::new(Slot::new(bus, lane, device)));
        let parts = Parts { start, size, name, width, registers, is_shared, port: slot };
        let mapping: &'static Self = Box::leak(Box::new(Self::new(bus, parts)));
        table::insert(mapping);
        belonging::join(bus.number);
        (mapping, slot)
    }

    /// A region at a range that is not reserved, for tests of what needs no memory behind it.
    #[cfg(test)]
    pub(super) fn unreserved<D: Device>(
        bus: &Arc<Core>,
        start: usize,
        size: usize,
        device: D,
    ) -> (&'static Self, &'static Slot<D>) {
        Self::record(bus, start, size, device, &MAPPING.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The last path segment of a type's name in lower case, without its parameters.
fn short_type_name<D>() -> String {
    let name = type_name::<D>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Bus,
            testing::{Recorder, span},
        },
        Mapping,
    };

    #[test]
    fn a_region_is_named_after_its_registers_or_its_type() {
        let (one, other) = (Bus::new(), Bus::new());
        let name = |bus: &Bus, device| Mapping::unreserved(&bus.core, span(1), 0x10, device).0.name();
        assert_eq!(name(&one, Recorder::default()), "recorder");
        assert_eq!(name(&one, Recorder::default()), "recorder.2", "unique on its bus");
        assert_eq!(name(&other, Recorder::default()), "recorder");
        assert_eq!(name(&other, Recorder::uart(|_, _| Ok(()))), "uart");
    }
}
