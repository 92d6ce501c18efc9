//! What a script expects, and what is left of it after an access.
//!
//! A step is a regular expression over accesses, and what is left is its derivative: with several ways to take an access,
//! each leaves a step of its own.

use super::Seen;
use crate::trace::{Pattern, Times};
use std::fmt;

/// A part of a script: an access, or several in some order. Cheap to clone and to use again.
#[derive(Clone, Debug)]
#[must_use = "a step expects nothing until `Bus::expect` is given it"]
pub struct Step(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Access {
        pattern: Pattern,
        /// What a read is answered with.
        returns: Option<u64>,
        /// The place of the pattern with any other value.
        negated: bool,
    },
    Modify {
        read: Pattern,
        /// With the fields that are changed.
        write: Pattern,
        mask: u64,
        bits: u64,
    },
    Seq(Vec<Step>),
    AnyOrder(Vec<Step>),
    Repeat(Box<Step>, Times),
}

impl From<Pattern> for Step {
    fn from(pattern: Pattern) -> Self {
        Self::access(pattern, None, false)
    }
}

impl Step {
    pub(super) fn access(pattern: Pattern, returns: Option<u64>, negated: bool) -> Self {
        Self(Kind::Access { pattern, returns, negated })
    }

    pub(super) fn modify(read: Pattern, write: Pattern, mask: u64, bits: u64) -> Self {
        Self(Kind::Modify { read, write, mask, bits })
    }

    /// Steps that happen in this order; [`seq!`](crate::seq) takes steps of several types.
    pub fn seq(steps: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::Seq(steps.into_iter().collect()))
    }

    /// Steps that all happen, in any order; [`any_order!`](crate::any_order) takes steps of several types.
    pub fn any_order(steps: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::AnyOrder(steps.into_iter().collect()))
    }

    /// The step so often: a number or a range.
    pub fn times(self, times: impl Into<Times>) -> Self {
        Self(Kind::Repeat(Box::new(self), times.into()))
    }

    /// What may be left when this step takes the access; empty if it does not.
    pub(super) fn after(&self, seen: &Seen<'_>) -> Vec<Self> {
        match &self.0 {
            Kind::Access { pattern, returns, negated } => {
                let value = pattern.matches_value(seen.value, seen.registers, seen.offset) != *negated
                    && returns.is_none_or(|returns| returns == seen.value);
                if is_at(pattern, seen) && value { vec![Self::seq([])] } else { Vec::new() }
            }
            Kind::Modify { read, write, mask, bits } if is_at(read, seen) => {
                let Some((fields, wanted)) = write.wanted(seen.registers, seen.offset) else { return Vec::new() };
                let value = seen.value & !(mask | fields) | bits & mask | wanted & fields;
                vec![Self::from(write.clone().of(value))]
            }
            Kind::Modify { .. } => Vec::new(),
            Kind::Seq(steps) => {
                let mut left = Vec::new();
                for (index, step) in steps.iter().enumerate() {
                    left.extend(step.after(seen).into_iter().map(|rest| rest.then(&steps[index + 1..])));
                    if !step.may_end() {
                        break;
                    }
                }
                left
            }
            Kind::AnyOrder(steps) => {
                let others = |index: usize| {
                    let others = steps.iter().enumerate().filter(|(other, _)| *other != index);
                    Self::any_order(others.map(|(_, step)| step.clone()))
                };
                let each = steps.iter().enumerate();
                each.flat_map(|(index, step)| step.after(seen).into_iter().map(move |rest| rest.then(&[others(index)])))
                    .collect()
            }
            Kind::Repeat(_, Times { most: 0, .. }) => Vec::new(),
            Kind::Repeat(step, Times { least, most }) => {
                let most = if *most == usize::MAX { usize::MAX } else { most - 1 };
                let again = Self(Kind::Repeat(step.clone(), Times { least: least.saturating_sub(1), most }));
                step.after(seen).into_iter().map(|rest| rest.then(std::slice::from_ref(&again))).collect()
            }
        }
    }

    /// This step and then others.
    fn then(self, others: &[Self]) -> Self {
        let others = others.iter().filter(|step| !step.is_nothing()).cloned();
        match self.0 {
            Kind::Seq(mut steps) => {
                steps.extend(others);
                Self(Kind::Seq(steps))
            }
            other => Self::seq(std::iter::once(Self(other)).chain(others)),
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(&self.0, Kind::Seq(steps) | Kind::AnyOrder(steps) if steps.is_empty())
    }

    /// Whether nothing more has to happen.
    pub(super) fn may_end(&self) -> bool {
        match &self.0 {
            Kind::Access { .. } | Kind::Modify { .. } => false,
            Kind::Seq(steps) | Kind::AnyOrder(steps) => steps.iter().all(Self::may_end),
            Kind::Repeat(step, times) => times.least == 0 || step.may_end(),
        }
    }

    /// The accesses that may come next.
    pub(super) fn next(&self) -> Vec<Expected> {
        match &self.0 {
            Kind::Access { pattern, returns, negated } => {
                vec![Expected { pattern: pattern.clone(), returns: *returns, negated: *negated }]
            }
            Kind::Modify { read, .. } => vec![Expected { pattern: read.clone(), returns: None, negated: false }],
            Kind::Seq(steps) => {
                let needed = steps.iter().position(|step| !step.may_end()).map_or(steps.len(), |last| last + 1);
                steps[..needed].iter().flat_map(Self::next).collect()
            }
            Kind::AnyOrder(steps) => steps.iter().flat_map(Self::next).collect(),
            Kind::Repeat(_, Times { most: 0, .. }) => Vec::new(),
            Kind::Repeat(step, _) => step.next(),
        }
    }

    /// All patterns.
    pub(super) fn patterns(&self) -> Vec<&Pattern> {
        match &self.0 {
            Kind::Access { pattern, .. } => vec![pattern],
            Kind::Modify { read, write, .. } => vec![read, write],
            Kind::Seq(steps) | Kind::AnyOrder(steps) => steps.iter().flat_map(Self::patterns).collect(),
            Kind::Repeat(step, _) => step.patterns(),
        }
    }
}

/// Whether the access is at the place of the pattern, whatever its value.
pub(super) fn is_at(pattern: &Pattern, seen: &Seen<'_>) -> bool {
    pattern.matches_place(seen.direction, seen.region, seen.registers, seen.offset)
}

/// An access that may come next.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) pattern: Pattern,
    pub(super) returns: Option<u64>,
    pub(super) negated: bool,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, returns, .. } = self;
        write!(f, "{pattern}")?;
        if let Some(value) = returns {
            write!(f, ", answered with {value:#x}")?;
        }
        let location = pattern.location();
        write!(f, "  ({}:{})", location.file(), location.line())
    }
}
