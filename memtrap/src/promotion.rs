//! Promotion: sites that keep trapping are patched, so that their next accesses need no signal.
//!
//! A trap costs microseconds, nearly all of them the operating system's. A driver that polls a million times would pay a
//! million of them. So an instruction that has trapped a few times is replaced by a jump to a pad, which looks at the
//! operand's address and calls the engine directly, or executes the instruction as it was if the address is no device's.
//! What the driver and the device see is the same in both cases.
//!
//! By default an instruction of the main program is promoted when it has trapped 8 times; code of shared libraries is left
//! alone. The environment variable `MEMTRAP_PROMOTE` changes that for a run, to `off`, `on` or a number of traps; a program
//! does with [`Promotion::apply`], which the variable overrides.
//!
//! Where code cannot be changed (a hardened system, a shadow stack, an instruction so short that no pad can be reached from
//! it), the site keeps trapping; [`statistics`] says why. On hosts without traps nothing is promoted.

#[cfg(trap)]
use crate::trap::promote;

/// When sites are promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promotion {
    traps: Option<u32>,
    everywhere: bool,
}

impl Promotion {
    /// Never.
    #[must_use]
    pub const fn off() -> Self {
        Self { traps: None, everywhere: false }
    }

    /// When a site has trapped so many times. 0 means the same as 1: the first trap tells that there is a site.
    #[must_use]
    pub const fn after(traps: u32) -> Self {
        Self { traps: Some(if traps == 0 { 1 } else { traps }), everywhere: false }
    }

    /// Not only in the main program, but wherever code is private to the process: in shared libraries, and in code that
    /// was generated.
    ///
    /// A site in a shared library is often used for memory as well; each such use passes the pad, at the cost of a few
    /// nanoseconds.
    #[must_use]
    pub const fn everywhere(self) -> Self {
        Self { everywhere: true, ..self }
    }

    /// Has the process promote sites in this way from now on; [`off`](Self::off) also gives all sites their instructions
    /// back. Has no effect where the environment variable `MEMTRAP_PROMOTE` is set.
    ///
    /// # Panics
    ///
    /// If `MEMTRAP_PROMOTE` has a value that is not described [above](self).
    pub fn apply(self) {
        #[cfg(trap)]
        promote::apply(self);
    }

    /// The number of traps; `None` for never.
    #[cfg(trap)]
    pub(crate) fn traps(self) -> Option<u32> {
        self.traps
    }

    #[cfg(trap)]
    pub(crate) fn is_everywhere(self) -> bool {
        self.everywhere
    }

    /// The value of the environment variable.
    #[cfg(trap)]
    pub(crate) fn parse(text: &str, on: Self) -> Option<Self> {
        match text {
            "off" => Some(Self::off()),
            "on" => Some(on),
            number => number.parse().ok().map(Self::after),
        }
    }
}

/// What has been promoted in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Sites that jump to a pad now.
    pub promoted: usize,
    /// How often those have entered the engine, approximately.
    pub entries: u64,
    /// The first sites that were not promoted though they have trapped often enough.
    pub refused: Vec<RefusedSite>,
}

/// A site that keeps trapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedSite {
    /// Address of the instruction.
    pub address: usize,
    /// Why it was not promoted.
    pub reason: String,
}

/// What has been promoted in this process so far.
#[must_use]
pub fn statistics() -> Statistics {
    #[cfg(trap)]
    return promote::statistics();
    #[cfg(not(trap))]
    Statistics::default()
}

#[cfg(all(test, trap))]
mod tests {
    use super::Promotion;

    #[test]
    fn the_variable_has_three_kinds_of_values() {
        let parse = |text| Promotion::parse(text, Promotion::after(8));
        assert_eq!(parse("off"), Some(Promotion::off()));
        assert_eq!(parse("on"), Some(Promotion::after(8)));
        assert_eq!(parse("3"), Some(Promotion::after(3)));
        assert_eq!(parse("0"), Some(Promotion::after(1)));
        assert_eq!(parse("-1"), None);
        assert_eq!(parse(""), None);
    }
}
