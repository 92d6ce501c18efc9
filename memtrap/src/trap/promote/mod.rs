//! Promotion: a site that keeps trapping is made to jump to a pad, which enters the engine without a signal.
//!
//! The path of a promoted access: the site jumps to its `pad`; the pad compares the operand's address with the `ranges` of
//! devices and calls the promoted entry (`asm`), which saves the registers and calls `dispatch`; from there on it is the
//! path of a trap. `space` finds room for pads that a site's jump can reach, `patch` changes the code, and `record` is what
//! all of them know of one pad.
//!
//! Nothing depends on a site being promoted. Where code cannot be changed, sites keep trapping. An operand that a pad does
//! not take for a device's is accessed by the instruction's copy in the pad; if it was a device's, the copy faults, and the
//! signal handler takes the fault for the site's.

mod pad;
mod patch;
mod ranges;
mod record;
mod space;
mod unwind;

pub(super) use patch::changes;
pub(super) use record::{Record, containing};

use self::{
    pad::{Addresses, BELOW, FIRST_STORES},
    patch::{Failure, Patches},
    ranges::Ranges,
    record::BUDGET,
    space::{Space, Window},
};
use super::{
    asm, decode,
    pages::code::{self, Executable},
    plan::{self, Recipe},
    signal, site,
    site::Site,
    xstate,
};
use crate::promotion::{Promotion, RefusedSite, Statistics};
use std::{
    ops::Range,
    process, ptr,
    sync::{
        Mutex, MutexGuard, Once, TryLockError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

/// Traps after which a site is promoted, where nothing else is asked for.
const DEFAULT: Promotion = Promotion::after(8);
/// Refused sites that are remembered; there can be any number.
const REMEMBERED: usize = 1024;
/// A pad that enters the engine less often than once in so many passes to memory is given up.
const MEMORY_PASSES_FOR_AN_ENTRY: u64 = 64;

/// Traps after which a site is promoted; 0 for never.
static AFTER: AtomicU32 = AtomicU32::new(0);
/// Whether code outside of the main program is promoted as well.
static EVERYWHERE: AtomicBool = AtomicBool::new(false);

static STATE: Mutex<State> =
    Mutex::new(State { space: Space::new(), patches: Patches::new(), ranges: Ranges::new(), refused: Vec::new() });

struct State {
    space: Space,
    patches: Patches,
    ranges: Ranges,
    refused: Vec<RefusedSite>,
}

/// The process of the thread that has locked the state last.
static HOLDER: AtomicU32 = AtomicU32::new(0);

/// Locks the state. `None` in a forked child, if a thread of its parent had locked it then: there is nobody to unlock it, and what
/// that thread has left undone is not known. The child has the sites and the pads that are finished, and makes no more.
fn state() -> Option<MutexGuard<'static, State>> {
    let process = process::id();
    // Before the first lock, so that a child never finds it locked by nobody.
    let _set_before = HOLDER.compare_exchange(0, process, Ordering::Relaxed, Ordering::Relaxed);
    loop {
        match try_state() {
            None if HOLDER.load(Ordering::Relaxed) == process => thread::yield_now(),
            state => return state,
        }
    }
}

/// Locks the state, if it is not locked.
fn try_state() -> Option<MutexGuard<'static, State>> {
    let state = match STATE.try_lock() {
        Ok(state) => state,
        Err(TryLockError::Poisoned(state)) => state.into_inner(),
        Err(TryLockError::WouldBlock) => return None,
    };
    HOLDER.store(process::id(), Ordering::Relaxed);
    Some(state)
}

/// Reads `MEMTRAP_PROMOTE`; does nothing the second time.
///
/// # Panics
///
/// If the variable is none of `off`, `on` and a number of traps.
pub(super) fn initialise() {
    static DONE: Once = Once::new();
    DONE.call_once(|| set(from_environment().unwrap_or(DEFAULT)));
}

fn from_environment() -> Option<Promotion> {
    let text = std::env::var_os("MEMTRAP_PROMOTE")?;
    Some(Promotion::parse(&text.to_string_lossy(), DEFAULT).unwrap_or_else(|| {
        panic!("memtrap: MEMTRAP_PROMOTE must be `off`, `on`, or the number of traps after which a site is promoted, not {text:?}")
    }))
}

/// Promotes sites as `promotion` says from now on, unless the environment says otherwise.
pub(crate) fn apply(promotion: Promotion) {
    initialise();
    if from_environment().is_none() {
        set(promotion);
    }
    if AFTER.load(Ordering::Relaxed) == 0
        && let Some(mut state) = state()
    {
        let patched: Vec<_> = state.patches.iter().collect();
        for record in patched {
            state.demote(record);
        }
    }
}

fn set(promotion: Promotion) {
    AFTER.store(promotion.traps().unwrap_or(0), Ordering::Relaxed);
    EVERYWHERE.store(promotion.is_everywhere(), Ordering::Relaxed);
}

/// What has been promoted so far.
pub(crate) fn statistics() -> Statistics {
    let Some(state) = state() else { return Statistics::default() };
    Statistics {
        promoted: state.patches.iter().count(),
        entries: state.patches.iter().map(|record| record.entries.load(Ordering::Relaxed)).sum(),
        refused: state.refused.clone(),
    }
}

/// Has pads take `reserved` for devices' addresses.
pub(super) fn cover(reserved: &Range<usize>) {
    // Without it, pads leave these addresses to the instruction's copy, which faults and is carried out then.
    let Some(mut state) = state() else { return };
    let State { space, ranges, .. } = &mut *state;
    if ranges.cover(reserved) {
        space.set_ranges(ranges);
    }
}

/// Takes note that `site` has trapped, and whether the x87 unit held values then.
///
/// It does so at a place in the code always or never: compiled code, and any that keeps to the ABI, has a fixed number of
/// them on the unit's stack at each instruction.
pub(super) fn note(site: &'static Site, x87: bool) {
    if x87 {
        site.x87.store(true, Ordering::Relaxed);
    }
    let traps = site.traps.fetch_add(1, Ordering::Relaxed) + 1;
    if traps == AFTER.load(Ordering::Relaxed) {
        promote(site);
    }
}

#[cold]
fn promote(site: &'static Site) {
    // Taken already if a signal handler traps in the midst of this, or after a fork in another thread's midst.
    let Some(mut state) = try_state() else {
        site.traps.fetch_sub(1, Ordering::Relaxed);
        return;
    };
    if let Err(reason) = state.promote(site)
        && state.refused.len() < REMEMBERED
    {
        state.refused.push(RefusedSite { address: site.rip, reason });
    }
}

/// Takes note that the pad of `record` was passed for an access to memory and, if that is all it is passed for, gives the
/// site its instruction back.
#[cold]
pub(super) fn passed_for_memory(record: &'static Record) {
    if record.budget.load(Ordering::Relaxed) != 0 {
        return;
    }
    record.budget.store(BUDGET, Ordering::Relaxed);
    let entries = record.entries.swap(0, Ordering::Relaxed);
    if entries * MEMORY_PASSES_FOR_AN_ENTRY < u64::from(BUDGET)
        && let Some(mut state) = try_state()
    {
        state.demote(record);
    }
}

/// Where a thread continues that has met the breakpoint at `address`, if that is a step of a promotion. Safe in a signal
/// handler.
pub(super) fn at_breakpoint(address: usize) -> Option<usize> {
    site::record_at(address).map(Record::start)
}

/// What a fault at `rip` in a pad means.
pub(super) enum InPad {
    /// The instruction's copy has faulted: the fault is the site's.
    Original(&'static Record),
    /// The driver's stack cannot be used: `rsp` must be raised by so much, and nothing else has changed.
    Stack(&'static Record, usize),
}

/// What a fault at `rip` means if that is in a pad. Safe in a signal handler.
pub(super) fn in_pad(rip: usize) -> Option<InPad> {
    let record = containing(rip)?;
    if rip == record.original() {
        return Some(InPad::Original(record));
    }
    FIRST_STORES.contains(&(rip - record.start())).then_some(InPad::Stack(record, BELOW as usize))
}

impl State {
    fn promote(&mut self, site: &'static Site) -> Result<(), String> {
        prepare()?;
        let mapping = code::executable_at(site.rip).ok_or("its code is not mapped")?;
        permitted(&mapping)?;
        self.patches.forget_replaced(site.rip, site.bytes.len());
        if self.patches.contains(site.rip) {
            return Ok(());
        }
        // Their jumps end in the bytes that change.
        let relying = self.patches.relying_on(site.rip);
        self.undo_all(&relying, mapping.writable)?;
        let done = self.redirect(site, mapping.writable);
        self.redo_all(&relying, mapping.writable);
        done
    }

    /// Gives the site of `record` its instruction back.
    fn demote(&mut self, record: &'static Record) {
        let Some(mapping) = code::executable_at(record.site_address()) else { return };
        self.patches.forget_replaced(record.site_address(), record.length());
        if !self.patches.contains(record.site_address()) {
            return;
        }
        let relying = self.patches.relying_on(record.site_address());
        if self.undo_all(&relying, mapping.writable).is_ok() {
            // If it fails, the site goes on with its pad.
            let _ = self.patches.undo(record, mapping.writable);
            record.site().traps.store(0, Ordering::Relaxed);
        }
        self.redo_all(&relying, mapping.writable);
    }

    /// Takes back the jumps of `relying`, which is in the order from the last address to the first, and in which each
    /// jump ends in bytes of the one before.
    fn undo_all(&mut self, relying: &[&'static Record], writable: bool) -> Result<(), String> {
        for record in relying.iter().rev() {
            self.patches.undo(record, writable).map_err(|error| format!("a site before it keeps its jump: {error}"))?;
        }
        Ok(())
    }

    fn redo_all(&mut self, relying: &[&'static Record], writable: bool) {
        for record in relying {
            let site = record.site();
            if !self.patches.contains(site.rip) && self.redirect(site, writable).is_err() {
                // It traps, and may become promoted when its neighbour is not any more.
                site.traps.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Makes the site jump to its pad, or to a new one.
    fn redirect(&mut self, site: &'static Site, writable: bool) -> Result<(), String> {
        const CHANGED: &str = "its code has changed";
        let window = patch::window(site.rip, site.bytes.len()).ok_or(CHANGED)?;
        let record = match site.record().filter(|record| window.0.contains(&record.target())) {
            Some(record) => record,
            None => self.make_pad(site, &window)?,
        };
        site.set_record(record);
        self.patches.apply(record, writable).map_err(|failure| match failure {
            Failure::Changed => CHANGED.to_owned(),
            Failure::System(error) => format!("its code cannot be changed: {error}"),
        })
    }

    fn make_pad(&mut self, site: &'static Site, window: &Window) -> Result<&'static Record, String> {
        const NO_ROOM: &str = "there is no room for a pad where a jump of its length can lead to";
        let recipe = recipe(site)?;
        let size = pad::size(&recipe)?;
        // In a small window there is room for few pads, but for many jumps to pads.
        let jump =
            if window.is_small() { Some(self.space.take_code(window, patch::JUMP).ok_or(NO_ROOM)?) } else { None };
        let near = match jump {
            Some(jump) => &Window::of_jump(site.rip, &[]).and(&Window::of_jump(jump, &[])),
            None => window,
        };
        let place = self.space.take(near, size, site.rip, &self.ranges).ok_or(NO_ROOM)?;
        let addresses =
            Addresses { start: place.start, next: site.next(), ranges: place.ranges, record: place.record.addr() };
        let pad = pad::build(&recipe, addresses)?;
        let write = |address: usize, code: &[u8]| {
            // SAFETY: Nobody knows the place yet, so no thread executes it.
            unsafe { code::write_code(address, code, false) }
                .map_err(|error| format!("its pad cannot be written: {error}"))
        };
        write(place.start, &pad.code)?;
        if let Some(jump) = jump {
            write(jump, &pad::jump(jump, place.start)?)?;
        }
        // SAFETY: The space hands out a record once, in memory that is zeroed, never unmapped and only used as records.
        let record: &'static Record = unsafe { &*place.record };
        let entry = if recipe.needs_image { asm::entry() } else { asm::promoted() };
        record.entry.store(entry, Ordering::Relaxed);
        record.site_address.store(site.rip, Ordering::Relaxed);
        record.budget.store(BUDGET, Ordering::Relaxed);
        record.length.store(site.bytes.len() as u32, Ordering::Relaxed);
        record.target.store(jump.unwrap_or(place.start), Ordering::Relaxed);
        record.start.store(place.start, Ordering::Relaxed);
        record.original.store(pad.original as u32, Ordering::Relaxed);
        record.site.store(ptr::from_ref(site).cast_mut(), Ordering::Relaxed);
        record.size.store(pad.code.len() as u32, Ordering::Release);
        unwind::register(unwind::tables(place.start, pad.code.len(), &pad.rows, site.rip));
        if let Some(jump) = jump {
            unwind::register(unwind::tables(jump, patch::JUMP, unwind::JUMP, site.rip));
        }
        Ok(record)
    }
}

fn recipe(site: &Site) -> Result<Recipe, String> {
    let decoded = decode::decode_bytes(site.rip, &site.bytes);
    let plan = site.plan.as_ref().map_err(Clone::clone)?;
    let mut recipe = plan::relocate(&decoded, plan, BELOW)?;
    // Where no moves save all vector registers, or there is something else to save, everything is saved.
    recipe.needs_image |= site.x87.load(Ordering::Relaxed) || xstate::VECTOR_ROUTINES[0].load(Ordering::Relaxed) == 0;
    Ok(recipe)
}

/// Prepares the process for changes of its code.
fn prepare() -> Result<(), String> {
    if signal::has_shadow_stack() {
        return Err("the process has a shadow stack".to_owned());
    }
    signal::install_breakpoints().map_err(|error| format!("SIGTRAP cannot be handled: {error}"))?;
    code::prepare_to_serialise_cores().map_err(|error| format!("the system cannot serialise the processors: {error}"))
}

/// Whether code of this mapping may be changed.
fn permitted(mapping: &Executable) -> Result<(), String> {
    if !mapping.private || mapping.name.starts_with("[v") {
        return Err(format!("its code is shared: {}", mapping.name));
    }
    if EVERYWHERE.load(Ordering::Relaxed) || code::main_program().is_some_and(|program| program == mapping.name) {
        return Ok(());
    }
    let name = if mapping.name.is_empty() { "anonymous memory" } else { &mapping.name };
    Err(format!("it is not in the main program, but in {name}"))
}

#[cfg(test)]
mod tests;
