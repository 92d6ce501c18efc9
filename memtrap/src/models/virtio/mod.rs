//! Virtio devices behind the memory-mapped transport.

mod block;
mod mmio;
mod net;
mod queue;
#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
pub mod registers;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod transport;

pub use block::VirtioBlock;
pub use mmio::VirtioMmio;
pub use net::VirtioNet;
pub use queue::Chain;

use crate::{bus::Context, error::BusError};
use std::any::Any;

/// Feature bits of every device (chapter 6).
mod feature {
    pub(super) const INDIRECT_DESC: u64 = 1 << 28;
    pub(super) const EVENT_IDX: u64 = 1 << 29;
    pub(super) const VERSION_1: u64 = 1 << 32;
}

/// What a virtio device is behind its transport: what it offers, and what it does with a request.
///
/// The specification is "Virtual I/O Device (VIRTIO) Version 1.2", chapter 5.
pub trait VirtioBackend: Any + Send {
    /// The device type (chapter 5): 1 is a network device, 2 a block device.
    fn device_type(&self) -> u32;

    /// The features the device offers beside those of the transport and its queues.
    fn features(&self) -> u64;

    /// Number of virtqueues.
    fn queues(&self) -> usize {
        1
    }

    /// The configuration space.
    fn configuration(&self) -> Vec<u8>;

    /// Whether the device has a use for the next buffers in this queue. Those of one that has none, as of a network
    /// device for which nothing has arrived, stay in the queue until [`VirtioMmio::serve`].
    fn is_ready(&self, _queue: usize) -> bool {
        true
    }

    /// Carries out a request of the driver that was put into this queue; how many bytes it wrote into the chain.
    ///
    /// # Errors
    ///
    /// [`BusError`] if the driver did not keep to the specification, or gave an address that is not memory.
    fn request(&mut self, queue: usize, chain: &Chain, cx: &mut Context<'_>) -> Result<u32, BusError>;
}
