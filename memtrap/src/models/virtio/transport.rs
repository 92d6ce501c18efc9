//! The memory-mapped transport (section 4.2).

use super::{
    VirtioBackend,
    queue::{Queue, SIZE_MAX},
    registers::{self, INTERFACE, MAGIC, feature, offset, status},
};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};

/// A virtio device behind the memory-mapped transport, with split virtqueues.
///
/// Follows "Virtual I/O Device (VIRTIO) Version 1.2" (OASIS), sections 2.1, 2.7, 3.1 and 4.2, whose numbers its reports
/// give. A request is carried out before the write to QueueNotify is complete, because a driver that waits for it polls
/// memory, which nothing traps. Indirect descriptors and event indices are offered. The legacy interface (version 1),
/// packed queues, shared memory and notification data are not modelled.
///
/// Queues and buffers must be memory of the bus: [`Bus::ram`](crate::Bus::ram).
#[derive(Debug)]
pub struct VirtioMmio<B> {
    backend: B,
    interrupt: Option<u32>,
    status: u32,
    device_features_sel: u32,
    driver_features_sel: u32,
    driver_features: u64,
    queue_sel: usize,
    queues: Vec<Queue>,
    interrupt_status: u32,
}

/// A bit of the interrupt status: the device has used a buffer.
const USED_BUFFER: u32 = 1;

impl<B: VirtioBackend> VirtioMmio<B> {
    /// Size of the region in bytes.
    pub const SIZE: usize = registers::SIZE;

    /// The device after reset.
    #[must_use]
    pub fn new(backend: B) -> Self {
        let queues = vec![Queue::default(); backend.queues()];
        Self {
            backend,
            interrupt: None,
            status: 0,
            device_features_sel: 0,
            driver_features_sel: 0,
            driver_features: 0,
            queue_sel: 0,
            queues,
            interrupt_status: 0,
        }
    }

    /// The bus's interrupt line that the device drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { interrupt: Some(line), ..self }
    }

    /// What is behind the transport.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// What is behind the transport.
    #[must_use]
    pub fn backend_mut(&mut self) -> &mut B {
        &mut self.backend
    }

    /// The features that driver and device have agreed on; 0 before they have.
    #[must_use]
    pub fn negotiated_features(&self) -> u64 {
        if self.status & status::FEATURES_OK != 0 { self.driver_features } else { 0 }
    }

    /// Whether the driver has finished its initialisation.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status & status::DRIVER_OK != 0
    }

    fn offered(&self) -> u64 {
        self.backend.features() | feature::VERSION_1 | feature::INDIRECT_DESC | feature::EVENT_IDX
    }

    fn set_status(&mut self, value: u32, cx: &mut Context<'_>) -> Result<(), BusError> {
        if value == 0 {
            self.reset(cx);
            return Ok(());
        }
        if value & self.status != self.status & !status::NEEDS_RESET {
            return Err(BusError::refused("the driver clears a status bit; only a reset does (2.1.1)"));
        }
        let newly = value & !self.status;
        let needs = |bit: u32, before: u32| newly & bit != 0 && value & before != before;
        if needs(status::FEATURES_OK, status::ACKNOWLEDGE | status::DRIVER)
            || needs(status::DRIVER_OK, status::FEATURES_OK)
        {
            return Err(BusError::refused(format!(
                "status {value:#x} leaves out a step of the initialisation (3.1.1)"
            )));
        }
        self.status = value;
        if newly & status::FEATURES_OK != 0 {
            let unknown = self.driver_features & !self.offered();
            if unknown != 0 || self.driver_features & feature::VERSION_1 == 0 {
                cx.note(format!("the features {:#x} are not accepted (2.2.2)", self.driver_features));
                self.status &= !status::FEATURES_OK;
            }
        }
        Ok(())
    }

    fn queue(&mut self) -> Result<&mut Queue, BusError> {
        let selected = self.queue_sel;
        self.queues
            .get_mut(selected)
            .ok_or_else(|| BusError::refused(format!("there is no queue {selected} (4.2.2.2)")))
    }

    /// The selected queue, while the driver may still change where it is.
    fn queue_to_set_up(&mut self) -> Result<&mut Queue, BusError> {
        let queue = self.queue()?;
        if queue.ready {
            Err(BusError::refused("the queue is in use while it is changed (4.2.2.2)"))
        } else {
            Ok(queue)
        }
    }

    fn set_queue_size(&mut self, value: u32) -> Result<(), BusError> {
        let queue = self.queue_to_set_up()?;
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

    fn set_queue_ready(&mut self, value: u32) -> Result<(), BusError> {
        let negotiated = self.status & status::FEATURES_OK != 0;
        let queue = self.queue()?;
        if value & 1 == 0 {
            *queue = Queue::default();
            return Ok(());
        }
        for (address, align, what) in [
            (queue.descriptors, 16, "descriptor table"),
            (queue.available, 2, "driver area"),
            (queue.used, 4, "device area"),
        ] {
            if !negotiated || queue.size == 0 || address == 0 || !address.is_multiple_of(align) {
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

    fn notified(&mut self, queue: u32, cx: &mut Context<'_>) -> Result<(), BusError> {
        if self.status & status::DRIVER_OK == 0 {
            return Err(BusError::refused("the driver notifies the device before DRIVER_OK (3.1.1)"));
        }
        let index = queue as usize;
        if !self.queues.get(index).is_some_and(|queue| queue.ready) {
            return Err(BusError::refused(format!("queue {queue} is notified but not ready (4.2.2)")));
        }
        self.serve(index, cx)
    }

    /// Carries out what waits in a queue, for a backend that is ready for it now: when something has arrived. Does
    /// nothing before the driver has set the device and the queue up.
    ///
    /// # Errors
    ///
    /// As [`VirtioBackend::request`].
    pub fn serve(&mut self, queue: usize, cx: &mut Context<'_>) -> Result<(), BusError> {
        let (features, live) = (self.driver_features, self.is_live());
        let Some(ring) = self.queues.get_mut(queue).filter(|ring| live && ring.ready) else { return Ok(()) };
        let mut interrupt = false;
        while self.backend.is_ready(queue)
            && let Some((head, chain)) = ring.pop(features, cx)?
        {
            let written = self.backend.request(queue, &chain, cx)?;
            interrupt |= ring.push(head, written, features, cx)?;
        }
        if interrupt {
            self.interrupt_status |= USED_BUFFER;
        }
        self.drive_interrupt(cx);
        Ok(())
    }

    /// Has the device lie: the next buffer that it returns to this queue has this ID and length in the used ring, and
    /// not its own. A driver that does not trust its device checks both (section 2.7.8).
    ///
    /// # Panics
    ///
    /// If there is no such queue.
    pub fn forge_used(&mut self, queue: usize, id: u32, length: u32) {
        self.queues[queue].forged = Some((id, length));
    }

    fn drive_interrupt(&self, cx: &mut Context<'_>) {
        if let Some(line) = self.interrupt {
            if self.interrupt_status != 0 { cx.raise(line) } else { cx.lower(line) }
        }
    }

    fn read_register(&self, offset: usize) -> Result<u32, BusError> {
        let half = |word: u64, select: u32| if select < 2 { (word >> (32 * select)) as u32 } else { 0 };
        Ok(match offset {
            offset::MAGIC_VALUE => MAGIC,
            offset::VERSION => INTERFACE,
            offset::DEVICE_ID => self.backend.device_type(),
            // "mtrp"
            offset::VENDOR_ID => 0x7072_746d,
            offset::DEVICE_FEATURES => half(self.offered(), self.device_features_sel),
            offset::QUEUE_NUM_MAX => u32::from(self.queues.get(self.queue_sel).map_or(0, |_| SIZE_MAX)),
            offset::QUEUE_READY => u32::from(self.queues.get(self.queue_sel).is_some_and(|queue| queue.ready)),
            offset::INTERRUPT_STATUS => self.interrupt_status,
            offset::STATUS => self.status,
            offset::CONFIG_GENERATION => 0,
            _ if registers::MAP.find(offset).is_some() => return Err(BusError::WriteOnly),
            _ => return Err(BusError::Unmapped),
        })
    }

    fn write_register(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) -> Result<(), BusError> {
        let low = |word: u64| word & !u64::from(u32::MAX) | u64::from(value);
        let high = |word: u64| word & u64::from(u32::MAX) | u64::from(value) << 32;
        match offset {
            offset::DEVICE_FEATURES_SEL => self.device_features_sel = value,
            offset::DRIVER_FEATURES_SEL => self.driver_features_sel = value,
            offset::DRIVER_FEATURES if self.status & status::FEATURES_OK != 0 => {
                return Err(BusError::refused("the features are changed after FEATURES_OK (3.1.1)"));
            }
            offset::DRIVER_FEATURES => match self.driver_features_sel {
                0 => self.driver_features = low(self.driver_features),
                1 => self.driver_features = high(self.driver_features),
                _ => {}
            },
            offset::QUEUE_SEL => self.queue_sel = value as usize,
            offset::QUEUE_NUM => self.set_queue_size(value)?,
            offset::QUEUE_READY => self.set_queue_ready(value)?,
            offset::QUEUE_NOTIFY => self.notified(value, cx)?,
            offset::INTERRUPT_ACK => self.interrupt_status &= !value,
            offset::STATUS => self.set_status(value, cx)?,
            offset::QUEUE_DESC_LOW => update(&mut self.queue_to_set_up()?.descriptors, low),
            offset::QUEUE_DESC_HIGH => update(&mut self.queue_to_set_up()?.descriptors, high),
            offset::QUEUE_DRIVER_LOW => update(&mut self.queue_to_set_up()?.available, low),
            offset::QUEUE_DRIVER_HIGH => update(&mut self.queue_to_set_up()?.available, high),
            offset::QUEUE_DEVICE_LOW => update(&mut self.queue_to_set_up()?.used, low),
            offset::QUEUE_DEVICE_HIGH => update(&mut self.queue_to_set_up()?.used, high),
            _ if registers::MAP.find(offset).is_some() => return Err(BusError::ReadOnly),
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }
}

fn update(word: &mut u64, half: impl Fn(u64) -> u64) {
    *word = half(*word);
}

impl<B: VirtioBackend> Device for VirtioMmio<B> {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        if let Some(start) = access.offset.checked_sub(offset::CONFIG) {
            let configuration = self.backend.configuration();
            let bytes = configuration.get(start..start + access.width.bytes()).ok_or(BusError::Unmapped)?;
            return Ok(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)));
        }
        if access.width != Width::U32 {
            return Err(BusError::Width { expected: Width::U32 });
        }
        self.read_register(access.offset).map(u64::from)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if access.offset >= offset::CONFIG {
            return Err(BusError::ReadOnly);
        }
        if access.width != Width::U32 {
            return Err(BusError::Width { expected: Width::U32 });
        }
        self.write_register(access.offset, value as u32, cx)?;
        self.drive_interrupt(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        self.read_register(offset).ok().map(u64::from)
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        self.status = 0;
        self.driver_features = 0;
        self.interrupt_status = 0;
        self.queues.fill(Queue::default());
        self.drive_interrupt(cx);
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&registers::MAP)
    }
}
