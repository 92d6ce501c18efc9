//! Models of devices that many drivers are written for. Feature `models`.
//!
//! Each cites the document it follows and says what it leaves out. They are ordinary [`Device`](crate::Device)s, and
//! examples of how to write one.
#![forbid(unsafe_code)]

mod uart16550;

pub use uart16550::{ModemInputs, Uart16550};
