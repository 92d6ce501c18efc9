//! A block with what a simulation adds to it: its stored values, and the way from a model to those of the blocks it contains.

use crate::{
    bus::Context,
    mmio::{Block, NoBlock},
};
use std::fmt::Debug;

/// A block with its stored values, as a simulation or another block has it. Implemented by `#[simulated]` for every block.
pub trait Nestable: Block {
    /// The stored values of the block's registers; `Default` gives their reset values.
    type State: Default + Clone + PartialEq + Debug + Send + 'static;
    /// The trait of the block's models, as an object.
    #[doc(hidden)]
    type Model<'m>: ?Sized + 'm;
    /// A read of one of its registers.
    #[doc(hidden)]
    type Read: Copy + Debug;
    /// A write to one of its registers.
    #[doc(hidden)]
    type Write: Debug;

    /// A model that carries out the declaration.
    #[doc(hidden)]
    fn declared() -> Box<Self::Model<'static>>;

    /// The read of the register with this index in the map.
    #[doc(hidden)]
    fn decode_read(register: usize, element: usize) -> Self::Read;

    /// The write to the register with this index in the map, in which bits that the access does not carry leave the
    /// register alone.
    #[doc(hidden)]
    fn decode_write(state: &Self::State, register: usize, element: usize, value: u64, cx: &Context<'_>) -> Self::Write;

    /// The bits that the register with this index in the map holds, if it holds any.
    #[doc(hidden)]
    fn stored(state: &Self::State, register: usize, element: usize) -> u64;

    /// Has a model answer a read.
    #[doc(hidden)]
    fn read(model: &mut Self::Model<'_>, state: &mut Self::State, read: Self::Read, cx: &mut Context<'_>) -> u64;

    /// Has a model carry out a write.
    #[doc(hidden)]
    fn write(model: &mut Self::Model<'_>, state: &mut Self::State, write: Self::Write, cx: &mut Context<'_>);

    /// Has a model do what follows from its state.
    #[doc(hidden)]
    fn drive(model: &mut Self::Model<'_>, state: &mut Self::State, cx: &mut Context<'_>);

    /// Tells a model of a reset.
    #[doc(hidden)]
    fn reset(model: &mut Self::Model<'_>, state: &mut Self::State, cx: &mut Context<'_>);
}

impl Nestable for NoBlock {
    type State = ();
    type Model<'m> = ();
    type Read = ();
    type Write = ();

    fn declared() -> Box<()> {
        Box::new(())
    }

    fn decode_read(_register: usize, _element: usize) {}

    fn decode_write((): &(), _register: usize, _element: usize, _value: u64, _cx: &Context<'_>) {}

    fn stored((): &(), _register: usize, _element: usize) -> u64 {
        0
    }

    fn read((): &mut (), (): &mut (), (): (), _cx: &mut Context<'_>) -> u64 {
        0
    }

    fn write((): &mut (), (): &mut (), (): (), _cx: &mut Context<'_>) {}

    fn drive((): &mut (), (): &mut (), _cx: &mut Context<'_>) {}

    fn reset((): &mut (), (): &mut (), _cx: &mut Context<'_>) {}
}
