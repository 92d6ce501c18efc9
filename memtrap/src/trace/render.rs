//! The text of a trace.

use super::{
    Trace,
    event::{AccessEvent, Direction, Event, EventKind},
};
use std::fmt;

impl fmt::Display for Trace {
    /// One line an event; a run of equal accesses, as a driver that polls makes them, is one line with its count.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let earlier = self.dropped + self.left_out;
        if earlier > 0 {
            writeln!(f, "({earlier} earlier event{})", if earlier == 1 { "" } else { "s" })?;
        }
        let column = column(&self.events);
        runs(&self.events).try_for_each(|run| writeln!(f, "{}", line(run, column)))
    }
}

impl Trace {
    /// The end of the trace that is `count` lines of text.
    pub(crate) fn last_lines(&self, count: usize) -> Self {
        let lines: Vec<_> = runs(&self.events).map(<[Event]>::len).collect();
        let shown = lines.iter().rev().take(count).sum();
        self.tail(shown)
    }
}

/// `0x00000030  {tx_full level=2}`: the value of an access, and its fields that are not zero.
pub(crate) fn value(access: &AccessEvent) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        let digits = 2 + 2 * access.access.width.bytes();
        write!(f, "{:#0digits$x}", access.value)?;
        fields(f, access)
    })
}

/// Number of letters of the longest name.
pub(super) fn column(events: &[Event]) -> usize {
    events.iter().map(|event| name(event).len()).max().unwrap_or(0)
}

/// The events in runs that are one line each.
pub(super) fn runs(mut events: &[Event]) -> impl Iterator<Item = &[Event]> {
    std::iter::from_fn(move || {
        let first = events.first()?;
        let count = events.iter().take_while(|event| repeats(first, event)).count().max(1);
        let (run, rest) = events.split_at(count);
        events = rest;
        Some(run)
    })
}

/// The line of a run, with names that take `column` letters.
pub(super) fn line(run: &[Event], column: usize) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        let Some(first) = run.first() else { return Ok(()) };
        event(f, first, column)?;
        if run.len() > 1 { write!(f, "  x {}", run.len()) } else { Ok(()) }
    })
}

fn name(event: &Event) -> String {
    match &event.kind {
        EventKind::Access(access) => access.describe(event.region),
        EventKind::Interrupt { line, .. } => format!("irq {line}"),
        EventKind::Note(_) | EventKind::Fault(_) | EventKind::Event(_) | EventKind::Reset | EventKind::Dma { .. } => {
            event.region.to_owned()
        }
    }
}

fn repeats(first: &Event, event: &Event) -> bool {
    match (&first.kind, &event.kind) {
        (EventKind::Access(a), EventKind::Access(b)) => {
            first.region == event.region
                && (a.direction, a.access.offset, a.access.width) == (b.direction, b.access.offset, b.access.width)
                && (a.value, &a.error) == (b.value, &b.error)
        }
        _ => false,
    }
}

/// `{tx_full level=2}`: the fields that are not zero.
fn fields(f: &mut fmt::Formatter<'_>, access: &AccessEvent) -> fmt::Result {
    let mut separator = "  {";
    for (field, value) in access.fields() {
        write!(f, "{separator}{}", field.name)?;
        let name = match access.direction {
            Direction::Read => field.name_of_read(value),
            Direction::Write => field.name_of_write(value),
        };
        match (name, value) {
            (Some(name), _) => write!(f, "={name}")?,
            (None, 1) if field.bits == 1 => {}
            (None, 0..=9) => write!(f, "={value}")?,
            (None, _) => write!(f, "={value:#x}")?,
        }
        separator = " ";
    }
    if separator == " " { f.write_str("}") } else { Ok(()) }
}

fn event(f: &mut fmt::Formatter<'_>, event: &Event, column: usize) -> fmt::Result {
    let name = name(event);
    match &event.kind {
        EventKind::Access(event @ AccessEvent { direction, access, error, .. }) => {
            let direction = match direction {
                Direction::Read => 'R',
                Direction::Write => 'W',
            };
            write!(f, "#{:<5} {direction} {name:<column$}  {}", access.sequence, value(event))?;
            match error {
                Some(error) => write!(f, "  refused: {error}"),
                None => Ok(()),
            }
        }
        // Without the address, which is another one in each run.
        EventKind::Dma { direction, length, .. } => {
            write!(f, "       * {:<column$}  {direction}s {length} bytes of memory", event.region)
        }
        EventKind::Reset => write!(f, "       0 {:<column$}  reset", event.region),
        EventKind::Event(number) => write!(f, "       @ {:<column$}  event {number}", event.region),
        EventKind::Interrupt { change, .. } => {
            write!(f, "       ! {name:<column$}  {change}")?;
            if event.region.is_empty() { Ok(()) } else { write!(f, " by {}", event.region) }
        }
        EventKind::Fault(text) => write!(f, "       % {:<column$}  fault: {text}", event.region),
        EventKind::Note(text) => write!(f, "       . {:<column$}  {text}", event.region),
    }
}

#[cfg(test)]
mod tests;
