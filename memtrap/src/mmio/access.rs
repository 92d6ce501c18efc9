#![forbid(unsafe_code)]

use core::marker::PhantomData;

/// The access kind of a register: what a read does, what a write does, the windows in which a write changes bits, and whether the
/// register may go to another thread.
#[derive(Debug)]
pub struct Kind<R, W, A = Unaliased, H = AnyThread>(PhantomData<(R, W, A, H)>);

/// `ro`: reads only, without side effects.
pub type ReadOnly = Kind<Pure, NoWrite>;
/// `wo`: writes only, which store the value.
pub type WriteOnly = Kind<NoRead, Stores>;
/// `rw`: reads without side effects, and writes that store the value.
pub type ReadWrite = Kind<Pure, Stores>;

/// A register without further windows.
pub type Unaliased = Aliases<Nowhere, Nowhere, Nowhere>;

/// The windows of a register in which a write sets, clears or inverts bits: each [`At`] or [`Nowhere`].
#[derive(Debug)]
pub struct Aliases<S, C, T>(PhantomData<(S, C, T)>);

/// A window `OFFSET` bytes behind the register.
#[derive(Debug)]
pub enum At<const OFFSET: usize> {}

/// No window.
#[derive(Debug)]
pub enum Nowhere {}

/// The register may go to another thread: nobody else has it.
#[derive(Debug)]
pub enum AnyThread {}

/// The register stays on its thread, where others may have it: the block is declared `shared`.
#[derive(Debug)]
pub struct OneThread(PhantomData<*mut ()>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {})*
    };
}

kinds! {
    /// Reads have no side effect.
    Pure;
    /// Reads have a side effect: they pop a FIFO, or clear or set bits.
    Effect;
    /// The register cannot be read.
    NoRead;
    /// The register cannot be written.
    NoWrite;
    /// A write stores the value.
    Stores;
    /// A write does something else with the value as a whole: it pushes it onto a FIFO, or only its occurrence counts.
    Acts;
    /// A one that is written clears the bit.
    OneClears;
    /// A one that is written sets the bit.
    OneSets;
    /// A one that is written inverts the bit.
    OneToggles;
    /// A zero that is written does something to the bit.
    ZeroActs;
}

/// An access kind whose reads are permitted.
#[diagnostic::on_unimplemented(
    message = "this register cannot be read",
    label = "the register is declared `wo`",
    note = "only registers declared `ro` or `rw` offer `read` and `modify`"
)]
pub trait Readable: sealed::Sealed {}

/// An access kind whose writes are permitted.
#[diagnostic::on_unimplemented(
    message = "this register cannot be written",
    label = "the register is declared `ro`",
    note = "only registers declared `wo` or `rw` offer `write` and `write_with`"
)]
pub trait Writable: sealed::Sealed {
    /// The bits that a write leaves alone if they are zero.
    #[doc(hidden)]
    const ONES_ACT: bool;
    /// The bits that a write leaves alone if they are one.
    #[doc(hidden)]
    const ZEROS_ACT: bool;
}

/// An access kind that permits a read-modify-write: what was read can be written back without an effect of its own.
#[diagnostic::on_unimplemented(
    message = "this register cannot be modified by a read and a write",
    label = "what is read cannot be written back",
    note = "`modify` needs a register that is declared `rw`, without side effects on reads, and whose writes store the value",
    note = "bits that act when one is written are changed by `set`, `clear` or `toggle`; a FIFO by `write`"
)]
pub trait Modifiable: Readable + Writable {}

/// An access kind in which a one that is written sets the bit.
#[diagnostic::on_unimplemented(
    message = "the bits of this register are not set by writing one",
    label = "the register is not declared `write = w1s`",
    note = "use `modify` for a register whose writes store the value"
)]
pub trait Settable: Writable {}

/// An access kind in which a one that is written clears the bit.
#[diagnostic::on_unimplemented(
    message = "the bits of this register are not cleared by writing one",
    label = "the register is not declared `write = w1c`",
    note = "use `modify` for a register whose writes store the value"
)]
pub trait Clearable: Writable {}

/// An access kind in which a one that is written inverts the bit.
#[diagnostic::on_unimplemented(
    message = "the bits of this register are not inverted by writing one",
    label = "the register is not declared `write = w1t`",
    note = "use `modify` for a register whose writes store the value"
)]
pub trait Toggleable: Writable {}

/// An access kind of a register that has a window in which a write sets bits.
#[diagnostic::on_unimplemented(
    message = "this register has no window in which a write sets bits",
    label = "no `alias(set = ..)` reaches it",
    note = "declare the window in `#[simulated(alias(set = ..))]`, or use `modify`: a read and a write"
)]
pub trait SetAlias: sealed::Sealed {
    /// Distance from the register to its place in the window, in bytes.
    #[doc(hidden)]
    const OFFSET: usize;
}

/// An access kind of a register that has a window in which a write clears bits.
#[diagnostic::on_unimplemented(
    message = "this register has no window in which a write clears bits",
    label = "no `alias(clear = ..)` reaches it",
    note = "declare the window in `#[simulated(alias(clear = ..))]`, or use `modify`: a read and a write"
)]
pub trait ClearAlias: sealed::Sealed {
    /// Distance from the register to its place in the window, in bytes.
    #[doc(hidden)]
    const OFFSET: usize;
}

/// An access kind of a register that has a window in which a write inverts bits.
#[diagnostic::on_unimplemented(
    message = "this register has no window in which a write inverts bits",
    label = "no `alias(xor = ..)` reaches it",
    note = "declare the window in `#[simulated(alias(xor = ..))]`, or use `modify`: a read and a write"
)]
pub trait ToggleAlias: sealed::Sealed {
    /// Distance from the register to its place in the window, in bytes.
    #[doc(hidden)]
    const OFFSET: usize;
}

/// How far behind a register of this access kind its accesses reach.
#[doc(hidden)]
pub trait Reach: sealed::Sealed {
    /// Distance to the farthest window, in bytes.
    const FARTHEST: usize;
    /// A multiple of just those powers of two of which the distance to each window is a multiple.
    const ALIGN: usize;
}

/// Where a window is.
pub trait Location {
    /// Distance from the register to its place in the window, in bytes; 0 if there is no window.
    #[doc(hidden)]
    const OFFSET: usize;
}

impl<const OFFSET: usize> Location for At<OFFSET> {
    const OFFSET: usize = OFFSET;
}

impl Location for Nowhere {
    const OFFSET: usize = 0;
}

impl<R, W, S: Location, C: Location, T: Location, H> Reach for Kind<R, W, Aliases<S, C, T>, H> {
    const FARTHEST: usize = {
        let set_or_clear = if S::OFFSET > C::OFFSET { S::OFFSET } else { C::OFFSET };
        if set_or_clear > T::OFFSET { set_or_clear } else { T::OFFSET }
    };
    // The bits of all distances: a power of two divides each if it divides this.
    const ALIGN: usize = S::OFFSET | C::OFFSET | T::OFFSET;
}

impl<R, W, const OFFSET: usize, C, T, H> SetAlias for Kind<R, W, Aliases<At<OFFSET>, C, T>, H> {
    const OFFSET: usize = OFFSET;
}

impl<R, W, S, const OFFSET: usize, T, H> ClearAlias for Kind<R, W, Aliases<S, At<OFFSET>, T>, H> {
    const OFFSET: usize = OFFSET;
}

impl<R, W, S, C, const OFFSET: usize, H> ToggleAlias for Kind<R, W, Aliases<S, C, At<OFFSET>>, H> {
    const OFFSET: usize = OFFSET;
}

impl<W, A, H> Readable for Kind<Pure, W, A, H> {}
impl<W, A, H> Readable for Kind<Effect, W, A, H> {}
impl<A, H> Modifiable for Kind<Pure, Stores, A, H> {}
impl<R, A, H> Settable for Kind<R, OneSets, A, H> {}
impl<R, A, H> Clearable for Kind<R, OneClears, A, H> {}
impl<R, A, H> Toggleable for Kind<R, OneToggles, A, H> {}

macro_rules! writable {
    ($($write:ident: $ones:literal, $zeros:literal;)*) => {$(
        impl<R, A, H> Writable for Kind<R, $write, A, H> {
            const ONES_ACT: bool = $ones;
            const ZEROS_ACT: bool = $zeros;
        }
    )*};
}

writable! {
    Stores: false, false;
    Acts: false, false;
    OneClears: true, false;
    OneSets: true, false;
    OneToggles: true, false;
    ZeroActs: false, true;
}

mod sealed {
    pub trait Sealed {}
    impl<R, W, A, H> Sealed for super::Kind<R, W, A, H> {}
}
