//! Items that expanded code names. Exempt from semantic versioning.

pub use crate::map::{
    AccessKind, Alias, AliasOperation, Extent, Field, Part, Policy, ReadEffect, Register, RegisterMap, Route, View,
    When, Width, WriteEffect, count_shown, nested, nested_len, nested_name_bytes, nested_names, nested_registers,
    nested_routes, select, shown, shown_indices,
};
pub use crate::mmio::{
    Block, BlockArray, BlockOr, BlockPtr, BlockTypes, ExclusivePtr, FieldValue, NotABlock, PartType, Probe, Reg,
    RegArray, RegisterType, RegisterValue, SharedBlockArray, SharedPtr, access, bit_of, bytes_of, copied, effects_of,
    fields_of, from_u64, initial_of, is_block, part_map_of, part_stride_of, reserved_of, reset_of, stride_of, to_u64,
    width_of,
};

#[cfg(simulation)]
pub use std::string::String;

#[cfg(simulation)]
pub use crate::{
    bus::{Bus, Context},
    error::MapError,
    model::{
        Fifo, Nestable, Simulated, Simulation,
        effects::{Written, arriving, constant, held, pop, push, read, undefined, write},
        locks::{Locks, locked},
        stored::{AllBits, Bits, Shown, ShownAll, ShownByBits, ShownByDebug, not_readable, not_writable, same_bits},
    },
    run::{isolated, succeeded},
};
#[cfg(simulation)]
pub use std::boxed::Box;

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
