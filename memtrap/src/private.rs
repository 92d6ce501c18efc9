//! Items that expanded code names. Exempt from semantic versioning.

pub use crate::map::{AccessKind, Extent, Field, Policy, ReadEffect, Register, RegisterMap, Width, WriteEffect};
pub use crate::mmio::{
    Block, BlockPtr, BlockTypes, FieldValue, Reg, RegArray, RegisterType, RegisterValue, SharedPtr, access, bytes_of,
    copied, effects_of, fields_of, from_u64, reset_of, stride_of, to_u64, width_of,
};

#[cfg(simulation)]
pub use std::string::String;

#[cfg(simulation)]
pub use crate::{
    bus::{Bus, Context},
    error::MapError,
    model::{
        Fifo, Simulated, Simulation,
        effects::{Written, arriving, constant, pop, push, read, write},
        stored::{AllBits, Bits, Shown, ShownAll, ShownByBits, ShownByDebug, not_readable, not_writable, same_bits},
    },
    run::{isolated, succeeded},
};

/// Keeps its items in a build with the runtime. A `cfg` in an expansion would look at the features of the
/// crate that uses the attribute; this macro looks at memtrap's.
#[cfg(simulation)]
#[macro_export]
#[doc(hidden)]
macro_rules! __simulation {
    ($($item:tt)*) => { $($item)* };
}

/// Drops its items in a build without the runtime.
#[cfg(not(simulation))]
#[macro_export]
#[doc(hidden)]
macro_rules! __simulation {
    ($($item:tt)*) => {};
}
