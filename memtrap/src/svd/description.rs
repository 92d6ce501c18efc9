//! A chip as its file describes it.

use crate::map::{Effects, NamedValue, Register, Width};

/// An interrupt of a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interrupt {
    /// The name as it is declared, for example `UART0`.
    pub name: String,
    /// Its number, which is that of the bus's interrupt line.
    pub number: u32,
    /// Name of the peripheral that raises it.
    pub peripheral: String,
}

/// A peripheral.
#[derive(Clone, Debug)]
pub(super) struct Peripheral {
    pub(super) name: String,
    pub(super) base: u64,
    /// Ranges of addresses that it answers to: offset from the base and size, in bytes.
    pub(super) blocks: Vec<(u64, u64)>,
    pub(super) registers: Vec<Described>,
}

/// A register with what its declaration says beside its place and its fields. The offset is that from the base of the
/// peripheral.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) register: Register,
    /// The bits that have a defined value after reset.
    pub(super) reset_mask: u64,
    pub(super) effects: Effects,
    pub(super) constraints: Vec<Constraint>,
}

/// What may be written to a field, or to a register that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Constraint {
    /// Name of the field; empty for the register.
    pub(super) field: &'static str,
    pub(super) lsb: u32,
    /// The bits of the field, in the lowest bits.
    pub(super) mask: u64,
    pub(super) permits: Permits,
}

/// The values that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permits {
    /// What was read.
    AsRead,
    /// One of those that have a name.
    Named(&'static [NamedValue]),
    /// From the first to the second.
    Range(u64, u64),
}

/// The whole file.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) name: String,
    /// The widest access of the chip's bus.
    pub(super) width: Width,
    pub(super) peripherals: Vec<Peripheral>,
    pub(super) interrupts: Vec<Interrupt>,
}
