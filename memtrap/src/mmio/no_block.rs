//! What takes the place of a nested block whose type is none, so that the mistake is reported once.
#![forbid(unsafe_code)]

use super::{Block, BlockPtr, ExclusivePtr, SharedPtr};
use crate::map::{RegisterMap, Route, Width};
use core::marker::PhantomData;

/// A block without registers.
#[derive(Debug)]
pub enum NoBlock {}

impl Block for NoBlock {
    const MAP: &'static RegisterMap = &RegisterMap::new("", 0, Width::U8, &[]);
    const ROUTES: &'static [Route] = &[];

    type Exclusive<'a> = ();
    type Shared<'a> = ();

    fn from_block_ptr(_pointer: BlockPtr<Self>) -> Self {
        unreachable!("there is no handle of this type")
    }

    fn exclusive_from_ptr(_pointer: ExclusivePtr<'_, Self>) {}

    fn shared_from_ptr(_pointer: SharedPtr<'_, Self>) {}
}

/// A constant expression that compiles for blocks only.
pub const fn is_block<B: Block>() {}

/// Asks whether `T` is a block: if it is, the constant below is found first, otherwise that of [`NotABlock`].
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: Block> Probe<T> {
    /// Whether `T` is a block.
    pub const IS_BLOCK: bool = true;
}

/// Has the answer for what is no block.
pub trait NotABlock {
    /// Whether `Self` is the probe of a block.
    const IS_BLOCK: bool = false;
}

impl<T> NotABlock for T {}

/// The block that `Self` is if `IS_BLOCK`, otherwise one without registers.
pub trait BlockOr<const IS_BLOCK: bool> {
    /// The block.
    type Block;
}

impl<B: Block> BlockOr<true> for B {
    type Block = B;
}

impl<T> BlockOr<false> for T {
    type Block = NoBlock;
}
