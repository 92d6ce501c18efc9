//! A device behind the memory-mapped transport.

use super::{VirtioBackend, registers::Virtio, transport::Transport};
use crate::{
    bus::Context,
    error::BusError,
    mmio::Block,
    model::RegisterFile,
    models::{device_by::device_by, output::Output},
};

/// A virtio device behind the memory-mapped transport, with split virtqueues.
///
/// Follows "Virtual I/O Device (VIRTIO) Version 1.2" (OASIS), sections 2.1, 2.7, 3.1 and 4.2, whose numbers its reports
/// give. A request is carried out before the write to QueueNotify is complete, because a driver that waits for it polls
/// memory, which nothing traps. Indirect descriptors and event indices are offered. The legacy interface (version 1),
/// packed queues, shared memory and notification data are not modelled.
///
/// The registers are those of [`registers::Virtio`](super::registers::Virtio). Queues and buffers must be memory of the bus: [`Bus::ram`](crate::Bus::ram).
#[derive(Debug)]
pub struct VirtioMmio<B: VirtioBackend> {
    registers: RegisterFile<Virtio, Transport<B>>,
}

device_by!(VirtioMmio<B: VirtioBackend>, registers);

impl<B: VirtioBackend> VirtioMmio<B> {
    /// Size of the region in bytes.
    pub const SIZE: usize = Virtio::MAP.size;

    /// The device after reset.
    #[must_use]
    pub fn new(backend: B) -> Self {
        Self { registers: RegisterFile::new(Transport::new(backend)) }
    }

    /// The bus's interrupt line that the device drives.
    #[must_use]
    pub fn with_interrupt(mut self, line: u32) -> Self {
        self.registers.model.output = Output::to(line);
        self
    }

    /// What is behind the transport.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.registers.model.backend
    }

    /// What is behind the transport.
    #[must_use]
    pub fn backend_mut(&mut self) -> &mut B {
        &mut self.registers.model.backend
    }

    /// The features that driver and device have agreed on; 0 before they have.
    #[must_use]
    pub fn negotiated_features(&self) -> u64 {
        self.registers.model.negotiated_features(&self.registers.state)
    }

    /// Whether the driver has finished its initialisation.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.registers.state.status.driver_ok()
    }

    /// Carries out what waits in a queue, for a backend that is ready for it now: when something has arrived. Does
    /// nothing before the driver has set the device and the queue up.
    ///
    /// # Errors
    ///
    /// As [`VirtioBackend::request`].
    pub fn serve(&mut self, queue: usize, cx: &mut Context<'_>) -> Result<(), BusError> {
        self.registers.stimulate(cx, |transport, regs, cx| transport.serve(regs, queue, cx))
    }

    /// Has the device lie: the next buffer that it returns to this queue has this ID and length in the used ring, and
    /// not its own. A driver that does not trust its device checks both (section 2.7.8).
    ///
    /// # Panics
    ///
    /// If there is no such queue.
    pub fn forge_used(&mut self, queue: usize, id: u32, length: u32) {
        self.registers.model.queues[queue].forged = Some((id, length));
    }
}
