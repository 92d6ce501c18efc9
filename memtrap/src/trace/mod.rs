//! What happened on a bus: every access of either door, in one order, with register names.
#![forbid(unsafe_code)]

mod event;
mod log;
mod query;
mod render;
pub(crate) mod symbol;

pub(crate) use event::place;
pub(crate) use log::Log;

pub use event::{AccessEvent, Direction, Event, EventKind};
pub use log::Trace;
pub use query::{Pattern, read, write};
