//! Which bus the thread belonged to that started this one.
//!
//! A thread that a driver starts has no tie to its test that a library could see. But Linux gives a new thread the timer
//! slack of the thread that starts it (prctl(2), `PR_SET_TIMERSLACK`): by how many nanoseconds its sleeps may be late. So the
//! number of a bus is added to the slack of the threads that belong to it, which makes it 100 µs larger at most. Where the
//! system does not permit that, nothing is marked, and nobody's child.

use std::ffi::{c_int, c_ulong};

/// The timer slack of a thread for which nobody has set one, in nanoseconds.
const DEFAULT: u64 = 50_000;

/// Marks: buses whose numbers differ by a multiple of this have the same one.
const MARKS: u64 = 50_000;

fn slack() -> Option<u64> {
    // SAFETY: The call changes nothing.
    let slack = unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) };
    u64::try_from(slack).ok()
}

fn mark_of(bus: u64) -> u64 {
    DEFAULT + 1 + bus % MARKS
}

fn is_ours(slack: u64) -> bool {
    (DEFAULT..=DEFAULT + MARKS).contains(&slack)
}

/// Marks the threads that this one will start as belonging to a bus, or to none if that is 0.
pub(crate) fn mark(bus: u64) {
    // Somebody else's setting is left alone.
    if !slack().is_some_and(is_ours) {
        return;
    }
    let slack: c_ulong = if bus == 0 { DEFAULT } else { mark_of(bus) };
    // SAFETY: The call changes how late this thread's timers may be.
    let _marked_or_not: c_int = unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, slack) };
}

/// The one of these buses to which the thread belonged that started this one, if it is known.
pub(crate) fn parent(candidates: &mut dyn Iterator<Item = u64>) -> Option<u64> {
    let slack = slack()?;
    let mut marked = candidates.filter(|bus| mark_of(*bus) == slack);
    let bus = marked.next()?;
    marked.all(|other| other == bus).then_some(bus)
}
