#![forbid(unsafe_code)]

use core::marker::PhantomData;

/// The access kind of a register: what a read does, and what a write does.
#[derive(Debug)]
pub struct Kind<R, W>(PhantomData<fn() -> (R, W)>);

/// `ro`: reads only, without side effects.
pub type ReadOnly = Kind<Pure, NoWrite>;
/// `wo`: writes only, which store the value.
pub type WriteOnly = Kind<NoRead, Stores>;
/// `rw`: reads without side effects, and writes that store the value.
pub type ReadWrite = Kind<Pure, Stores>;

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

impl<W> Readable for Kind<Pure, W> {}
impl<W> Readable for Kind<Effect, W> {}
impl Modifiable for ReadWrite {}
impl<R> Settable for Kind<R, OneSets> {}
impl<R> Clearable for Kind<R, OneClears> {}
impl<R> Toggleable for Kind<R, OneToggles> {}

macro_rules! writable {
    ($($write:ident: $ones:literal, $zeros:literal;)*) => {$(
        impl<R> Writable for Kind<R, $write> {
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
    impl<R, W> Sealed for super::Kind<R, W> {}
}
