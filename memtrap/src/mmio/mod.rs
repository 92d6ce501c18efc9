//! What drivers compile against: the handle's pointer, registers, access kinds and register values.
//!
//! This module needs neither `std` nor an allocator. Without the runtime an accessor is exactly one volatile access.

mod array;
mod block;
#[cfg(simulation)]
mod code;
mod declared;
mod field;
mod nested;
mod no_block;
mod reg;
mod shared;
mod transfer;
mod value;
mod volatile;
#[cfg(simulation)]
mod window;

/// Access kinds: markers that decide which operations a [`Reg`] offers.
pub mod access;

pub use array::RegArray;
pub use block::{Block, BlockPtr};
#[cfg(simulation)]
pub(crate) use code::{AtomicLocation, PackedLocation};
#[doc(hidden)]
pub use declared::{
    BlockTypes, PartType, RegisterType, bit_of, bytes_of, copied, effects_of, fields_of, from_u64, initial_of,
    part_map_of, part_stride_of, reserved_of, reset_of, stride_of, to_u64, width_of,
};
#[doc(hidden)]
pub use field::FieldValue;
#[doc(hidden)]
pub use nested::ExclusivePtr;
pub use nested::{BlockArray, SharedBlockArray};
#[doc(hidden)]
pub use no_block::{BlockOr, NoBlock, NotABlock, Probe, is_block};
pub use reg::Reg;
#[doc(hidden)]
pub use shared::SharedPtr;
pub use value::{RegisterBits, RegisterValue};
#[cfg(simulation)]
pub(crate) use window::Window;
