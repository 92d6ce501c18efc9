//! What a block's module, and the runtime, know of the declaration beside it.
//!
//! Expanded code reaches a register's value type through these traits only. So a type that is no register value is
//! reported once, where it is declared, and not at each of its uses.
#![forbid(unsafe_code)]

// A block that can be a part of another one.
#[cfg(not(simulation))]
use super::Block as Nestable;
use super::{Block, RegisterBits, RegisterValue};
use crate::map::{Effects, Field, Policy, RegisterMap, Reserved, Width};
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
    /// The value that unlocks other registers, if the register is a key.
    const KEY: u64;
    /// Whether the bits after reset can be anything.
    const IS_UNDEFINED: bool;
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

/// The reserved bits of the register's value type.
pub const fn reserved_of<X: RegisterType<INDEX>, const INDEX: usize>() -> Reserved {
    Reserved { zero: <X::Value as RegisterValue>::RESERVED_ZERO, one: <X::Value as RegisterValue>::RESERVED_ONE }
}

/// The bit of the field of the register's value type with this name, if there is one and it has one bit; otherwise 0.
pub const fn bit_of<X: RegisterType<INDEX>, const INDEX: usize>(name: &str) -> u64 {
    let (fields, mut index) = (fields_of::<X, INDEX>(), 0);
    while index < fields.len() {
        if fields[index].bits == 1 && is_equal(fields[index].name, name) {
            return fields[index].mask();
        }
        index += 1;
    }
    0
}

const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
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

/// What a simulation has the register hold after reset: if that is undefined, bits that a driver notices.
pub fn initial_of<X: RegisterType<INDEX>, const INDEX: usize>() -> X::Value {
    from_u64::<X, INDEX>(if X::IS_UNDEFINED { 0xa5a5_a5a5_a5a5_a5a5 } else { X::RESET })
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
