//! The permanent record of a region.

use super::{
    belonging,
    core::Core,
    device::Device,
    held,
    latch::{Latch, Locked},
    ledger::{Books, Ledger},
    plain::{self, Piece, Way},
    ports,
    session::{Fault, Session, report_of},
    table,
    violation::Policies,
};
use crate::{
    error::{BusError, MapError},
    map::{RegisterMap, Width},
    trace::{Lane, TracedRegion},
    trap::pages,
};
use std::{
    any::type_name,
    fmt,
    io::ErrorKind,
    panic::RefUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread::{self, ThreadId},
};

/// The permanent record of a region: it outlives the device, so that a late access can be named.
///
/// What every access needs comes first, in one cache line: of many regions, most are not in the processor's cache.
#[repr(C, align(64))]
pub(crate) struct Mapping {
    start: usize,
    size: usize,
    port: &'static dyn Port,
    /// Number of the bus.
    bus_number: u64,
    registers: Option<&'static RegisterMap>,
    /// [`LIVE`] and [`SHARED`].
    state: AtomicU8,
    width: Width,
    name: &'static str,
    /// The thread that has mapped the region, and its name: that of a test, if it is one.
    mapped_by: (ThreadId, Option<String>),
    /// Policies of this region's own.
    pub(super) violations: Policies,
    /// Weak, so that the permanent record does not keep a bus and its trace.
    bus: Weak<Core>,
}

/// The device is there.
const LIVE: u8 = 1;
/// Regions of other buses were live at some of its addresses as well.
const SHARED: u8 = 1 << 1;

/// Held while regions are mapped: the table has one writer at a time.
static MAPPING: Mutex<()> = Mutex::new(());

/// A device behind its lock, whatever its type.
trait Port: Sync + RefUnwindSafe {
    /// Calls `work` with the locked device, or says why it cannot.
    fn with(&self, mapping: &'static Mapping, work: &mut dyn FnMut(&mut Session<'_>)) -> Result<(), Closed>;

    /// Reads one piece the short way; see [`Mapping::read_piece`].
    fn read(&self, mapping: &'static Mapping, piece: Piece) -> Result<u64, Miss>;

    /// Writes one piece the short way; see [`Mapping::read_piece`].
    fn write(&self, mapping: &'static Mapping, piece: Piece, value: u64) -> Result<(), Miss>;

    /// As [`read`](Self::read), but a panic of the model is an error of the device.
    #[cfg(trap)]
    fn read_caught(&self, mapping: &'static Mapping, piece: Piece) -> Result<u64, Miss>;

    /// As [`write`](Self::write), but a panic of the model is an error of the device.
    #[cfg(trap)]
    fn write_caught(&self, mapping: &'static Mapping, piece: Piece, value: u64) -> Result<(), Miss>;
}

/// Why a piece was not simply read or written.
pub(super) enum Miss {
    /// It was, and that has failed.
    Failed(Box<Failed>),
    /// Nothing was done: something is to be looked after first.
    NotYet,
}

/// An access that was made and has failed.
pub(super) struct Failed {
    pub(super) report: String,
    /// What a read completes with in any case.
    #[cfg_attr(not(trap), expect(dead_code, reason = "through the typed door a failed access does not complete"))]
    pub(super) value: u64,
}

impl Miss {
    #[cold]
    fn failed(fault: &Fault, value: u64, bus: &Core, device: &dyn Device) -> Self {
        Self::Failed(Box::new(Failed { report: report_of(fault, bus, device), value }))
    }
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
    device: Latch<Option<Live<D>>>,
    /// Whether whoever unlocks the device drops it: it was retired by the thread that held it.
    orphaned: AtomicBool,
}

/// What a live region has and a retired one has not. Boxed, so that a retired slot keeps two words.
type Live<D> = Box<Occupant<D>>;

/// A device, and what whoever has locked it needs beside it.
#[repr(align(64))]
pub(super) struct Occupant<D> {
    bus: Arc<Core>,
    /// Where its accesses are recorded.
    books: Books,
    device: D,
}

impl<D: Device> Port for Slot<D> {
    fn with(&self, mapping: &'static Mapping, work: &mut dyn FnMut(&mut Session<'_>)) -> Result<(), Closed> {
        let mut guard = self.guard(held::Holder::Access)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        work(&mut Session::new(Ledger::new(Way { bus, mapping }, books), device));
        Ok(())
    }

    fn read(&self, mapping: &'static Mapping, piece: Piece) -> Result<u64, Miss> {
        self.read_piece::<false>(mapping, piece)
    }

    fn write(&self, mapping: &'static Mapping, piece: Piece, value: u64) -> Result<(), Miss> {
        self.write_piece::<false>(mapping, piece, value)
    }

    #[cfg(trap)]
    fn read_caught(&self, mapping: &'static Mapping, piece: Piece) -> Result<u64, Miss> {
        self.read_piece::<true>(mapping, piece)
    }

    #[cfg(trap)]
    fn write_caught(&self, mapping: &'static Mapping, piece: Piece, value: u64) -> Result<(), Miss> {
        self.write_piece::<true>(mapping, piece, value)
    }
}

impl<D: Device> Slot<D> {
    #[inline(always)]
    fn read_piece<const CAUGHT: bool>(&self, mapping: &'static Mapping, piece: Piece) -> Result<u64, Miss> {
        let mut guard = self.guard(held::Holder::Access).map_err(|_| Miss::NotYet)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        match plain::read::<D, CAUGHT>(Way { bus, mapping }, books, device, piece) {
            Some((value, Ok(()))) => Ok(value),
            Some((value, Err(fault))) => Err(Miss::failed(&fault, value, bus, device)),
            None => Err(Miss::NotYet),
        }
    }

    #[inline(always)]
    fn write_piece<const CAUGHT: bool>(&self, mapping: &'static Mapping, piece: Piece, value: u64) -> Result<(), Miss> {
        let mut guard = self.guard(held::Holder::Access).map_err(|_| Miss::NotYet)?;
        let Occupant { bus, books, device } = guard.occupant_mut();
        match plain::write::<D, CAUGHT>(Way { bus, mapping }, books, device, piece, value) {
            Some(((), Ok(()))) => Ok(()),
            Some(((), Err(fault))) => Err(Miss::failed(&fault, value, bus, device)),
            None => Err(Miss::NotYet),
        }
    }
}

// A panic of a model is reported where it happens; the next access finds the model as the panic left it.
impl<D> RefUnwindSafe for Slot<D> {}

impl<D> Slot<D> {
    fn new(bus: &Arc<Core>, lane: Lane, device: D) -> Self {
        let occupant = Occupant { bus: Arc::clone(bus), books: Books::new(lane), device };
        Self { device: Latch::new(Some(Box::new(occupant))), orphaned: AtomicBool::new(false) }
    }

    fn key(&self) -> usize {
        (&raw const *self).addr()
    }

    /// Locks the device until the guard is dropped.
    #[inline(always)]
    pub(super) fn guard(&self, holder: held::Holder) -> Result<SlotGuard<'_, D>, Closed> {
        let held = held::enter(self.key(), holder).map_err(Closed::Held)?;
        let live = self.device.lock();
        if live.is_none() {
            return Err(Closed::Retired);
        }
        Ok(SlotGuard { live, orphaned: &self.orphaned, _held: held })
    }

    /// Takes the device out, waiting for an access in flight on another thread to finish. If this thread holds the
    /// device itself, the guard takes it out when it is dropped.
    pub(super) fn retire(&self) -> Option<Live<D>> {
        self.orphaned.store(true, Ordering::Relaxed);
        let _held = held::enter(self.key(), held::Holder::Access).ok()?;
        self.device.lock().take()
    }
}

/// A locked device of a live region.
pub(crate) struct SlotGuard<'a, D> {
    // Dropped in this order: the lock is released before the thread forgets that it held it.
    live: Locked<'a, Option<Live<D>>>,
    orphaned: &'a AtomicBool,
    _held: held::Held,
}

impl<D> Drop for SlotGuard<'_, D> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.orphaned.load(Ordering::Relaxed) {
            self.bury();
        }
    }
}

impl<D> SlotGuard<'_, D> {
    #[cold]
    fn bury(&mut self) {
        drop(self.live.take());
    }

    pub(crate) fn device(&self) -> &D {
        &self.live.as_ref().expect("checked when the guard was made").device
    }

    pub(crate) fn device_mut(&mut self) -> &mut D {
        &mut self.occupant_mut().device
    }

    #[inline(always)]
    fn occupant_mut(&mut self) -> &mut Occupant<D> {
        self.live.as_mut().expect("checked when the guard was made")
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
            other.bus_number != bus.number
                && (other.mapped_by.0 != thread::current().id() || belonging::has_entered(bus.number))
        };
        let Some(other) = table::live_overlap(address, size, |other| !may_share(other)) else { return Ok(()) };
        let shown = |address| ports::port(address).map_or(address, usize::from);
        Err(MapError::Overlap {
            address: shown(address),
            size,
            region: other.name.to_owned(),
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
        let mut is_shared = false;
        let _none = table::live_overlap(start, size, |other| {
            is_shared = true;
            other.state.fetch_or(SHARED, Ordering::AcqRel);
            false
        });
        let name = registers.map_or_else(|| short_type_name::<D>(), |map| map.name.to_owned());
        // Permanent as the record is: it is in every event of the region.
        let name: &'static str = bus.take_name(name).leak();
        let lane = bus.add_region(TracedRegion { name, size, registers });
        let slot: &'static Slot<D> = Box::leak(Box::new(Slot::new(bus, lane, device)));
        let mapping: &'static Self = Box::leak(Box::new(Self {
            start,
            size,
            name,
            width,
            registers,
            state: AtomicU8::new(if is_shared { LIVE | SHARED } else { LIVE }),
            bus_number: bus.number,
            mapped_by: (thread::current().id(), thread::current().name().map(str::to_owned)),
            violations: Policies::default(),
            bus: Arc::downgrade(bus),
            port: slot,
        }));
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

    /// Marks the region as retired: from here on its address range can be mapped again, and its name is free again.
    pub(super) fn retire(&self) {
        self.state.fetch_and(!LIVE, Ordering::AcqRel);
        if let Some(bus) = self.bus.upgrade() {
            bus.release_name(self.name);
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

    pub(crate) fn name(&self) -> &'static str {
        self.name
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
        self.state.load(Ordering::Acquire) & LIVE != 0
    }

    /// Whether the region is live, and the only one at its addresses that this thread could mean.
    #[inline(always)]
    pub(super) fn is_certain(&self) -> bool {
        let state = self.state.load(Ordering::Acquire);
        state == LIVE || state == LIVE | SHARED && self.bus_number == belonging::first()
    }

    /// Whether regions of other buses were live at some of its addresses as well.
    pub(super) fn is_shared(&self) -> bool {
        self.state.load(Ordering::Acquire) & SHARED != 0
    }

    pub(super) fn bus_number(&self) -> u64 {
        self.bus_number
    }

    /// The name of the thread that has mapped the region.
    pub(super) fn mapped_by(&self) -> Option<&str> {
        self.mapped_by.1.as_deref()
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
        self.port.with(self, &mut |session| {
            if let Some(work) = work.take() {
                result = Some(work(session));
            }
        })?;
        Ok(result.expect("an open port calls the work"))
    }

    /// Whether an access is one piece on the region's bus, and lies in the region.
    #[inline(always)]
    pub(super) fn takes(&self, offset: usize, width: Width) -> bool {
        width <= self.width && offset.is_multiple_of(width.bytes()) && self.size - offset >= width.bytes()
    }

    /// Reads one piece that the region [takes](Self::takes): the short way. If it is not to be had, the
    /// [long one](Self::with) says why.
    #[inline(always)]
    pub(super) fn read_piece(&'static self, piece: Piece) -> Result<u64, Miss> {
        self.port.read(self, piece)
    }

    /// As [`read_piece`](Self::read_piece).
    #[inline(always)]
    pub(super) fn write_piece(&'static self, piece: Piece, value: u64) -> Result<(), Miss> {
        self.port.write(self, piece, value)
    }

    /// As [`read_piece`](Self::read_piece), but a panic of the model is an error of the device.
    #[cfg(trap)]
    #[inline(always)]
    pub(super) fn read_piece_caught(&'static self, piece: Piece) -> Result<u64, Miss> {
        self.port.read_caught(self, piece)
    }

    /// As [`write_piece`](Self::write_piece), but a panic of the model is an error of the device.
    #[cfg(trap)]
    #[inline(always)]
    pub(super) fn write_piece_caught(&'static self, piece: Piece, value: u64) -> Result<(), Miss> {
        self.port.write_caught(self, piece, value)
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
