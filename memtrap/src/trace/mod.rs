//! What happened on a bus: every access of either door, in one order, with register names.
#![forbid(unsafe_code)]

mod circle;
mod claim;
mod coverage;
#[cfg(feature = "tracing")]
mod emit;
mod event;
mod excerpt;
mod export;
mod html;
mod json;
mod log;
mod naming;
mod pattern;
mod query;
mod record;
mod render;
#[cfg(trap)]
pub(crate) mod symbol;
#[cfg(not(trap))]
#[path = "symbol_disabled.rs"]
pub(crate) mod symbol;
mod tally;
#[cfg(test)]
mod testing;
mod times;
#[cfg(feature = "vcd")]
mod vcd;

pub(crate) use coverage::collect;
#[cfg(feature = "tracing")]
pub(crate) use emit::emit;
pub(crate) use event::{named_place, place};
pub(crate) use html::picture;
pub(crate) use log::Log;
pub(crate) use pattern::check;
pub(crate) use record::{Lane, Record};
pub(crate) use render::value;

pub use claim::{Claim, Moment, first, last, never, nth, once, order, times};
pub use coverage::{Coverage, RegisterCoverage};
pub use event::{AccessEvent, Direction, Event, EventKind, LineChange, TracedRegion};
pub use log::Trace;
pub use pattern::{IntoValue, Pattern, access, any_access, any_read, any_write, read, write};
pub use query::Selection;
pub use times::Times;
