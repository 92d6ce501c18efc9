//! A chip's peripherals from its CMSIS-SVD file. Feature `svd`.
//!
//! [`Chip::load`] reads the file that a vendor publishes for a chip, and [`Chip::simulate`] puts its peripherals on a bus, at
//! their addresses: a driver, a register crate that was generated from the same file, or a whole HAL finds every register at
//! its reset value, keeps what it writes where the hardware keeps it, and is told of accesses that the chip does not permit.
//! What a peripheral *does* is a model's affair: [`SimulatedChip::attach`] puts one on top, [`SimulatedChip::on_read`] and
//! [`SimulatedChip::on_write`] give single registers a life.
//!
//! | in the file | in the simulation |
//! | --- | --- |
//! | `resetValue`, `resetMask` | the value after reset; [`Chip::with_undefined_bits`] for the rest |
//! | `access` | an access that it does not permit is refused; of a field, its bits ignore it |
//! | `readAction`, `modifiedWriteValues` | carried out, bit by bit; `modify` and `modifyExternal` of a read are a model's affair |
//! | `writeConstraint` | a value that it does not permit fails the test |
//! | bits of no field | keep their reset value |
//! | `derivedFrom`, `dim`, clusters | resolved; an element of an array is `CH[3].CTRL` |
//! | `enumeratedValues` | the names of values in traces |
//! | registers at one address | by direction and width of the access, then by their order in the file |
//! | peripherals at one address | one region; [`Chip::prefer`] says whose names it has |
//! | `interrupt` | [`Chip::interrupts`]: the number is that of the bus's line |
//!
//! An access that is narrower than its register transfers a part of it; one that is wider, or that lies across several, those
//! that it covers.
#![forbid(unsafe_code)]

mod attached;
mod chip;
mod description;
mod finding;
mod layout;
mod limits;
mod partition;
mod pool;
mod read;
mod simulation;
mod stored;

pub use attached::Attached;
pub use chip::{Chip, PeripheralInfo, RegisterInfo};
pub use description::Interrupt;
pub use finding::{LoadError, Warning};
pub use simulation::SimulatedChip;
pub use stored::{Registers, StoredRegisters};
