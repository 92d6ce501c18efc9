//! What expanded code does with stored values of any register type: compare them and show them.

use crate::mmio::{RegisterBits, RegisterType, RegisterValue, to_u64, width_of};
use std::fmt::{self, Debug};

/// Whether two registers hold the same bits.
pub fn same_bits<X: RegisterType<INDEX>, const INDEX: usize>(one: &[X::Value], other: &[X::Value]) -> bool {
    let bits = |values: &[X::Value]| values.iter().map(|value| to_u64::<X, INDEX>(*value)).collect::<Vec<_>>();
    bits(one) == bits(other)
}

/// Shows the bits of a value, in hexadecimal and as wide as the register.
pub struct Bits<'a, X: RegisterType<INDEX>, const INDEX: usize>(pub &'a X::Value);

impl<X: RegisterType<INDEX>, const INDEX: usize> Debug for Bits<'_, X, INDEX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = 2 + 2 * width_of::<X, INDEX>().bytes();
        write!(f, "{:#0digits$x}", self.0.into_bits().to_u64())
    }
}

/// Shows the bits of every element.
pub struct AllBits<'a, X: RegisterType<INDEX>, const INDEX: usize>(pub &'a [X::Value]);

impl<X: RegisterType<INDEX>, const INDEX: usize> Debug for AllBits<'_, X, INDEX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(Bits::<X, INDEX>)).finish()
    }
}

/// A value to show as well as its type allows: by `Debug` where it is implemented, else by its bits.
///
/// Method lookup tries `Shown` before `&Shown`, so `(&Shown(value)).shown()` takes the first that applies.
pub struct Shown<'a, X: RegisterType<INDEX>, const INDEX: usize>(pub &'a X::Value);

/// As [`Shown`], for the elements of an array.
pub struct ShownAll<'a, X: RegisterType<INDEX>, const INDEX: usize>(pub &'a [X::Value]);

/// Shows by `Debug`.
pub trait ShownByDebug {
    /// What to show.
    type Output;
    /// What to show.
    fn shown(&self) -> Self::Output;
}

impl<'a, X: RegisterType<INDEX, Value: Debug>, const INDEX: usize> ShownByDebug for Shown<'a, X, INDEX> {
    type Output = &'a X::Value;

    fn shown(&self) -> &'a X::Value {
        self.0
    }
}

impl<'a, X: RegisterType<INDEX, Value: Debug>, const INDEX: usize> ShownByDebug for ShownAll<'a, X, INDEX> {
    type Output = &'a [X::Value];

    fn shown(&self) -> &'a [X::Value] {
        self.0
    }
}

/// Shows by bits.
pub trait ShownByBits {
    /// What to show.
    type Output;
    /// What to show.
    fn shown(&self) -> Self::Output;
}

impl<'a, X: RegisterType<INDEX>, const INDEX: usize> ShownByBits for &Shown<'a, X, INDEX> {
    type Output = Bits<'a, X, INDEX>;

    fn shown(&self) -> Bits<'a, X, INDEX> {
        Bits(self.0)
    }
}

impl<'a, X: RegisterType<INDEX>, const INDEX: usize> ShownByBits for &ShownAll<'a, X, INDEX> {
    type Output = AllBits<'a, X, INDEX>;

    fn shown(&self) -> AllBits<'a, X, INDEX> {
        AllBits(self.0)
    }
}

/// The bus asks for permitted accesses only.
#[cold]
pub fn not_readable() -> ! {
    unreachable!("the register file refuses a read of a write-only register")
}

/// The bus asks for permitted accesses only.
#[cold]
pub fn not_writable() -> ! {
    unreachable!("the register file refuses a write to a read-only register")
}
