//! Scripts that watch a bus.

use super::{
    Seen, Step,
    step::{Expected, is_at},
};
use crate::{
    bus::{core::Core, report},
    map::Field,
    trace::{Direction, Pattern, any_read, check},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Ways to take the accesses so far that are followed at a time. A script has more only if many of its steps could take the
/// same access.
const WAYS: usize = 64;

/// The scripts of a bus.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    list: Mutex<Vec<Arc<Watch>>>,
}

/// A script that watches a bus until it is dropped.
///
/// Dropping it checks that everything it expects has happened.
#[derive(Debug)]
#[must_use = "a script that is dropped at once fails: keep it until the driver has run"]
pub struct Script {
    core: Arc<Core>,
    watch: Arc<Watch>,
}

#[derive(Debug)]
struct Watch(Mutex<State>);

#[derive(Debug)]
struct State {
    /// What may be left: a step for each way to take the accesses so far.
    left: Vec<Step>,
    /// Accesses that are not the script's business unless it expects them.
    allowed: Vec<Pattern>,
    /// The only regions that are, if not all.
    regions: Vec<String>,
    /// An access was not expected: that was reported.
    failed: bool,
}

/// Why an access does not fit.
#[derive(Clone, Debug)]
pub(crate) struct Unexpected {
    /// What was possible instead, a line each.
    pub(crate) expected: String,
    /// The bits that differ from an expectation of the same register.
    pub(crate) differs: Option<String>,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn concerns(&self, region: &str) -> bool {
        !self.failed && (self.regions.is_empty() || self.regions.iter().any(|name| name == region))
    }

    fn next(&self) -> Vec<Expected> {
        self.left.iter().flat_map(Step::next).collect()
    }

    fn may_end(&self) -> bool {
        self.left.iter().any(Step::may_end)
    }

    fn observe(&mut self, seen: &Seen<'_>) -> Option<Unexpected> {
        if !self.concerns(seen.region) {
            return None;
        }
        let mut left: Vec<_> = self.left.iter().flat_map(|step| step.after(seen)).collect();
        if !left.is_empty() {
            left.truncate(WAYS);
            self.left = left;
            return None;
        }
        if self
            .allowed
            .iter()
            .any(|pattern| is_at(pattern, seen) && pattern.matches_value(seen.value, seen.registers, seen.offset))
        {
            return None;
        }
        self.failed = true;
        let next = self.next();
        let differs = next.iter().filter(|expected| is_at(&expected.pattern, seen) && !expected.negated);
        let differs = differs.filter_map(|expected| difference(&expected.pattern, seen)).next();
        Some(Unexpected { expected: possible(&next, self.may_end()), differs })
    }
}

/// How the value of an access differs from what is expected at its place, with the names of fields.
fn difference(expected: &Pattern, seen: &Seen<'_>) -> Option<String> {
    let (mask, wanted) = expected.wanted(seen.registers, seen.offset)?;
    let bits = (seen.value ^ wanted) & mask;
    let register = seen.registers.and_then(|map| Some(&map.registers[map.find(seen.offset)?.register]));
    let fields = register.map_or(&[][..], |register| register.fields).iter().filter(|field| field.mask() & bits != 0);
    let of = |value: u64, field: &Field| (value & field.mask()) >> field.lsb;
    let fields = fields
        .map(|field| format!("; {} is {:#x}, expected {:#x}", field.name, of(seen.value, field), of(wanted, field)));
    (bits != 0).then(|| format!("in the bits {bits:#x}{}", fields.collect::<String>()))
}

/// What may come next, a line each.
fn possible(next: &[Expected], may_end: bool) -> String {
    let mut lines: Vec<_> = next.iter().filter(|expected| !expected.negated).map(Expected::to_string).collect();
    lines.dedup();
    if may_end {
        lines.push("nothing more: the script is complete".to_owned());
    }
    lines.join("\nor ")
}

impl Scripts {
    fn list(&self) -> MutexGuard<'_, Vec<Arc<Watch>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a script answers a read with, if one does.
    pub(crate) fn answer(&self, seen: &Seen<'_>) -> Option<u64> {
        if seen.direction == Direction::Write {
            return None;
        }
        self.list().iter().find_map(|watch| {
            let state = watch.state();
            let next = if state.concerns(seen.region) { state.next() } else { Vec::new() };
            next.iter().find_map(|expected| expected.returns.filter(|_| is_at(&expected.pattern, seen)))
        })
    }

    /// Has the scripts take an access; why it does not fit, if it does not.
    pub(crate) fn observe(&self, seen: &Seen<'_>) -> Option<Unexpected> {
        // Every script takes it, also if an earlier one does not expect it.
        let unexpected: Vec<_> = self.list().iter().filter_map(|watch| watch.state().observe(seen)).collect();
        unexpected.into_iter().next()
    }

    /// Changes the list; `has_any` is told whether there are any then.
    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Watch>>), has_any: impl FnOnce(bool)) {
        let mut list = self.list();
        change(&mut list);
        has_any(!list.is_empty());
    }
}

impl Script {
    #[track_caller]
    pub(crate) fn new(core: &Arc<Core>, step: Step) -> Self {
        check(step.patterns(), &core.regions());
        let state = State { left: vec![step], allowed: Vec::new(), regions: Vec::new(), failed: false };
        let watch = Arc::new(Watch(Mutex::new(state)));
        core.scripts.change(|list| list.push(Arc::clone(&watch)), |any| core.set_scripts(any));
        Self { core: Arc::clone(core), watch }
    }

    /// Has accesses that match pass where the script does not expect them.
    ///
    /// # Panics
    ///
    /// If no region of the bus has a register of this name.
    #[track_caller]
    pub fn allow(self, pattern: Pattern) -> Self {
        check([&pattern], &self.core.regions());
        self.watch.state().allowed.push(pattern);
        self
    }

    /// Has reads pass where the script does not expect them.
    #[track_caller]
    pub fn allow_reads(self) -> Self {
        self.allow(any_read())
    }

    /// Has the script watch only the region with this name, or several if it is called for each.
    pub fn only(self, region: &str) -> Self {
        self.watch.state().regions.push(region.to_owned());
        self
    }

    /// Whether everything that the script expects has happened.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let state = self.watch.state();
        !state.failed && state.may_end()
    }
}

impl Drop for Script {
    /// Checks that the script is complete.
    ///
    /// # Panics
    ///
    /// If it is not, with what was still to come; or with a report of the trapped door that waits.
    fn drop(&mut self) {
        let forget = |list: &mut Vec<Arc<Watch>>| list.retain(|watch| !Arc::ptr_eq(watch, &self.watch));
        self.core.scripts.change(forget, |any| self.core.set_scripts(any));
        self.core.raise();
        let state = self.watch.state();
        if state.failed || state.may_end() || std::thread::panicking() {
            return;
        }
        let expected = possible(&state.next(), false);
        panic!("{}", report::script_incomplete(&expected, &self.core));
    }
}
