//! Device models of declared register blocks: stored registers, and a trait with one method for each access.
#![forbid(unsafe_code)]

pub(crate) mod effects;
mod fifo;
pub(crate) mod locks;
mod nestable;
mod parts;
mod register_file;
mod simulation;
pub(crate) mod stored;

pub use fifo::Fifo;
pub use nestable::Nestable;
pub use register_file::{RegisterFile, Simulated};
pub use simulation::{ModelGuard, Simulation, StateGuard};
