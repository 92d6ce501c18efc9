//! What the declaration of the transport does not say: the steps of the initialisation, and the queues.

use super::{
    VirtioBackend, feature,
    queue::{Queue, SIZE_MAX},
    registers::{
        DeviceStatus,
        virtio::{Model, State},
    },
};
use crate::{bus::Context, error::BusError, models::output::Output};

#[derive(Debug)]
pub(super) struct Transport<B> {
    pub(super) backend: B,
    pub(super) output: Output,
    driver_features: u64,
    pub(super) queues: Vec<Queue>,
}

/// A half of a word that the driver writes in two.
#[derive(Clone, Copy)]
enum Half {
    Low,
    High,
}

impl Half {
    /// The half that a selector names, if it names one.
    fn selected(selector: u32) -> Option<Self> {
        match selector {
            0 => Some(Self::Low),
            1 => Some(Self::High),
            _ => None,
        }
    }

    fn of(self, word: u64) -> u32 {
        match self {
            Self::Low => word as u32,
            Self::High => (word >> 32) as u32,
        }
    }

    fn set(self, word: &mut u64, value: u32) {
        *word = match self {
            Self::Low => *word & !u64::from(u32::MAX) | u64::from(value),
            Self::High => *word & u64::from(u32::MAX) | u64::from(value) << 32,
        };
    }
}

impl<B: VirtioBackend> Transport<B> {
    pub(super) fn new(backend: B) -> Self {
        let queues = vec![Queue::default(); backend.queues()];
        Self { backend, output: Output::default(), driver_features: 0, queues }
    }

    /// The features that driver and device have agreed on; 0 before they have.
    pub(super) fn negotiated_features(&self, regs: &State) -> u64 {
        if regs.status.features_ok() { self.driver_features } else { 0 }
    }

    fn offered(&self) -> u64 {
        self.backend.features() | feature::VERSION_1 | feature::INDIRECT_DESC | feature::EVENT_IDX
    }

    fn selected(&self, regs: &State) -> Option<&Queue> {
        self.queues.get(regs.queue_sel as usize)
    }

    fn queue(&mut self, regs: &State) -> Result<&mut Queue, BusError> {
        let selected = regs.queue_sel;
        self.queues
            .get_mut(selected as usize)
            .ok_or_else(|| BusError::refused(format!("there is no queue {selected} (4.2.2.2)")))
    }

    /// The selected queue, while the driver may still change where it is.
    fn queue_to_set_up(&mut self, regs: &State) -> Result<&mut Queue, BusError> {
        let queue = self.queue(regs)?;
        if queue.ready {
            Err(BusError::refused("the queue is in use while it is changed (4.2.2.2)"))
        } else {
            Ok(queue)
        }
    }

    /// Half of an address of the selected queue.
    fn set_address(
        &mut self,
        regs: &State,
        address: fn(&mut Queue) -> &mut u64,
        half: Half,
        value: u32,
        cx: &mut Context<'_>,
    ) {
        let result = self.queue_to_set_up(regs).map(|queue| half.set(address(queue), value));
        report(result, cx);
    }

    fn set_status(&mut self, regs: &mut State, value: DeviceStatus, cx: &mut Context<'_>) -> Result<(), BusError> {
        let before = regs.status;
        if value.bits() & before.bits() != before.with_needs_reset(false).bits() {
            return Err(BusError::refused("the driver clears a status bit; only a reset does (2.1.1)"));
        }
        let accepts_features = value.features_ok() && !before.features_ok();
        let starts = value.driver_ok() && !before.driver_ok();
        if accepts_features && !(value.acknowledge() && value.driver()) || starts && !value.features_ok() {
            return Err(BusError::refused(format!(
                "status {:#x} leaves out a step of the initialisation (3.1.1)",
                value.bits()
            )));
        }
        regs.status = value;
        if accepts_features {
            let unknown = self.driver_features & !self.offered();
            if unknown != 0 || self.driver_features & feature::VERSION_1 == 0 {
                cx.note(format!("the features {:#x} are not accepted (2.2.2)", self.driver_features));
                regs.status.set_features_ok(false);
            }
        }
        Ok(())
    }

    fn set_queue_size(&mut self, regs: &State, value: u32) -> Result<(), BusError> {
        let queue = self.queue_to_set_up(regs)?;
        match u16::try_from(value) {
            // Drivers that give a queue up write 0, which is none until the queue is made ready.
            Ok(size) if size == 0 || size.is_power_of_two() && size <= SIZE_MAX => queue.size = size,
            _ => {
                return Err(BusError::refused(format!(
                    "{value} is not a power of two up to {SIZE_MAX}, as a queue's size must be (2.7)"
                )));
            }
        }
        Ok(())
    }

    fn set_queue_ready(&mut self, regs: &State, value: u32) -> Result<(), BusError> {
        let queue = self.queue(regs)?;
        if value & 1 == 0 {
            *queue = Queue::default();
            return Ok(());
        }
        for (address, align, what) in [
            (queue.descriptors, 16, "descriptor table"),
            (queue.available, 2, "driver area"),
            (queue.used, 4, "device area"),
        ] {
            if !regs.status.features_ok() || queue.size == 0 || address == 0 || !address.is_multiple_of(align) {
                return Err(BusError::refused(format!(
                    "the queue is made ready without features, a size or an aligned {what}: size {}, {what} {address:#x} \
                     (3.1.1, 2.7)",
                    queue.size
                )));
            }
        }
        queue.ready = true;
        Ok(())
    }

    fn notified(&mut self, regs: &mut State, queue: u32, cx: &mut Context<'_>) -> Result<(), BusError> {
        if !regs.status.driver_ok() {
            return Err(BusError::refused("the driver notifies the device before DRIVER_OK (3.1.1)"));
        }
        let index = queue as usize;
        if !self.queues.get(index).is_some_and(|queue| queue.ready) {
            return Err(BusError::refused(format!("queue {queue} is notified but not ready (4.2.2)")));
        }
        self.serve(regs, index, cx)
    }

    /// Carries out what waits in a queue.
    pub(super) fn serve(&mut self, regs: &mut State, queue: usize, cx: &mut Context<'_>) -> Result<(), BusError> {
        let (features, live) = (self.driver_features, regs.status.driver_ok());
        let Some(ring) = self.queues.get_mut(queue).filter(|ring| live && ring.ready) else { return Ok(()) };
        let mut interrupt = false;
        while self.backend.is_ready(queue)
            && let Some((head, chain)) = ring.pop(features, cx)?
        {
            let written = self.backend.request(queue, &chain, cx)?;
            interrupt |= ring.push(head, written, features, cx)?;
        }
        if interrupt {
            regs.interrupt_status.set_used_buffer(true);
        }
        Ok(())
    }
}

/// The driver's test fails with an error.
fn report(result: Result<(), BusError>, cx: &mut Context<'_>) {
    if let Err(error) = result {
        cx.fail(error.to_string());
    }
}

impl<B: VirtioBackend> Model for Transport<B> {
    fn read_device_id(&mut self, _regs: &mut State, _cx: &mut Context<'_>) -> u32 {
        self.backend.device_type()
    }

    fn read_device_features(&mut self, regs: &mut State, _cx: &mut Context<'_>) -> u32 {
        Half::selected(regs.device_features_sel).map_or(0, |half| half.of(self.offered()))
    }

    fn write_driver_features(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        if regs.status.features_ok() {
            cx.fail("the features are changed after FEATURES_OK (3.1.1)");
        } else if let Some(half) = Half::selected(regs.driver_features_sel) {
            half.set(&mut self.driver_features, value);
        }
    }

    fn read_queue_num_max(&mut self, regs: &mut State, _cx: &mut Context<'_>) -> u32 {
        self.selected(regs).map_or(0, |_| SIZE_MAX.into())
    }

    fn write_queue_num(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        report(self.set_queue_size(regs, value), cx);
    }

    fn read_queue_ready(&mut self, regs: &mut State, _cx: &mut Context<'_>) -> u32 {
        self.selected(regs).is_some_and(|queue| queue.ready).into()
    }

    fn write_queue_ready(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        report(self.set_queue_ready(regs, value), cx);
    }

    fn write_queue_notify(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        report(self.notified(regs, value, cx), cx);
    }

    fn write_status(&mut self, regs: &mut State, value: DeviceStatus, cx: &mut Context<'_>) {
        if value.bits() == 0 {
            self.reset(regs, cx);
        } else {
            report(self.set_status(regs, value, cx), cx);
        }
    }

    fn write_queue_desc_low(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.descriptors, Half::Low, value, cx);
    }

    fn write_queue_desc_high(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.descriptors, Half::High, value, cx);
    }

    fn write_queue_driver_low(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.available, Half::Low, value, cx);
    }

    fn write_queue_driver_high(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.available, Half::High, value, cx);
    }

    fn write_queue_device_low(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.used, Half::Low, value, cx);
    }

    fn write_queue_device_high(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        self.set_address(regs, |queue| &mut queue.used, Half::High, value, cx);
    }

    fn read_config(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u8 {
        let configuration = self.backend.configuration();
        configuration.get(index).copied().unwrap_or_else(|| {
            cx.fail(format!(
                "the device has {} bytes of configuration (4.2.2), none at {index:#x}",
                configuration.len()
            ));
            0
        })
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        self.output.set(regs.interrupt_status.bits() != 0, cx);
    }

    fn reset(&mut self, regs: &mut State, _cx: &mut Context<'_>) {
        self.driver_features = 0;
        self.queues.fill(Queue::default());
        *regs = State::default();
    }
}
