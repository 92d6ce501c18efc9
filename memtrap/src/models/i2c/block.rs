//! The registers of the OpenCores I2C controller, declared once: for drivers, for the simulation, and for the trace.

use crate::{register, simulated};

/// OpenCores I2C controller, with registers next to each other.
///
/// Names, offsets and reset values: "I2C-Master Core Specification", revision 0.9 (OpenCores, Richard Herveille), section
/// 3.1; the registers: section 3.2.
#[simulated(size = 0x5, width = 8, crate = crate)]
pub struct I2c {
    /// Clock prescaler, low byte: a fifth of the clock cycles in a period of SCL, less one (3.2.1).
    #[reg(0x0, rw, reset = 0xff)]
    pub prerlo: u8,
    /// Clock prescaler, high byte (3.2.1).
    #[reg(0x1, rw, reset = 0xff)]
    pub prerhi: u8,
    /// Control (3.2.2).
    #[reg(0x2, rw)]
    pub ctr: Control,
    /// Transmit: the next byte to be sent (3.2.3).
    #[reg(0x3, wo)]
    pub txr: u8,
    /// Receive: the last byte that was received (3.2.4).
    #[reg(0x3, ro, overlaps(txr))]
    pub rxr: u8,
    /// Command; its bits clear themselves (3.2.5).
    #[reg(0x4, wo)]
    pub cr: Command,
    /// Status (3.2.6).
    #[reg(0x4, ro, overlaps(cr))]
    pub sr: Status,
}

/// Control (OpenCores I2C-Master Core Specification, 3.2.2).
#[register(u8, crate = crate)]
pub struct Control {
    /// Reserved.
    #[bits(0..=5, ro)]
    pub reserved: u8,
    /// IEN: the interrupt is enabled.
    #[bits(6)]
    pub interrupt_enable: bool,
    /// EN: the controller is enabled.
    #[bits(7)]
    pub enable: bool,
}

/// Command (OpenCores I2C-Master Core Specification, 3.2.5).
#[register(u8, crate = crate)]
pub struct Command {
    /// IACK: clears the pending interrupt.
    #[bits(0)]
    pub interrupt_acknowledge: bool,
    /// ACK: answers a byte that is read with "not acknowledged".
    #[bits(3)]
    pub nack: bool,
    /// WR: sends a byte.
    #[bits(4)]
    pub write: bool,
    /// RD: receives a byte.
    #[bits(5)]
    pub read: bool,
    /// STO: then a STOP.
    #[bits(6)]
    pub stop: bool,
    /// STA: a START first.
    #[bits(7)]
    pub start: bool,
}

/// Status (OpenCores I2C-Master Core Specification, 3.2.6).
#[register(u8, crate = crate)]
pub struct Status {
    /// IF: a command was carried out.
    #[bits(0)]
    pub interrupt: bool,
    /// TIP: a command is being carried out.
    #[bits(1)]
    pub transfer: bool,
    /// AL: another controller has won the bus.
    #[bits(5)]
    pub arbitration_lost: bool,
    /// Busy: between START and STOP.
    #[bits(6)]
    pub busy: bool,
    /// RxACK: the byte was not acknowledged.
    #[bits(7)]
    pub nack: bool,
}
