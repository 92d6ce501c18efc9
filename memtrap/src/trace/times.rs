//! How often something may happen.

use std::{
    fmt,
    ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
};

/// How often something may happen: a number, or a range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub(crate) least: usize,
    pub(crate) most: usize,
}

impl Times {
    /// Whether `count` is one of the numbers.
    #[must_use]
    pub fn contains(self, count: usize) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

impl From<usize> for Times {
    fn from(count: usize) -> Self {
        Self { least: count, most: count }
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self { least: *range.start(), most: *range.end() }
    }
}

impl From<RangeToInclusive<usize>> for Times {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self { least: 0, most: range.end }
    }
}

impl From<RangeFrom<usize>> for Times {
    fn from(range: RangeFrom<usize>) -> Self {
        Self { least: range.start, most: usize::MAX }
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Self { least: 0, most: usize::MAX }
    }
}

impl From<Range<usize>> for Times {
    /// # Panics
    ///
    /// If the range is empty.
    #[track_caller]
    fn from(range: Range<usize>) -> Self {
        assert!(!range.is_empty(), "memtrap: `{range:?}` is no number of times");
        Self { least: range.start, most: range.end - 1 }
    }
}

impl From<RangeTo<usize>> for Times {
    /// # Panics
    ///
    /// If the range is empty.
    #[track_caller]
    fn from(range: RangeTo<usize>) -> Self {
        Self::from(0..range.end)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (0, 0) => f.write_str("never"),
            (1, 1) => f.write_str("once"),
            (least, usize::MAX) => write!(f, "at least {least} times"),
            (0, most) => write!(f, "at most {most} times"),
            (least, most) if least == most => write!(f, "{least} times"),
            (least, most) => write!(f, "{least} to {most} times"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn numbers_and_ranges_count() {
        let contained = |times: Times| (0..5).filter(|count| times.contains(*count)).collect::<Vec<_>>();
        assert_eq!(contained(2.into()), [2]);
        assert_eq!(contained((1..=3).into()), [1, 2, 3]);
        assert_eq!(contained((1..3).into()), [1, 2]);
        assert_eq!(contained((3..).into()), [3, 4]);
        assert_eq!(contained((..=1).into()), [0, 1]);
        assert_eq!(contained((..1).into()), [0]);
        assert_eq!(contained((..).into()), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_count_reads_as_a_phrase() {
        let phrase = |times: Times| times.to_string();
        assert_eq!(phrase(0.into()), "never");
        assert_eq!(phrase(1.into()), "once");
        assert_eq!(phrase(4.into()), "4 times");
        assert_eq!(phrase((1..=4).into()), "1 to 4 times");
        assert_eq!(phrase((2..).into()), "at least 2 times");
        assert_eq!(phrase((..=4).into()), "at most 4 times");
    }
}
