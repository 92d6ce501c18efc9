//! Virtio devices behind the memory-mapped transport.

mod block;
mod queue;
mod registers;
#[cfg(test)]
mod tests;
mod transport;

pub use block::VirtioBlock;
pub use queue::Chain;
pub use transport::VirtioMmio;

use crate::{bus::Context, error::BusError};
use std::any::Any;

/// What a virtio device is behind its transport: what it offers, and what it does with a request.
///
/// The specification is "Virtual I/O Device (VIRTIO) Version 1.2", chapter 5.
pub trait VirtioBackend: Any + Send {
    /// The device type (chapter 5): 2 is a block device.
    fn device_type(&self) -> u32;

    /// The features the device offers beside those of the transport and its queues.
    fn features(&self) -> u64;

    /// Number of virtqueues.
    fn queues(&self) -> usize {
        1
    }

    /// The configuration space.
    fn configuration(&self) -> Vec<u8>;

    /// Carries out a request of the driver that was put into this queue; how many bytes it wrote into the chain.
    ///
    /// # Errors
    ///
    /// [`BusError`] if the driver did not keep to the specification, or gave an address that is not memory.
    fn request(&mut self, queue: usize, chain: &Chain, cx: &mut Context<'_>) -> Result<u32, BusError>;
}
