//! Questions a test asks a trace.

use super::{
    Trace,
    event::{AccessEvent, Direction, EventKind},
};
use std::fmt;

/// What a question looks for: accesses of one direction to one register, and perhaps with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    direction: Direction,
    register: String,
    value: Option<u64>,
}

/// Reads of the register with this name.
///
/// Takes the name as a string or as a value of a block's `Reg` enumeration.
pub fn read(register: impl AsRef<str>) -> Pattern {
    Pattern { direction: Direction::Read, register: register.as_ref().to_owned(), value: None }
}

/// Writes to the register with this name.
///
/// Takes the name as a string or as a value of a block's `Reg` enumeration.
pub fn write(register: impl AsRef<str>) -> Pattern {
    Pattern { direction: Direction::Write, register: register.as_ref().to_owned(), value: None }
}

impl Pattern {
    /// Only accesses that transferred `value`.
    #[must_use]
    pub fn of(self, value: impl Into<u64>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    fn matches(&self, access: &AccessEvent) -> bool {
        access.direction == self.direction
            && access.register() == Some(&self.register)
            && self.value.is_none_or(|value| value == access.value)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of `{}`", self.direction, self.register)?;
        match self.value {
            Some(value) => write!(f, " = {value:#x}"),
            None => Ok(()),
        }
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
    pub fn matching<'t>(&'t self, pattern: &'t Pattern) -> impl DoubleEndedIterator<Item = &'t AccessEvent> {
        self.accesses().filter(|access| pattern.matches(access))
    }

    /// Number of accesses that match `pattern`.
    #[must_use]
    pub fn count(&self, pattern: &Pattern) -> usize {
        self.matching(pattern).count()
    }

    /// The values of the accesses that match `pattern`, oldest first.
    #[must_use]
    pub fn values(&self, pattern: &Pattern) -> Vec<u64> {
        self.matching(pattern).map(|access| access.value).collect()
    }

    /// Checks that the patterns occur in this order; other accesses may lie in between.
    ///
    /// # Panics
    ///
    /// If they do not, with the pattern that is missing and the trace.
    #[track_caller]
    pub fn assert_order(&self, patterns: impl IntoIterator<Item = Pattern>) {
        let mut rest = self.accesses();
        let mut found = Vec::new();
        for pattern in patterns {
            assert!(
                rest.any(|access| pattern.matches(access)),
                "memtrap: expected a {pattern}{}, but there is none in\n{self}",
                found.last().map(|last| format!(" after the {last}")).unwrap_or_default(),
            );
            found.push(pattern);
        }
    }
}

#[cfg(test)]
mod tests;
