//! Values a register can hold.
#![forbid(unsafe_code)]

use super::transfer::Transfer;
use crate::map::{Field, Width};

/// The raw bits of a register: `u8`, `u16`, `u32` or `u64`. Nothing else can be transferred in one access.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the bits of a register",
    label = "no access transfers this type",
    note = "one access transfers `u8`, `u16`, `u32` or `u64`"
)]
pub trait RegisterBits: Copy + Transfer + 'static {
    /// Width of one access.
    const WIDTH: Width;

    /// The bits, zero-extended.
    fn to_u64(self) -> u64;

    /// The low bits of `value`; higher bits are dropped.
    fn from_u64(value: u64) -> Self;
}

/// The value type of a register.
///
/// Implemented for the unsigned integers, by [`register`](macro@crate::register), and by hand for any type that is a view
/// of such an integer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a register",
    label = "not a register value",
    note = "a register holds `u8`, `u16`, `u32`, `u64`, or a type that implements `memtrap::RegisterValue`"
)]
pub trait RegisterValue: Copy {
    /// The integer that is transferred.
    type Bits: RegisterBits;

    /// The fields in ascending order of their bits, if the type has any.
    const FIELDS: &'static [Field] = &[];

    /// The bits that belong to no field and are written as zero.
    const RESERVED_ZERO: u64 = 0;

    /// The bits that belong to no field and are written as one.
    const RESERVED_ONE: u64 = 0;

    /// The value with these bits. Every bit pattern must be accepted: the device decides what a read returns.
    fn from_bits(bits: Self::Bits) -> Self;

    /// The bits of this value.
    fn into_bits(self) -> Self::Bits;
}

macro_rules! integer {
    ($($integer:ident = $width:ident),*) => {$(
        impl RegisterBits for $integer {
            const WIDTH: Width = Width::$width;

            #[inline(always)]
            fn to_u64(self) -> u64 {
                u64::from(self)
            }

            #[inline(always)]
            fn from_u64(value: u64) -> Self {
                value as Self
            }
        }

        impl RegisterValue for $integer {
            type Bits = Self;

            #[inline(always)]
            fn from_bits(bits: Self) -> Self {
                bits
            }

            #[inline(always)]
            fn into_bits(self) -> Self {
                self
            }
        }

    )*};
}

integer!(u8 = U8, u16 = U16, u32 = U32, u64 = U64);
