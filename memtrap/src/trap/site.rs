//! Plans by address and instruction bytes: an instruction is decoded once, and again if its bytes change.

use super::{
    decode,
    plan::{self, Plan},
};
use std::sync::OnceLock;

/// Chains of the table.
const CHAINS: usize = 4096;

/// An instruction that has trapped before.
pub(super) struct Site {
    rip: usize,
    bytes: Box<[u8]>,
    /// What to do, or why the instruction is refused.
    pub(super) plan: Result<Plan, String>,
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
        let mut link = &TABLE[hash(rip)];
        while let Some(site) = link.get() {
            // SAFETY: The instruction may have become shorter since the site was made, but then a byte before its end
            // differs, and comparison stops there. Bytes before the first difference belong to the instruction.
            if site.rip == rip && unsafe { site.is_current() } {
                return site;
            }
            link = &site.next;
        }
        // SAFETY: The caller gives the guarantee.
        let site = unsafe { Self::make(rip) };
        let site: &'static Self = Box::leak(Box::new(site));
        // Another thread may have appended a site meanwhile, perhaps the same one: two of a kind do no harm.
        while let Err(rejected) = link.set(site) {
            debug_assert!(std::ptr::eq(rejected, site), "a rejected value comes back");
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
            next: OnceLock::new(),
        }
    }

    /// Whether the instruction at the site's address is still the one the plan was made for.
    ///
    /// # Safety
    ///
    /// A processor has just executed the instruction at `self.rip`.
    unsafe fn is_current(&self) -> bool {
        self.bytes.iter().enumerate().all(|(position, byte)| {
            // SAFETY: All bytes before this one are those of the site's instruction, so the instruction in memory is
            // longer than `position` and its bytes, which were just executed, are readable.
            unsafe { decode::code(self.rip + position, 1)[0] == *byte }
        })
    }
}

fn hash(rip: usize) -> usize {
    (rip ^ rip >> 12) % CHAINS
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
