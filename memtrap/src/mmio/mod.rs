//! What drivers compile against: the handle's pointer, registers, access kinds and register values.
//!
//! This module needs neither `std` nor an allocator. Without the runtime an accessor is exactly one volatile access.

mod block;
mod reg;
mod value;
mod volatile;

/// Access kinds: markers that decide which operations a [`Reg`] offers.
pub mod access;

pub use block::{Block, BlockPtr};
pub use reg::{Reg, RegArray};
pub use value::{RegisterBits, RegisterValue};
