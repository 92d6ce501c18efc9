//! Runs unmodified driver code against simulated devices.
#![cfg_attr(not(simulation), no_std)]

pub mod map;
pub mod mmio;

#[cfg(simulation)]
pub mod bus;
#[cfg(simulation)]
mod error;
#[cfg(simulation)]
pub mod model;
#[cfg(all(simulation, feature = "models"))]
pub mod models;
#[cfg(simulation)]
mod run;
#[cfg(simulation)]
pub mod trace;
#[cfg(trap)]
mod trap;
#[cfg(all(simulation, not(trap)))]
#[path = "trap_disabled.rs"]
mod trap;

#[doc = include_str!("mmio/field_enum.md")]
pub use memtrap_macros::FieldEnum;
#[doc = include_str!("mmio/register.md")]
pub use memtrap_macros::register;
#[doc = include_str!("mmio/simulated.md")]
pub use memtrap_macros::simulated;
#[cfg(simulation)]
#[doc = include_str!("run/test.md")]
pub use memtrap_macros::test;
pub use mmio::{FieldValue, Reg, RegArray, RegisterValue};

#[cfg(simulation)]
pub use {
    bus::{Access, Bus, Clock, CodeLocation, Context, Device, Dma, Ports, Ram, Region},
    error::{BusError, DmaError, MapError},
    map::Width,
    model::Simulation,
};

/// What the expansion of [`simulated`] needs and nobody else should name. Not part of the public interface.
#[doc(hidden)]
pub mod private;
