//! The part of a trace that shows why a claim is wrong.

use super::{Trace, pattern::Pattern, render};
use std::fmt;

/// Lines before and behind a marked one.
const AROUND: usize = 2;

/// Marked lines at the beginning and at the end; those in between are left out.
const ENDS: usize = 3;

/// Lines of a trace in which nothing is of interest.
const TAIL: usize = 12;

/// The lines of a trace around certain events.
pub(super) struct Excerpt<'a> {
    pub(super) trace: &'a Trace,
    /// Indices of the events that show what is wrong.
    pub(super) marked: &'a [usize],
    /// Without marked events, those that are about the same registers are of interest.
    pub(super) about: &'a [&'a Pattern],
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = &self.trace.events;
        let mut begin = 0;
        let rows: Vec<_> = render::runs(events)
            .map(|run| {
                let range = begin..begin + run.len();
                begin = range.end;
                range
            })
            .collect();
        if rows.is_empty() {
            return f.write_str("  (the trace is empty)\n");
        }
        let is_marked = |row: usize| self.marked.iter().any(|event| rows[row].contains(event));
        let shown = shown(&self.centres(&rows, is_marked), rows.len());
        let column = render::column(events);
        let mut next = 0;
        for row in shown {
            skipped(f, rows[next..row].iter().map(ExactSizeIterator::len).sum())?;
            let sign = if is_marked(row) { '>' } else { ' ' };
            writeln!(f, "{sign} {}", render::line(&events[rows[row].clone()], column))?;
            next = row + 1;
        }
        skipped(f, rows[next..].iter().map(ExactSizeIterator::len).sum())
    }
}

fn skipped(f: &mut fmt::Formatter<'_>, events: usize) -> fmt::Result {
    match events {
        0 => Ok(()),
        1 => f.write_str("  .. 1 event\n"),
        events => writeln!(f, "  .. {events} events"),
    }
}

impl Excerpt<'_> {
    /// The lines around which the excerpt is made.
    fn centres(&self, rows: &[std::ops::Range<usize>], is_marked: impl Fn(usize) -> bool) -> Vec<usize> {
        let all = |wanted: &dyn Fn(usize) -> bool| (0..rows.len()).filter(|row| wanted(*row)).collect::<Vec<_>>();
        let mut centres = all(&is_marked);
        if centres.is_empty() {
            let event = |row: usize| &self.trace.events[rows[row].start];
            centres = all(&|row| self.about.iter().any(|pattern| pattern.is_about(event(row))));
        }
        if centres.len() > 2 * ENDS {
            centres.drain(ENDS..centres.len() - ENDS);
        }
        centres
    }
}

/// The lines near one of the centres or, if there is none, the last ones.
fn shown(centres: &[usize], rows: usize) -> Vec<usize> {
    if centres.is_empty() {
        return (rows.saturating_sub(TAIL)..rows).collect();
    }
    (0..rows).filter(|row| centres.iter().any(|centre| centre.abs_diff(*row) <= AROUND)).collect()
}
