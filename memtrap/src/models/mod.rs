//! Models of devices that many drivers are written for. Feature `models`.
//!
//! Each cites the document it follows and says what it leaves out. The registers of each are a block, declared with
//! [`simulated`](macro@crate::simulated), that a driver can use too; what is left is an implementation of the block's `Model`.
//!
//! The PrimeCells are simulated like any other block, with [`Bus::simulate`](crate::Bus::simulate). The others are a
//! [`Device`](crate::Device) around their block, for [`Bus::map`](crate::Bus::map), since they are more than a block: registers
//! whose distance is the board's choice, two regions of one device, a backend of the test's choice, or an address of their own.
#![deny(unsafe_code)]

pub mod cortex_m;
mod device_by;
pub mod gicv2;
pub mod i2c;
mod output;
pub mod pl011;
pub mod pl022;
pub mod pl080;
mod strided;
pub mod uart16550;
pub mod virtio;

pub use cortex_m::{Nvic, SysTick};
pub use gicv2::{GicCpuInterface, GicDistributor, GicV2};
pub use i2c::{I2cController, I2cEeprom, I2cRegisters, I2cTarget};
pub use uart16550::{ModemInputs, Uart16550};
pub use virtio::{Chain, VirtioBackend, VirtioBlock, VirtioMmio, VirtioNet};
