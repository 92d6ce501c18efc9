//! Items that expanded code names. Exempt from semantic versioning.

pub use crate::map::{AccessKind, Register, RegisterMap, Width};
pub use crate::mmio::{Block, BlockPtr, Reg, RegArray, RegisterValue, access};

#[cfg(simulation)]
pub use crate::{
    bus::{Bus, Context},
    error::MapError,
    model::{Simulated, Simulation},
};

/// Keeps its items in a build with the runtime. A `cfg` in an expansion would look at the features of the
/// crate that uses the attribute; this macro looks at memtrap's.
#[cfg(simulation)]
#[macro_export]
#[doc(hidden)]
macro_rules! __simulation {
    ($($item:item)*) => { $($item)* };
}

/// Drops its items in a build without the runtime.
#[cfg(not(simulation))]
#[macro_export]
#[doc(hidden)]
macro_rules! __simulation {
    ($($item:item)*) => {};
}
