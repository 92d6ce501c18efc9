//! Plans by address and instruction bytes: an instruction is decoded once, and again if its bytes change.

use super::{
    decode,
    plan::{self, Plan},
    promote::{self, Record},
};
use std::{
    iter, ptr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
    },
    thread,
};

/// Chains of the table.
const CHAINS: usize = 4096;

/// An instruction that has trapped before.
pub(super) struct Site {
    pub(super) rip: usize,
    pub(super) bytes: Box<[u8]>,
    /// What to do, or why the instruction is refused.
    pub(super) plan: Result<Plan, String>,
    /// Traps since the site was made or demoted.
    pub(super) traps: AtomicU32,
    /// Whether the x87 unit held values at a trap.
    pub(super) x87: AtomicBool,
    /// Its pad, once it has one, whether or not the site jumps there at the moment.
    record: AtomicPtr<Record>,
    /// Another site in the same chain. Sites are never freed: code that was replaced may come back.
    next: OnceLock<&'static Self>,
}

static TABLE: [OnceLock<&'static Site>; CHAINS] = [const { OnceLock::new() }; CHAINS];

impl Site {
    /// The site of the instruction at `rip`.
    ///
    /// # Safety
    ///
    /// As [`decode::decode`].
    pub(super) unsafe fn find(rip: usize) -> &'static Self {
        /// After a fork in the midst of a change, that change is never finished.
        const PATIENCE: usize = 10_000;
        for attempt in 0.. {
            let changes = promote::changes();
            // SAFETY: The caller gives the guarantee.
            if let Some(site) = unsafe { Self::known(rip) } {
                return site;
            }
            // SAFETY: As above.
            let site = unsafe { Self::make(rip) };
            // Another thread may have been changing the bytes meanwhile.
            if changes.is_multiple_of(2) && promote::changes() == changes || attempt == PATIENCE {
                return site.append();
            }
            thread::yield_now();
        }
        unreachable!("patience is finite")
    }

    /// The site that was made for the instruction at `rip`.
    ///
    /// # Safety
    ///
    /// As [`decode::decode`].
    unsafe fn known(rip: usize) -> Option<&'static Self> {
        // SAFETY: The instruction may have become shorter since the site was made, but then a byte before its end
        // differs, and comparison stops there. Bytes before the first difference belong to the instruction.
        chain(rip).find(|site| unsafe { site.is_current() })
    }

    /// Makes the site known. Another thread may have done the same meanwhile: two of a kind do no harm.
    fn append(self) -> &'static Self {
        let mut link = &TABLE[hash(self.rip)];
        let site: &'static Self = Box::leak(Box::new(self));
        while link.set(site).is_err() {
            link = &link.get().expect("only a filled link rejects").next;
        }
        site
    }

    /// # Safety
    ///
    /// As [`decode::decode`].
    unsafe fn make(rip: usize) -> Self {
        // SAFETY: The caller gives the guarantee.
        let decoded = unsafe { decode::decode(rip) };
        Self {
            rip,
            bytes: decoded.bytes().into(),
            plan: plan::plan(&decoded).map_err(|reason| {
                format!("`{}` ({}) is not carried out: {reason}", decoded.text(), hex(decoded.bytes()))
            }),
            traps: AtomicU32::new(0),
            x87: AtomicBool::new(false),
            record: AtomicPtr::new(ptr::null_mut()),
            next: OnceLock::new(),
        }
    }

    /// Address of the next instruction.
    pub(super) fn next(&self) -> usize {
        self.rip + self.bytes.len()
    }

    /// The site's pad. Safe in a signal handler.
    pub(super) fn record(&self) -> Option<&'static Record> {
        let record = self.record.load(Ordering::Acquire);
        // SAFETY: Null, or a record of the pads' space, which are never freed.
        unsafe { record.as_ref() }
    }

    /// Gives the site a pad. Callers are serialised.
    pub(super) fn set_record(&self, record: &'static Record) {
        self.record.store(ptr::from_ref(record).cast_mut(), Ordering::Release);
    }

    /// Whether the instruction at the site's address is still the one the plan was made for, or the jump that has taken
    /// its place, or on the way from one to the other.
    ///
    /// # Safety
    ///
    /// A processor has just executed the instruction at `self.rip`.
    unsafe fn is_current(&self) -> bool {
        const BREAKPOINT: u8 = 0xcc;
        // SAFETY: The caller gives the guarantee.
        if unsafe { self.is_in_memory(self.bytes.iter().copied()) } {
            return true;
        }
        let Some(record) = self.record() else { return false };
        // SAFETY: The first byte can be read: it was executed.
        let first = unsafe { decode::code(self.rip, 1)[0] };
        // SAFETY: The caller gives the guarantee.
        first == BREAKPOINT || unsafe { self.is_in_memory(record.patched()) }
    }

    /// Whether `bytes` are at the site's address.
    ///
    /// # Safety
    ///
    /// As [`is_current`](Self::is_current); `bytes` are a whole instruction.
    unsafe fn is_in_memory(&self, bytes: impl IntoIterator<Item = u8>) -> bool {
        bytes.into_iter().enumerate().all(|(position, byte)| {
            // SAFETY: All bytes before this one are those of the instruction, so what is in memory is longer than
            // `position` and its bytes, which were just executed, are readable.
            unsafe { decode::code(self.rip + position, 1)[0] == byte }
        })
    }
}

/// The pad of the site at `rip`, if a site there has one: what a breakpoint there means while the code is changed. Lock-free
/// and safe in a signal handler.
pub(super) fn record_at(rip: usize) -> Option<&'static Record> {
    chain(rip).find_map(Site::record)
}

/// The sites at `rip`, of which one at most is current.
fn chain(rip: usize) -> impl Iterator<Item = &'static Site> {
    let first = TABLE[hash(rip)].get().copied();
    let chain = iter::successors(first, |site| site.next.get().copied());
    chain.filter(move |site| site.rip == rip)
}

fn hash(rip: usize) -> usize {
    (rip ^ rip >> 12) % CHAINS
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
