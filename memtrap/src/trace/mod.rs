//! What happened on a bus: every access of either door, in one order, with register names.
#![forbid(unsafe_code)]

mod event;
mod log;
mod query;
mod render;
#[cfg(trap)]
pub(crate) mod symbol;
#[cfg(not(trap))]
#[path = "symbol_disabled.rs"]
pub(crate) mod symbol;
#[cfg(test)]
mod testing;

pub(crate) use event::place;
pub(crate) use log::Log;

pub use event::{AccessEvent, Direction, Event, EventKind, LineChange};
pub use log::Trace;
pub use query::{Pattern, read, write};
