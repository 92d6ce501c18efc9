//! Changing code that other threads may be executing.
//!
//! A breakpoint takes the place of the first byte while the others change, and after each step every processor of the
//! process is made to notice (Intel SDM volume 3, 9.1.3, cross-modifying code). A thread that meets the breakpoint is
//! sent to the pad, which is the same as the instruction, by the signal handler.
//!
//! Only bytes of the instruction itself change. A jump that is longer than its instruction ends in bytes of the next one,
//! as they are; they must not change while the jump is there.

use super::{
    super::{asm, pages::code, site::Site},
    record::Record,
    space::Window,
};
use std::{
    collections::BTreeMap,
    io, ptr,
    sync::atomic::{AtomicUsize, Ordering, fence},
};

/// Length of the jump to a pad.
pub(super) const JUMP: usize = 5;
const BREAKPOINT: u8 = 0xcc;

/// The sites that are patched, by their addresses.
pub(super) struct Patches {
    patched: BTreeMap<usize, &'static Record>,
}

/// The bytes from `address`, if they can be read.
fn bytes_at<const LENGTH: usize>(address: usize, length: usize) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let from = ptr::with_exposed_provenance(address);
    // SAFETY: `bytes` is valid for the write; the code was executed, and a fault behind its end is caught.
    unsafe { asm::copy(bytes.as_mut_ptr(), from, length.min(LENGTH)) }.ok()?;
    Some(bytes)
}

/// Where the pad of the instruction at `site`, of `length` bytes, may start.
pub(super) fn window(site: usize, length: usize) -> Option<Window> {
    let after = JUMP.saturating_sub(length);
    let bytes: [u8; JUMP] = bytes_at(site + length, after)?;
    Some(Window::of_jump(site, &bytes[..after]))
}

impl Patches {
    pub(super) const fn new() -> Self {
        Self { patched: BTreeMap::new() }
    }

    pub(super) fn contains(&self, site: usize) -> bool {
        self.patched.contains_key(&site)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static Record> {
        self.patched.values().copied()
    }

    /// The patched sites before `site` whose jumps end in bytes from there on, from the nearest.
    pub(super) fn relying_on(&self, site: usize) -> Vec<&'static Record> {
        let mut at = site;
        let mut relying = Vec::new();
        for (start, record) in self.patched.range(..site).rev() {
            if start + JUMP.max(record.length()) <= at {
                break;
            }
            relying.push(*record);
            at = *start;
        }
        relying
    }

    /// Forgets patches of code that has been replaced since, where new code is at `site`.
    pub(super) fn forget_replaced(&mut self, site: usize, length: usize) {
        let end = site + JUMP.max(length);
        let near: Vec<usize> = self.patched.range(site.saturating_sub(16)..end).map(|(start, _)| *start).collect();
        for start in near {
            if !is_in_place(self.patched[&start]) {
                self.patched.remove(&start);
            }
        }
    }

    /// Puts the jump to the pad in the place of the site's instruction.
    ///
    /// # Errors
    ///
    /// If the code is not what it was, or cannot be changed; then nothing has changed.
    pub(super) fn apply(&mut self, record: &'static Record, writable: bool) -> Result<(), Failure> {
        let site = record.site_address();
        let length = record.length();
        let reach = window(site, length).ok_or(Failure::Changed)?;
        if !reach.0.contains(&record.target()) || !is_original(record) {
            return Err(Failure::Changed);
        }
        let patched: Vec<u8> = record.patched().collect();
        replace(site, &patched, &record.site().bytes, writable).map_err(Failure::System)?;
        self.patched.insert(site, record);
        Ok(())
    }

    /// Puts the site's instruction back, unless other code has taken its place.
    ///
    /// # Errors
    ///
    /// If the code cannot be changed; then nothing has changed.
    pub(super) fn undo(&mut self, record: &'static Record, writable: bool) -> io::Result<()> {
        let site = record.site_address();
        if is_in_place(record) {
            let patched: Vec<u8> = record.patched().collect();
            replace(site, &record.site().bytes, &patched, writable)?;
        }
        self.patched.remove(&site);
        Ok(())
    }
}

/// Why a site was not patched.
#[derive(Debug)]
pub(super) enum Failure {
    /// The code differs from what was decoded.
    Changed,
    /// The operating system refuses.
    System(io::Error),
}

/// Whether the site's jump is in memory.
fn is_in_place(record: &Record) -> bool {
    let length = record.length();
    bytes_at::<16>(record.site_address(), length)
        .is_some_and(|bytes| record.patched().eq(bytes[..length].iter().copied()))
}

/// Whether the site's instruction is in memory.
fn is_original(record: &Record) -> bool {
    let site: &Site = record.site();
    bytes_at::<16>(record.site_address(), site.bytes.len())
        .is_some_and(|bytes| bytes[..site.bytes.len()] == *site.bytes)
}

/// Twice the number of changes of code so far, and one more while there is one.
static CHANGES: AtomicUsize = AtomicUsize::new(0);

/// A number that is odd while code is being changed, and another one afterwards: whoever reads code that may be changed
/// must read it again if this was odd or is different afterwards.
pub(in super::super) fn changes() -> usize {
    // What was read before stays before: a load that acquires, between fences on the writer's side.
    fence(Ordering::Acquire);
    CHANGES.load(Ordering::Acquire)
}

/// Lasts as long as a change.
struct Changing;

impl Changing {
    fn begin() -> Self {
        CHANGES.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        CHANGES.fetch_add(1, Ordering::SeqCst);
    }
}

/// Replaces the code at `address` by `new`, under the eyes of other threads; `old` is what is there.
fn replace(address: usize, new: &[u8], old: &[u8], writable: bool) -> io::Result<()> {
    let put = |offset: usize, bytes: &[u8]| -> io::Result<()> {
        // SAFETY: With the first byte a breakpoint, whatever the others are, a thread that comes here continues in the
        // pad; and it is one byte that is written before and after.
        unsafe { code::write_code(address + offset, bytes, writable) }?;
        code::serialise_cores()
    };
    // Where it does not work, it must not begin.
    code::serialise_cores()?;
    let _changing = Changing::begin();
    put(0, &[BREAKPOINT])?;
    let rest = if new.len() > 1 { put(1, &new[1..]) } else { Ok(()) };
    let first = if rest.is_ok() { new[0] } else { old[0] };
    put(0, &[first]).and(rest)
}
