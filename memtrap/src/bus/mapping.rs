//! The permanent record of a region.

use super::{core::Core, device::Device, held, ports, session::Session, table, violation::Policies};
use crate::{
    error::{BusError, MapError},
    map::{RegisterMap, Width},
    trace::TracedRegion,
    trap::pages,
};
use std::{
    any::type_name,
    fmt,
    io::ErrorKind,
    panic::RefUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

/// The permanent record of a region: it outlives the device, so that a late access can be named.
pub(crate) struct Mapping {
    start: usize,
    size: usize,
    name: String,
    width: Width,
    registers: Option<&'static RegisterMap>,
    live: AtomicBool,
    /// Policies of this region's own.
    pub(super) violations: Policies,
    /// Weak, so that the permanent record does not keep a bus and its trace.
    bus: Weak<Core>,
    port: &'static dyn Port,
}

/// Held while regions are mapped: the table has one writer at a time.
static MAPPING: Mutex<()> = Mutex::new(());

/// A device behind its lock, whatever its type.
trait Port: Sync + RefUnwindSafe {
    /// Calls `work` with the locked device, or says why it cannot.
    fn with(&self, work: &mut dyn FnMut(&Arc<Core>, &mut dyn Device)) -> Result<(), Closed>;
}

/// Why a device's lock could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The region was retired: its simulation was dropped.
    Retired,
    /// This thread already holds the lock.
    Held(held::Holder),
}

/// A device and the lock around it. Permanent, as the record that refers to it; what it holds is dropped on retirement.
pub(crate) struct Slot<D> {
    device: Mutex<Option<Live<D>>>,
    /// Whether whoever unlocks the device drops it: it was retired by the thread that held it.
    orphaned: AtomicBool,
}

/// What a live region has and a retired one has not. Boxed, so that a retired slot keeps two words.
type Live<D> = Box<(Arc<Core>, D)>;

impl<D: Device> Port for Slot<D> {
    fn with(&self, work: &mut dyn FnMut(&Arc<Core>, &mut dyn Device)) -> Result<(), Closed> {
        self.lock(held::Holder::Access, |live| {
            let (bus, device) = &mut **live;
            work(bus, device);
        })
    }
}

impl<D> Slot<D> {
    fn new(bus: &Arc<Core>, device: D) -> Self {
        Self { device: Mutex::new(Some(Box::new((Arc::clone(bus), device)))), orphaned: AtomicBool::new(false) }
    }

    fn key(&self) -> usize {
        (&raw const *self).addr()
    }

    fn lock<R>(&self, holder: held::Holder, work: impl FnOnce(&mut Live<D>) -> R) -> Result<R, Closed> {
        let mut guard = self.guard(holder)?;
        Ok(work(guard.live.as_mut().expect("checked when the guard was made")))
    }

    /// Locks the device until the guard is dropped.
    pub(super) fn guard(&self, holder: held::Holder) -> Result<SlotGuard<'_, D>, Closed> {
        let held = held::enter(self.key(), holder).map_err(Closed::Held)?;
        // A panic of a model is reported where it happens; the next access finds the model as the panic left it.
        let live = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        if live.is_none() || self.orphaned.load(Ordering::Relaxed) {
            return Err(Closed::Retired);
        }
        Ok(SlotGuard { live, orphaned: &self.orphaned, _held: held })
    }

    /// Takes the device out, waiting for an access in flight on another thread to finish. If this thread holds the
    /// device itself, the guard takes it out when it is dropped.
    pub(super) fn retire(&self) -> Option<Live<D>> {
        self.orphaned.store(true, Ordering::Relaxed);
        let _held = held::enter(self.key(), held::Holder::Access).ok()?;
        self.device.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A locked device of a live region.
pub(crate) struct SlotGuard<'a, D> {
    // Dropped in this order: the lock is released before the thread forgets that it held it.
    live: MutexGuard<'a, Option<Live<D>>>,
    orphaned: &'a AtomicBool,
    _held: held::Held,
}

impl<D> Drop for SlotGuard<'_, D> {
    fn drop(&mut self) {
        if self.orphaned.load(Ordering::Relaxed) {
            drop(self.live.take());
        }
    }
}

impl<D> SlotGuard<'_, D> {
    pub(crate) fn device(&self) -> &D {
        &self.live.as_ref().expect("checked when the guard was made").1
    }

    pub(crate) fn device_mut(&mut self) -> &mut D {
        &mut self.live.as_mut().expect("checked when the guard was made").1
    }
}

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
                Self::check_overlap(address, size)?;
                pages::reserve_at(address, size)?;
                address
            }
            Place::Port(port) => {
                Self::check_overlap(ports::address(port), size)?;
                pages::reserve_ports()?;
                ports::address(port)
            }
        };

        Ok(Self::record(bus, start, size, device, &one_at_a_time))
    }

    fn check_overlap(address: usize, size: usize) -> Result<(), MapError> {
        let Some(other) = table::live_overlap(address, size) else { return Ok(()) };
        let shown = |address| ports::port(address).map_or(address, usize::from);
        Err(MapError::Overlap {
            address: shown(address),
            size,
            region: other.name.clone(),
            region_address: shown(other.start),
            region_size: other.size,
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
        let name = registers.map_or_else(|| short_type_name::<D>(), |map| map.name.to_owned());
        let slot: &'static Slot<D> = Box::leak(Box::new(Slot::new(bus, device)));
        let mapping: &'static Self = Box::leak(Box::new(Self {
            start,
            size,
            name: bus.take_name(name),
            width,
            registers,
            live: AtomicBool::new(true),
            violations: Policies::default(),
            bus: Arc::downgrade(bus),
            port: slot,
        }));
        table::insert(mapping);
        bus.add_region(TracedRegion { name: &mapping.name, size, registers });
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

    /// Marks the region as retired: from here on its address range can be mapped again, and its name is free again.
    pub(super) fn retire(&self) {
        self.live.store(false, Ordering::Release);
        if let Some(bus) = self.bus.upgrade() {
            bus.release_name(&self.name);
        }
    }

    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The first address behind the region.
    pub(crate) fn end(&self) -> usize {
        self.start + self.size
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn width(&self) -> Width {
        self.width
    }

    pub(crate) fn registers(&self) -> Option<&'static RegisterMap> {
        self.registers
    }

    /// The region's bus, as long as somebody holds it.
    #[cfg(trap)]
    pub(crate) fn bus(&self) -> Option<Arc<Core>> {
        self.bus.upgrade()
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    pub(crate) fn contains(&self, address: usize) -> bool {
        (self.start..self.end()).contains(&address)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.overlaps_range(other.start, other.size)
    }

    pub(super) fn overlaps_range(&self, start: usize, size: usize) -> bool {
        self.start < start + size && start < self.end()
    }

    /// Locks the device and calls `work` with a session on it. What belongs together, as the two halves of a `LOCK`ed
    /// instruction, is done in one call.
    ///
    /// # Errors
    ///
    /// [`Closed`] if there is no device any more or this thread already holds it; `work` is not called then.
    pub(crate) fn with<R>(&'static self, work: impl FnOnce(&mut Session<'_>) -> R) -> Result<R, Closed> {
        let mut work = Some(work);
        let mut result = None;
        self.port.with(&mut |bus, device| {
            if let Some(work) = work.take() {
                result = Some(work(&mut Session::new(self, bus, device)));
            }
        })?;
        Ok(result.expect("an open port calls the work"))
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#x} bytes at {:#x})", self.name, self.size, self.start)
    }
}

impl From<Closed> for BusError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Held(_) => Self::Reentered,
            Closed::Retired => Self::refused("the region was retired"),
        }
    }
}

/// The last path segment of a type's name in lower case, without its parameters.
fn short_type_name<D>() -> String {
    let name = type_name::<D>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests;
