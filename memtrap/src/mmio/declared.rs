//! What a block's module, and the runtime, know of the declaration beside it.
//!
//! Expanded code reaches a register's value type through these traits only. So a type that is no register value is
//! reported once, where it is declared, and not at each of its uses.
#![forbid(unsafe_code)]

// A block that can be a part of another one.
#[cfg(not(simulation))]
use super::Block as Nestable;
use super::{Block, RegisterBits, RegisterValue};
use crate::map::{Effects, Field, Policy, RegisterMap, Width};
#[cfg(simulation)]
use crate::model::Nestable;

/// The handle of the block whose module declares the implementing marker type.
///
/// A module inside a function cannot name the items of that function; through a trait it can.
pub trait BlockTypes {
    /// The handle.
    type Handle: Block;
}

/// The register with this position in the declaration.
pub trait RegisterType<const INDEX: usize>: BlockTypes {
    /// Value type, of an array that of one element.
    type Value: RegisterValue;
    /// Offset in bytes.
    const OFFSET: usize;
    /// Number of elements: 1 if the register is no array.
    const COUNT: usize;
    /// Distance between the elements in bytes, if it is not their width.
    const STRIDE: Option<usize>;
    /// Bits after reset.
    const RESET: u64;
    /// What accesses do to the bits that have no policy of their own.
    const POLICY: Policy;
    /// The values of the elements, if they never change.
    const CONSTANT: &'static [u64];
}

/// The nested block with this position in the declaration.
pub trait PartType<const INDEX: usize>: BlockTypes {
    /// The handle of the nested block, of an array that of one element.
    type Block: Nestable;
    /// Offset in bytes.
    const OFFSET: usize;
    /// Number of elements: 1 if the block is no array.
    const COUNT: usize;
    /// Distance between the elements in bytes, if it is not the size of the block.
    const STRIDE: Option<usize>;
}

/// Distance between the elements of the nested block in bytes.
pub const fn part_stride_of<X: PartType<INDEX>, const INDEX: usize>() -> usize {
    match X::STRIDE {
        Some(stride) => stride,
        None => <X::Block as Block>::MAP.size,
    }
}

/// The map of the nested block.
pub const fn part_map_of<X: PartType<INDEX>, const INDEX: usize>() -> &'static RegisterMap {
    <X::Block as Block>::MAP
}

/// What accesses do to the bits of the register.
pub const fn effects_of<X: RegisterType<INDEX>, const INDEX: usize>() -> Effects {
    Effects::new(X::POLICY, <X::Value as RegisterValue>::FIELDS)
}

/// The integer that transfers the register.
type BitsOf<X, const INDEX: usize> = <<X as RegisterType<INDEX>>::Value as RegisterValue>::Bits;

/// Width of the register.
pub const fn width_of<X: RegisterType<INDEX>, const INDEX: usize>() -> Width {
    <BitsOf<X, INDEX> as RegisterBits>::WIDTH
}

/// Width of the register in bytes.
pub const fn bytes_of<X: RegisterType<INDEX>, const INDEX: usize>() -> usize {
    width_of::<X, INDEX>().bytes()
}

/// The fields of the register's value type.
pub const fn fields_of<X: RegisterType<INDEX>, const INDEX: usize>() -> &'static [Field] {
    <X::Value as RegisterValue>::FIELDS
}

/// Distance between the elements of the register in bytes.
pub const fn stride_of<X: RegisterType<INDEX>, const INDEX: usize>() -> usize {
    match X::STRIDE {
        Some(stride) => stride,
        None => bytes_of::<X, INDEX>(),
    }
}

/// The value of the register after reset.
pub fn reset_of<X: RegisterType<INDEX>, const INDEX: usize>() -> X::Value {
    from_u64::<X, INDEX>(X::RESET)
}

/// The bits of a value, zero-extended.
pub fn to_u64<X: RegisterType<INDEX>, const INDEX: usize>(value: X::Value) -> u64 {
    value.into_bits().to_u64()
}

/// The value with the low bits of `bits`.
pub fn from_u64<X: RegisterType<INDEX>, const INDEX: usize>(bits: u64) -> X::Value {
    X::Value::from_bits(RegisterBits::from_u64(bits))
}

/// A copy of a value.
pub fn copied<X: RegisterType<INDEX>, const INDEX: usize>(value: &X::Value) -> X::Value {
    *value
}
