//! Runs unmodified driver code against simulated devices.
//!
//! Driver code talks to hardware by reading and writing addresses. memtrap lets it do so in `cargo test`, without the
//! hardware: the addresses belong to a device model. There are two ways in, and a test cannot tell which one an access
//! took unless it asks.
//!
//! - **The typed door.** [`simulated`] turns a struct that describes a register block into a handle. In a simulation an
//!   accessor of the handle calls the device model; on hardware it is one volatile load or store.
//! - **The trapped door** (Linux on x86-64). Everything else that touches the address, whatever it was compiled from,
//!   faults on a page that is never accessible, and its instruction is carried out against the device model.
//!
//! ```
//! use memtrap::{Context, simulated, trace::write};
//!
//! /// A serial port that can only send.
//! #[simulated(size = 0x1000, width = 32)]
//! pub struct Port {
//!     /// Takes one byte.
//!     #[reg(0x0, wo)]
//!     pub data: u32,
//!     /// Bit 0: ready for another byte.
//!     #[reg(0x4, ro, reset = 1)]
//!     pub status: u32,
//! }
//!
//! // The driver is the same on hardware, where the handle is made with `unsafe { Port::at(0x4000_4000) }`.
//! fn send(port: &mut Port, text: &[u8]) {
//!     for byte in text {
//!         while port.status().read() & 1 == 0 {}
//!         port.data().write(u32::from(*byte));
//!     }
//! }
//!
//! // The model overrides what is special about the device.
//! #[derive(Default)]
//! struct Wire(Vec<u8>);
//!
//! impl port::Model for Wire {
//!     fn write_data(&mut self, _regs: &mut port::State, value: u32, _cx: &mut Context<'_>) {
//!         self.0.push(value as u8);
//!     }
//! }
//!
//! # #[cfg(feature = "simulation")] {
//! let sim = Port::simulate(Wire::default())?;
//! send(&mut sim.regs(), b"hello");
//! assert_eq!(sim.model().0, b"hello");
//! assert_eq!(sim.trace().count(&write(port::Reg::Data)), 5);
//! # }
//! # Ok::<(), memtrap::MapError>(())
//! ```
//!
//! | to | see |
//! | --- | --- |
//! | describe a register block | [`simulated`], [`register`], [`FieldEnum`] |
//! | simulate one, or a device by offset and width | [`Simulation`], [`Bus`], [`Device`] |
//! | act from a model: interrupts, time, memory, remarks | [`Context`] |
//! | end a driver that polls in vain | [`Bus::run`], [`macro@test`] |
//! | ask what the driver did | [`trace`] |
//! | share memory with the driver, or answer x86 ports | [`Bus::ram`], [`Bus::ports`] |
//!
//! # Safety
//!
//! Making a handle for hardware is `unsafe`, and so is every access through a raw pointer, as always. Simulating is not:
//! a region's addresses are reserved until the process ends and never become memory, so that nothing can be read from
//! them, or written to them, past the device model.
//!
//! # Features
//!
//! | feature | |
//! | --- | --- |
//! | `simulation` (default) | the runtime. Without it, and on every target without an operating system, the crate is `no_std` and depends on its macros only |
//! | `models` | models of devices that many drivers are written for |
//! | `critical-section` | an implementation of the crate of this name that masks the bus's interrupts |
//! | `embassy-time` | a time driver of this crate on the bus's virtual clock |
//! | `embedded-hal` | [`Clock`] is an `embedded_hal::delay::DelayNs` |
//! | `proptest` | plans of faults as strategies of this crate |
//! | `svd` | simulated peripherals from a chip's CMSIS-SVD file |
//! | `vcd` | traces as value change dumps for a waveform viewer |
//! | `tracing` | what a trace records is also an event of the `tracing` crate |
#![cfg_attr(not(simulation), no_std)]
#![cfg_attr(
    not(simulation),
    allow(rustdoc::broken_intra_doc_links, reason = "the description of the crate names the runtime as well")
)]

pub mod map;
pub mod mmio;

#[cfg(simulation)]
pub mod bus;
#[cfg(simulation)]
mod error;
#[cfg(simulation)]
pub mod fault;
#[cfg(simulation)]
pub mod model;
#[cfg(all(simulation, feature = "models"))]
pub mod models;
#[cfg(simulation)]
mod processor;
#[cfg(simulation)]
pub mod promotion;
#[cfg(simulation)]
mod run;
#[cfg(simulation)]
pub mod script;
#[cfg(all(simulation, feature = "svd"))]
pub mod svd;
#[cfg(simulation)]
mod sweep;
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
pub use mmio::{BlockArray, FieldValue, Reg, RegArray, RegisterValue, SharedBlockArray};

#[cfg(simulation)]
pub use {
    bus::{
        Access, Bus, Clock, CodeLocation, Context, Device, Dma, Entered, Ports, Ram, Region, Violation, ViolationPolicy,
    },
    error::{BusError, DmaError, MapError},
    map::Width,
    model::Simulation,
    sweep::{sweep_events, sweep_interrupts},
};

/// What the expansion of [`simulated`] needs and nobody else should name. Not part of the public interface.
#[doc(hidden)]
pub mod private;
