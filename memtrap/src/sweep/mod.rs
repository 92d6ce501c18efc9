//! Runs a test again and again, each time with one thing different.
#![forbid(unsafe_code)]

mod events;
mod interrupts;

pub use events::sweep_events;
pub use interrupts::sweep_interrupts;

use crate::{
    bus::Bus,
    trace::{Direction, EventKind, place},
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Failed runs that a report lists.
const LISTED: usize = 10;

/// The accesses of a run in which nothing is different, with their places.
///
/// # Panics
///
/// As the test; or if it made more accesses than a trace holds.
#[track_caller]
pub(crate) fn accesses(test: &impl Fn(&Bus)) -> Vec<(Direction, String)> {
    let bus = Bus::new();
    test(&bus);
    let trace = bus.trace();
    assert!(trace.dropped() == 0, "memtrap: the test makes too many accesses to be run again for each of them");
    let accesses = trace.events().iter().filter_map(|event| match &event.kind {
        EventKind::Access(access) => {
            Some((access.direction, place(event.region, access.registers, access.access.offset)))
        }
        _ => None,
    });
    accesses.collect()
}

/// The points of a run at which something may happen, as phrases: 0 before the first access, and then the numbers of the
/// accesses after which it happens.
pub(crate) fn points(accesses: &[(Direction, String)]) -> impl Iterator<Item = (u64, String)> {
    let after = accesses.iter().zip(1..);
    let after = after.map(|((direction, place), number)| (number, format!("after #{number} {direction} of {place}")));
    std::iter::once((0, "before the first access".to_owned())).chain(after)
}

/// Runs each variant of a test; what it returns says whether what is different about it came to pass. The number of runs.
///
/// # Panics
///
/// With the names of the variants that failed.
#[track_caller]
pub(crate) fn run<R: FnOnce() -> bool>(what: &str, variants: impl Iterator<Item = (String, R)>, hint: &str) -> usize {
    let mut runs = 0;
    let mut failed = Vec::new();
    for (name, run) in variants {
        runs += 1;
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(true) => {}
            Ok(false) => {
                panic!("memtrap: the test is not deterministic: `{name}` did not come to pass when it was run again")
            }
            Err(panic) => failed.push(format!("{name}\n      {}", first_line(panic.as_ref()))),
        }
    }
    if !failed.is_empty() {
        let more = failed.len().saturating_sub(LISTED);
        let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
        panic!(
            "memtrap: the test fails with {} of {runs} {what}:\n  {}{more}\n  hint      {hint}",
            failed.len(),
            failed[..failed.len().min(LISTED)].join("\n  ")
        );
    }
    runs
}

/// The first line of the message of a panic.
pub(crate) fn first_line(panic: &(dyn Any + Send)) -> &str {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    message.and_then(|message| message.lines().next()).unwrap_or("(no message)")
}
