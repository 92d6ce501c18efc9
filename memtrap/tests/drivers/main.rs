//! Drivers from the registry, unmodified, against the models of this crate: what they do, not which registers they
//! write.
//!
//! This is the quick part of the acceptance suite; `memtrap/acceptance/run` runs it in debug and release, and with it the
//! drivers that need a workspace of their own.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod arm_gic;
pub mod arm_pl011_uart;
pub mod k210_hal;
mod traces;
mod uart_16550;
mod virtio_drivers;
