//! A network device (section 5.1).

#[cfg(test)]
mod tests;

use super::{Chain, VirtioBackend, VirtioMmio};
use crate::{bus::Context, error::BusError};
use std::collections::VecDeque;

/// The first pair of queues (section 5.1.2).
const RECEIVE: usize = 0;
const TRANSMIT: usize = 1;

/// Feature bits (section 5.1.3).
const MAC: u64 = 1 << 5;
const STATUS: u64 = 1 << 16;

/// A bit of the status in the configuration space (section 5.1.4).
const LINK_UP: u16 = 1;

/// What is in front of each frame, in bytes (section 5.1.6).
const HEADER: usize = 12;

/// A virtio network device, to be put behind a [`VirtioMmio`].
///
/// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.1: an address, the state of the link, and one pair of
/// queues. No checksum or segmentation is offered, no merged buffers and no control queue.
///
/// ```
/// use memtrap::{Bus, models::{VirtioMmio, VirtioNet}};
///
/// let bus = Bus::new();
/// let device = VirtioMmio::new(VirtioNet::new([0x52, 0x54, 0, 0, 0, 1]));
/// let region = bus.map(VirtioMmio::<VirtioNet>::SIZE, device)?;
/// // The driver initialises it. Then:
/// region.stimulate(|device, cx| device.receive(b"a frame", cx));
/// assert!(region.device().backend().sent().is_empty());
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct VirtioNet {
    mac: [u8; 6],
    link_up: bool,
    sent: Vec<Vec<u8>>,
    arrived: VecDeque<Vec<u8>>,
}

impl VirtioNet {
    /// A device with this address, on a link that is up.
    #[must_use]
    pub fn new(mac: [u8; 6]) -> Self {
        Self { mac, link_up: true, sent: Vec::new(), arrived: VecDeque::new() }
    }

    /// A device whose link is down.
    #[must_use]
    pub fn with_link_down(self) -> Self {
        Self { link_up: false, ..self }
    }

    /// The frames that the driver has sent.
    #[must_use]
    pub fn sent(&self) -> &[Vec<u8>] {
        &self.sent
    }

    /// How many frames have arrived that the driver has had no buffer for yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.arrived.len()
    }
}

impl VirtioMmio<VirtioNet> {
    /// A frame arrives. It waits until the driver has a buffer for it; what a driver did wrong with its buffers fails
    /// the test.
    pub fn receive(&mut self, frame: &[u8], cx: &mut Context<'_>) {
        self.backend_mut().arrived.push_back(frame.to_vec());
        if let Err(error) = self.serve(RECEIVE, cx) {
            cx.fail(error.to_string());
        }
    }
}

impl VirtioBackend for VirtioNet {
    fn device_type(&self) -> u32 {
        1
    }

    fn features(&self) -> u64 {
        MAC | STATUS
    }

    fn queues(&self) -> usize {
        2
    }

    /// The address and the status; the rest belongs to features that are not offered.
    fn configuration(&self) -> Vec<u8> {
        let mut bytes = self.mac.to_vec();
        bytes.extend(if self.link_up { LINK_UP } else { 0 }.to_le_bytes());
        bytes
    }

    fn is_ready(&self, queue: usize) -> bool {
        queue == TRANSMIT || !self.arrived.is_empty()
    }

    fn request(&mut self, queue: usize, chain: &Chain, cx: &mut Context<'_>) -> Result<u32, BusError> {
        if queue == TRANSMIT {
            let packet = chain.read(cx)?;
            let Some((header, frame)) = packet.split_first_chunk::<HEADER>() else {
                return Err(BusError::refused("a packet begins with a header of 12 bytes (5.1.6)"));
            };
            let [flags, segmentation, ..] = *header;
            if flags != 0 || segmentation != 0 {
                return Err(BusError::refused("a checksum or segmentation that was not negotiated (5.1.6.2)"));
            }
            self.sent.push(frame.to_vec());
            return Ok(0);
        }
        let Some(frame) = self.arrived.pop_front() else { return Ok(0) };
        if chain.room() < HEADER + frame.len() {
            return Err(BusError::refused(format!(
                "a frame of {} bytes and its header do not fit into a buffer of {} (5.1.6.3.1)",
                frame.len(),
                chain.room()
            )));
        }
        let mut packet = vec![0; HEADER];
        // Without merged buffers a packet is always in one (5.1.6.4.1).
        packet[10] = 1;
        packet.extend(frame);
        chain.write(&packet, cx)
    }
}
