//! Parts of a trace: the accesses of one kind, one region, one phase.

use super::{
    Trace,
    claim::Moment,
    event::{AccessEvent, EventKind},
    pattern::{self, Pattern, check},
};
use std::borrow::Borrow;

/// The accesses of one kind in a trace, oldest first.
#[derive(Clone, Debug)]
pub struct Selection<'t>(Vec<&'t AccessEvent>);

impl<'t> Selection<'t> {
    /// Number of accesses.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The accesses.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &'t AccessEvent> {
        self.0.iter().copied()
    }

    /// Their values.
    #[must_use]
    pub fn values(&self) -> Vec<u64> {
        self.iter().map(|access| access.value).collect()
    }

    /// The low 8 bits of each value: what went through a data register.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.iter().map(|access| access.value.to_le_bytes()[0]).collect()
    }

    /// The first access.
    #[must_use]
    pub fn first(&self) -> Option<&'t AccessEvent> {
        self.0.first().copied()
    }

    /// The last access.
    #[must_use]
    pub fn last(&self) -> Option<&'t AccessEvent> {
        self.0.last().copied()
    }
}

impl<'t> IntoIterator for Selection<'t> {
    type Item = &'t AccessEvent;
    type IntoIter = std::vec::IntoIter<&'t AccessEvent>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Trace {
    /// The accesses, oldest first.
    pub fn accesses(&self) -> impl DoubleEndedIterator<Item = &AccessEvent> {
        self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Access(access) => Some(access),
            _ => None,
        })
    }

    /// The accesses that match `pattern`, oldest first.
    ///
    /// # Panics
    ///
    /// If no region of the bus has a register of this name.
    #[must_use]
    #[track_caller]
    pub fn select(&self, pattern: impl Borrow<Pattern>) -> Selection<'_> {
        let pattern = pattern.borrow();
        check([pattern], &self.regions);
        let matching = self.events.iter().filter(|event| pattern.matches(event));
        Selection(
            matching
                .filter_map(|event| match &event.kind {
                    EventKind::Access(access) => Some(access),
                    _ => None,
                })
                .collect(),
        )
    }

    /// The reads of the register with this name.
    ///
    /// # Panics
    ///
    /// As [`select`](Self::select).
    #[must_use]
    #[track_caller]
    pub fn reads(&self, register: impl AsRef<str>) -> Selection<'_> {
        self.select(pattern::read(register))
    }

    /// The writes to the register with this name.
    ///
    /// # Panics
    ///
    /// As [`select`](Self::select).
    #[must_use]
    #[track_caller]
    pub fn writes(&self, register: impl AsRef<str>) -> Selection<'_> {
        self.select(pattern::write(register))
    }

    /// Number of accesses that match `pattern`.
    ///
    /// # Panics
    ///
    /// As [`select`](Self::select).
    #[must_use]
    #[track_caller]
    pub fn count(&self, pattern: impl Borrow<Pattern>) -> usize {
        self.select(pattern).len()
    }

    /// The values of the accesses that match `pattern`, oldest first.
    ///
    /// # Panics
    ///
    /// As [`select`](Self::select).
    #[must_use]
    #[track_caller]
    pub fn values(&self, pattern: impl Borrow<Pattern>) -> Vec<u64> {
        self.select(pattern).values()
    }

    /// What happened in one region.
    ///
    /// # Panics
    ///
    /// If the bus never had a region of this name.
    #[must_use]
    #[track_caller]
    pub fn region(&self, name: &str) -> Self {
        let names = || self.regions.iter().map(|region| region.name).collect::<Vec<_>>().join(", ");
        let known = self.regions.iter().any(|region| region.name == name);
        assert!(known, "memtrap: this bus has no region `{name}`: there are {}", names());
        let events = self.events.iter().filter(|event| event.region == name).cloned().collect();
        Self { events, ..self.part(0..0) }
    }

    /// What happened after `moment`.
    ///
    /// # Panics
    ///
    /// If the trace has no such moment, or the pattern names a register that no region has.
    #[must_use]
    #[track_caller]
    pub fn after(&self, moment: Moment) -> Self {
        self.part(self.position(&moment) + 1..self.events.len())
    }

    /// What happened before `moment`.
    ///
    /// # Panics
    ///
    /// As [`after`](Self::after).
    #[must_use]
    #[track_caller]
    pub fn before(&self, moment: Moment) -> Self {
        self.part(0..self.position(&moment))
    }
}

#[cfg(test)]
mod tests;
