//! Scripts: which accesses a driver is to make, in which order.
//!
//! A script is written before the driver runs and is strict: an access that it does not expect fails the test there and then,
//! with the driver's line and those of the expectations that were still possible. Reads are answered by the script where it
//! [says so](crate::trace::Pattern::returns), otherwise by the device. Questions to the [trace](crate::trace) afterwards say
//! less about how the driver does its work, and are the better choice where the order does not matter.
#![forbid(unsafe_code)]

mod step;
mod watch;

pub use step::Step;
pub use watch::Script;
pub(crate) use watch::{Scripts, Unexpected};

use crate::{
    map::RegisterMap,
    trace::{Direction, IntoValue, Pattern, Times, read, write},
};

/// An access that a script is to expect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) direction: Direction,
    pub(crate) region: &'a str,
    pub(crate) registers: Option<&'static RegisterMap>,
    pub(crate) offset: usize,
    pub(crate) value: u64,
}

/// Steps that happen in this order. A step is a [`Pattern`] or a [`Step`].
///
/// ```
/// use memtrap::{any_order, script::{Step, poll}, seq, trace::{read, write}};
///
/// // A value as any other: a function returns what several scripts share.
/// fn unlock() -> Step {
///     seq![write("key").of(0x1acc), write("key").of(0xe551)]
/// }
///
/// let init = seq![
///     unlock(),
///     any_order![write("ibrd").of(26), write("fbrd").of(3)],
///     poll(read("fr").with_clear(0x8)),
///     write("cr").with_set(0x1),
///     write("dr").times(1..=16),
/// ];
/// # let _ = init;
/// ```
#[macro_export]
macro_rules! seq {
    ($($step:expr),* $(,)?) => { $crate::script::Step::seq([$($crate::script::Step::from($step)),*]) };
}

/// Steps that all happen, in any order; each is complete before the next begins. A step is a [`Pattern`] or a [`Step`].
#[macro_export]
macro_rules! any_order {
    ($($step:expr),* $(,)?) => { $crate::script::Step::any_order([$($crate::script::Step::from($step)),*]) };
}

/// Reads of one register until one matches, which ends the poll: any number before it do not.
pub fn poll(until: Pattern) -> Step {
    Step::seq([Step::access(until.clone(), None, true).times(..), Step::from(until)])
}

/// A read of a register, and a write to it of the value that was read with the bits under `mask` replaced by `bits`.
#[track_caller]
pub fn modify(register: impl AsRef<str>, mask: u64, bits: u64) -> Step {
    Step::modify(read(register.as_ref()), write(register.as_ref()), mask, bits)
}

/// As [`modify`], for fields by name: a read of a register, and a write to it of the value that was read with these fields
/// changed. The values are integers.
///
/// # Panics
///
/// If a value is a negative literal. [`Bus::expect`](crate::Bus::expect) panics if the register has no field of a name.
#[track_caller]
pub fn modify_fields<F: AsRef<str>, V: IntoValue>(
    register: impl AsRef<str>,
    fields: impl IntoIterator<Item = (F, V)>,
) -> Step {
    let mut written = write(register.as_ref());
    for (field, value) in fields {
        written = written.with_field(field, value);
    }
    Step::modify(read(register.as_ref()), written, 0, 0)
}

impl Pattern {
    /// The step of a script that expects such a read and answers it with `value`; the device does not see it.
    ///
    /// # Panics
    ///
    /// If `value` is a negative literal.
    #[track_caller]
    pub fn returns(self, value: impl IntoValue) -> Step {
        Step::access(self, Some(value.into_value()), false)
    }

    /// The step of a script that expects this so often: a number or a range.
    pub fn times(self, times: impl Into<Times>) -> Step {
        Step::from(self).times(times)
    }
}

#[cfg(test)]
mod tests;
