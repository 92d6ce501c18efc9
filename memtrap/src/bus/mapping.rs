//! The permanent record of a region.

use super::{
    belonging,
    core::Core,
    session::Session,
    slot::{Closed, Port},
    violation::Policies,
};
use crate::map::{RegisterMap, Width};
use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, ThreadId},
};

/// The permanent record of a region: it outlives the device, so that a late access can be named.
///
/// What every access needs comes first, in one cache line: of many regions, most are not in the processor's cache.
#[repr(C, align(64))]
pub(crate) struct Mapping {
    start: usize,
    /// Where the pieces of each width end that the region takes, in bytes from its start: 0 for those wider than its bus.
    limits: [usize; Width::ALL.len()],
    port: &'static dyn Port,
    /// [`LIVE`] and [`SHARED`].
    state: AtomicU8,
    width: Width,
    /// Number of the bus.
    bus_number: u64,
    size: usize,
    registers: Option<&'static RegisterMap>,
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

/// What a record is made of, beside the thread that makes it.
pub(super) struct Parts {
    pub(super) start: usize,
    pub(super) size: usize,
    pub(super) name: &'static str,
    pub(super) width: Width,
    pub(super) registers: Option<&'static RegisterMap>,
    pub(super) is_shared: bool,
    pub(super) port: &'static dyn Port,
}

impl Mapping {
    /// The record of a region that this thread maps on `bus`.
    pub(super) fn new(bus: &Arc<Core>, parts: Parts) -> Self {
        let Parts { start, size, name, width, registers, is_shared, port } = parts;
        let limit = |piece: Width| if piece <= width { size - size % piece.bytes() } else { 0 };
        Self {
            start,
            limits: Width::ALL.map(limit),
            size,
            port,
            bus_number: bus.number,
            registers,
            state: AtomicU8::new(if is_shared { LIVE | SHARED } else { LIVE }),
            width,
            name,
            mapped_by: (thread::current().id(), thread::current().name().map(str::to_owned)),
            violations: Policies::default(),
            bus: Arc::downgrade(bus),
        }
    }

    /// Records that regions of other buses are live at some of its addresses as well.
    pub(super) fn share(&self) {
        self.state.fetch_or(SHARED, Ordering::AcqRel);
    }

    /// Whether this thread has mapped the region.
    pub(super) fn is_of_this_thread(&self) -> bool {
        self.mapped_by.0 == thread::current().id()
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

    /// Whether the region is live, and the only one at its addresses.
    #[inline(always)]
    pub(super) fn is_alone(&self) -> bool {
        self.state.load(Ordering::Acquire) == LIVE
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

    /// The offset of an access in the region, if it is one piece on the region's bus and lies in the region.
    #[inline(always)]
    pub(super) fn takes(&self, address: usize, width: Width) -> Option<usize> {
        let offset = address.wrapping_sub(self.start);
        (offset < self.limits[width as usize] && offset.is_multiple_of(width.bytes())).then_some(offset)
    }

    /// The device, behind its lock.
    #[inline(always)]
    pub(super) fn port(&self) -> &'static dyn Port {
        self.port
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#x} bytes at {:#x})", self.name, self.size, self.start)
    }
}
