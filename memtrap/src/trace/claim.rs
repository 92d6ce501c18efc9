//! Claims about a trace, and how a wrong one is shown.

use super::{
    Trace,
    excerpt::Excerpt,
    pattern::{Pattern, check},
    times::Times,
};
use std::fmt;

/// A point in a trace: one access of a kind.
#[derive(Clone, Debug)]
pub struct Moment {
    which: Which,
    pattern: Pattern,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    First,
    Last,
    Nth(usize),
}

/// The first access that matches.
#[must_use]
pub fn first(pattern: Pattern) -> Moment {
    Moment { which: Which::First, pattern }
}

/// The last access that matches.
#[must_use]
pub fn last(pattern: Pattern) -> Moment {
    Moment { which: Which::Last, pattern }
}

/// The access with this number among those that match, counted from 1.
#[must_use]
pub fn nth(number: usize, pattern: Pattern) -> Moment {
    Moment { which: Which::Nth(number), pattern }
}

/// Something that may be true of a trace. [`Trace::assert`] checks it.
#[derive(Clone, Debug)]
#[must_use = "a claim does nothing until `Trace::assert` checks it"]
pub struct Claim(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Precedes(Moment, Moment),
    Times(Pattern, Times),
    Order(Vec<Pattern>),
}

/// That nothing matches.
pub fn never(pattern: Pattern) -> Claim {
    times(pattern, 0)
}

/// That exactly one access matches.
pub fn once(pattern: Pattern) -> Claim {
    times(pattern, 1)
}

/// That so many accesses match: a number or a range.
pub fn times(pattern: Pattern, times: impl Into<Times>) -> Claim {
    Claim(Kind::Times(pattern, times.into()))
}

/// That the patterns occur in this order; other accesses may lie in between.
pub fn order(patterns: impl IntoIterator<Item = Pattern>) -> Claim {
    Claim(Kind::Order(patterns.into_iter().collect()))
}

impl Moment {
    /// That both moments exist and this one is the earlier.
    pub fn precedes(self, later: Self) -> Claim {
        Claim(Kind::Precedes(self, later))
    }

    /// Index of the event.
    fn find(&self, trace: &Trace) -> Option<usize> {
        let mut found = trace.events.iter().enumerate().filter(|(_, event)| self.pattern.matches(event));
        let event = match self.which {
            Which::First => found.next(),
            Which::Last => found.next_back(),
            Which::Nth(number) => found.nth(number.checked_sub(1)?),
        };
        event.map(|(index, _)| index)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.which {
            Which::First => write!(f, "first {}", self.pattern),
            Which::Last => write!(f, "last {}", self.pattern),
            Which::Nth(number) => write!(f, "{} number {number}", self.pattern),
        }
    }
}

/// What is wrong with a claim, and the events that show it.
struct Wrong {
    headline: String,
    events: Vec<usize>,
}

impl Claim {
    fn patterns(&self) -> Vec<&Pattern> {
        match &self.0 {
            Kind::Precedes(earlier, later) => vec![&earlier.pattern, &later.pattern],
            Kind::Times(pattern, _) => vec![pattern],
            Kind::Order(patterns) => patterns.iter().collect(),
        }
    }

    fn check(&self, trace: &Trace) -> Result<(), Wrong> {
        match &self.0 {
            Kind::Precedes(earlier, later) => precedes(earlier, later, trace),
            Kind::Times(pattern, times) => occurs(pattern, *times, trace),
            Kind::Order(patterns) => in_order(patterns, trace),
        }
    }
}

fn precedes(earlier: &Moment, later: &Moment, trace: &Trace) -> Result<(), Wrong> {
    let expected = format!("expected the {earlier} before the {later}, but");
    let (found_earlier, found_later) = (earlier.find(trace), later.find(trace));
    let missing = match (found_earlier, found_later) {
        (Some(a), Some(b)) if a < b => return Ok(()),
        (Some(_), Some(_)) => {
            let headline = format!("{expected} it comes later");
            return Err(Wrong { headline, events: [found_earlier, found_later].into_iter().flatten().collect() });
        }
        (None, _) => earlier,
        (Some(_), None) => later,
    };
    let events = [found_earlier, found_later].into_iter().flatten().collect();
    Err(Wrong { headline: format!("{expected} there is no {missing}"), events })
}

fn occurs(pattern: &Pattern, times: Times, trace: &Trace) -> Result<(), Wrong> {
    let matching = trace.events.iter().enumerate().filter(|(_, event)| pattern.matches(event));
    let events: Vec<_> = matching.map(|(index, _)| index).collect();
    if times.contains(events.len()) {
        return Ok(());
    }
    let found = match events.len() {
        0 => "there is none".to_owned(),
        1 => "there is one".to_owned(),
        count => format!("there are {count}"),
    };
    Err(Wrong { headline: format!("expected {} {times}, but {found}", pattern.with_article()), events })
}

fn in_order(patterns: &[Pattern], trace: &Trace) -> Result<(), Wrong> {
    let mut rest = trace.events.iter().enumerate();
    let mut events = Vec::new();
    for (number, pattern) in patterns.iter().enumerate() {
        match rest.find(|(_, event)| pattern.matches(event)) {
            Some((index, _)) => events.push(index),
            None => {
                let after = number.checked_sub(1).map(|last| format!(" after the {}", patterns[last]));
                let expected = pattern.with_article();
                let headline = format!("expected {expected}{}, but there is none", after.unwrap_or_default());
                return Err(Wrong { headline, events });
            }
        }
    }
    Ok(())
}

impl Trace {
    /// Checks that a claim is true.
    ///
    /// ```
    /// use memtrap::trace::{first, never, order, read, times, write};
    /// # use memtrap::{Bus, simulated};
    /// # #[simulated(size = 0x100, width = 32)]
    /// # pub struct Uart { #[reg(0x00, rw)] pub dr: u32, #[reg(0x18, ro)] pub fr: u32, #[reg(0x30, rw)] pub cr: u32 }
    /// # struct Plain;
    /// # impl uart::Model for Plain {}
    /// # let sim = Uart::simulate(Plain).unwrap();
    /// # let mut regs = sim.regs();
    /// # regs.cr().write(0x301); regs.fr().read(); regs.dr().write(0x41);
    /// let trace = sim.trace();
    /// trace.assert(first(write("cr").with_set(0x1)).precedes(first(write("dr"))));
    /// trace.assert(times(read("fr"), ..=100));
    /// trace.assert(never(read("dr")));
    /// trace.assert(order([write("cr"), read("fr"), write("dr").of(b'A')]));
    /// ```
    ///
    /// # Panics
    ///
    /// If the claim is false, with the events that show it and those around them; if it names a register that no region
    /// of the bus has; or if the trace has lost events, because then nothing can be said of it.
    #[track_caller]
    pub fn assert(&self, claim: Claim) {
        check(claim.patterns(), &self.regions);
        let lost = self.dropped;
        assert!(
            lost == 0,
            "memtrap: the trace has lost its first {lost} events, so that nothing can be claimed of it: begin the phase that \
             matters with `Bus::clear_trace`"
        );
        if let Err(Wrong { headline, events }) = claim.check(self) {
            panic!("memtrap: {headline}\n{}", Excerpt { trace: self, marked: &events, about: &claim.patterns() });
        }
    }

    /// Checks that the patterns occur in this order; other accesses may lie in between.
    ///
    /// # Panics
    ///
    /// As [`assert`](Self::assert).
    #[track_caller]
    pub fn assert_order(&self, patterns: impl IntoIterator<Item = Pattern>) {
        self.assert(order(patterns));
    }

    /// Index of the event at `moment`.
    #[track_caller]
    pub(super) fn position(&self, moment: &Moment) -> usize {
        check([&moment.pattern], &self.regions);
        moment.find(self).unwrap_or_else(|| {
            panic!(
                "memtrap: there is no {moment} in\n{}",
                Excerpt { trace: self, marked: &[], about: &[&moment.pattern] }
            )
        })
    }
}

#[cfg(test)]
mod tests;
