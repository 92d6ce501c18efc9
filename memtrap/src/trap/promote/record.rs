//! What is known about a pad: read by the pad itself, by the signal handler, and by the code it calls.

use super::super::site::Site;
use std::{
    ops::Range,
    ptr,
    sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

/// Passes to memory until the engine looks whether the site should still be promoted.
pub(super) const BUDGET: u32 = 1 << 16;

/// The description of one pad. It lies in the data page behind the pad and is never freed.
#[repr(C, align(64))]
pub(in super::super) struct Record {
    /// Where the pad goes when the operand is a device's. Read by the pad.
    pub(super) entry: AtomicUsize,
    /// Address of the site. Read by the promoted entry and by pads.
    pub(super) site_address: AtomicUsize,
    /// Passes to memory that are left. Counted down by the pad.
    pub(super) budget: AtomicU32,
    /// Length of the site's instruction, in bytes.
    pub(super) length: AtomicU32,
    /// Where the site's jump leads: to the pad, or to a jump to it.
    pub(super) target: AtomicUsize,
    /// Address of the pad.
    pub(super) start: AtomicUsize,
    /// Offset of the instruction's copy in the pad.
    pub(super) original: AtomicU32,
    /// Size of the pad in bytes.
    pub(super) size: AtomicU32,
    pub(super) site: AtomicPtr<Site>,
    /// How often the pad has entered the engine.
    pub(super) entries: AtomicU64,
}

/// Offset of the entry's address, which pads read.
pub(super) const ENTRY: usize = 0;
/// Offset of the site's address.
pub(super) const SITE_ADDRESS: usize = 8;
/// Offset of the budget.
pub(super) const BUDGET_LEFT: usize = 16;

const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<Record>() == 64);
    assert!(offset_of!(Record, entry) == ENTRY && offset_of!(Record, site_address) == SITE_ADDRESS);
    assert!(offset_of!(Record, budget) == BUDGET_LEFT);
};

impl Record {
    pub(in super::super) fn start(&self) -> usize {
        self.start.load(Ordering::Relaxed)
    }

    pub(super) fn target(&self) -> usize {
        self.target.load(Ordering::Relaxed)
    }

    /// Where the instruction can be executed as it was.
    pub(in super::super) fn original(&self) -> usize {
        self.start() + self.original.load(Ordering::Relaxed) as usize
    }

    pub(in super::super) fn site_address(&self) -> usize {
        self.site_address.load(Ordering::Relaxed)
    }

    pub(super) fn length(&self) -> usize {
        self.length.load(Ordering::Relaxed) as usize
    }

    pub(super) fn code(&self) -> Range<usize> {
        self.start()..self.start() + self.size.load(Ordering::Relaxed) as usize
    }

    pub(in super::super) fn site(&self) -> &'static Site {
        let site = self.site.load(Ordering::Relaxed);
        // SAFETY: Filled in with a site before the pad could be reached; sites are never freed.
        unsafe { &*site }
    }

    /// Notes that the pad has entered the engine. Threads that do so at once may be counted once: it is an estimate, for
    /// which no bus lock is paid.
    pub(in super::super) fn count(&self) {
        self.entries.store(self.entries.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// The site's bytes while it is promoted: a jump to the pad, as much of it as the instruction has room for. Where
    /// the instruction is shorter than the jump, the following bytes are what the jump wants them to be.
    pub(in super::super) fn patched(&self) -> impl Iterator<Item = u8> {
        const JUMP: usize = 5;
        let distance = self.target().wrapping_sub(self.site_address() + JUMP) as u32;
        let jump = std::iter::once(0xe9).chain(distance.to_le_bytes());
        // Nothing jumps behind the first byte of an instruction; if something does, it traps.
        jump.chain(std::iter::repeat(0xcc)).take(self.length())
    }
}

/// Slots of [`BY_PAGE`].
const SLOTS: usize = 1 << 14;

/// The data pages of pads, by the code pages before them. Open addressing; an entry is a code page's address and never
/// changes. Read by the signal handler.
static BY_PAGE: [(AtomicUsize, AtomicPtr<Record>); SLOTS] =
    [const { (AtomicUsize::new(0), AtomicPtr::new(ptr::null_mut())) }; SLOTS];

fn slots(page: usize) -> impl Iterator<Item = &'static (AtomicUsize, AtomicPtr<Record>)> {
    let first = (page >> 12).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOTS.ilog2());
    (0..SLOTS).map(move |step| &BY_PAGE[(first + step) % SLOTS])
}

/// Makes the `records` findable by addresses in the code page at `page`; `false` if there is no room. Callers are
/// serialised.
pub(super) fn publish(page: usize, records: *mut Record) -> bool {
    // A table that is nearly full makes every look-up slow.
    const LONGEST_PROBE: usize = 64;
    let Some((key, value)) = slots(page).take(LONGEST_PROBE).find(|(key, _)| key.load(Ordering::Relaxed) == 0) else {
        return false;
    };
    value.store(records, Ordering::Relaxed);
    key.store(page, Ordering::Release);
    true
}

/// The pad whose code contains `address`. Lock-free and safe in a signal handler.
pub(in super::super) fn containing(address: usize) -> Option<&'static Record> {
    let page = address & !0xfff;
    let slot = slots(page).map_while(|(key, value)| match key.load(Ordering::Acquire) {
        0 => None,
        key => Some((key, value)),
    });
    let (_, records) = slot.into_iter().find(|(key, _)| *key == page)?;
    let records = records.load(Ordering::Relaxed).cast_const();
    // SAFETY: The data page of a chunk is full of records, all zeros or filled in, which are never freed.
    let records = unsafe { std::slice::from_raw_parts(records, super::space::RECORDS) };
    records.iter().find(|record| record.code().contains(&address))
}
