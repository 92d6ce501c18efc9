//! A driver in small steps, for the tests of the devices behind the transport.

use super::{VirtioBackend, VirtioMmio, registers::virtio};
use crate::{
    bus::{Bus, Ram, Region, typed},
    map::Width,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(super) const DESCRIPTORS: usize = 0x000;
pub(super) const AVAILABLE: usize = 0x100;
pub(super) const USED: usize = 0x200;
pub(super) const DATA: usize = 0x400;
pub(super) const LINE: u32 = 3;

/// A driver in small steps.
pub(super) struct Fixture<B: VirtioBackend> {
    pub(super) region: Region<VirtioMmio<B>>,
    pub(super) ram: Ram,
}

impl<B: VirtioBackend> Fixture<B> {
    pub(super) fn new(backend: B) -> Self {
        let bus = Bus::new();
        let ram = bus.ram(0x1000).unwrap();
        let device = VirtioMmio::new(backend).with_interrupt(LINE);
        Self { region: bus.map(VirtioMmio::<B>::SIZE, device).unwrap(), ram }
    }

    pub(super) fn read(&self, offset: usize) -> u64 {
        typed::read(self.region.base().addr() + offset, Width::U32).expect("the address is simulated")
    }

    pub(super) fn write(&self, offset: usize, value: u64) {
        assert!(typed::write(self.region.base().addr() + offset, Width::U32, value));
    }

    pub(super) fn address(&self, offset: usize) -> u64 {
        (self.ram.base().addr() + offset) as u64
    }

    /// Initialises the device without event indices, and one of its queues with four entries.
    pub(super) fn ready(self, queue: u64) -> Self {
        self.write(virtio::STATUS_OFFSET, 3);
        self.write(virtio::DRIVER_FEATURES_SEL_OFFSET, 1);
        self.write(virtio::DRIVER_FEATURES_OFFSET, 1);
        self.write(virtio::STATUS_OFFSET, 11);
        self.write(virtio::QUEUE_SEL_OFFSET, queue);
        self.write(virtio::QUEUE_NUM_OFFSET, 4);
        for (low, area) in [
            (virtio::QUEUE_DESC_LOW_OFFSET, DESCRIPTORS),
            (virtio::QUEUE_DRIVER_LOW_OFFSET, AVAILABLE),
            (virtio::QUEUE_DEVICE_LOW_OFFSET, USED),
        ] {
            self.write(low, self.address(area) & 0xffff_ffff);
            self.write(low + 4, self.address(area) >> 32);
        }
        self.write(virtio::QUEUE_READY_OFFSET, 1);
        self.write(virtio::STATUS_OFFSET, 15);
        self
    }

    pub(super) fn descriptor(&self, index: usize, at: usize, length: u32, flags: u16, next: u16) {
        let mut bytes = self.address(at).to_le_bytes().to_vec();
        bytes.extend(length.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        bytes.extend(next.to_le_bytes());
        self.ram.write(DESCRIPTORS + 16 * index, &bytes);
    }

    pub(super) fn make_available(&self, head: u16, index: u16) {
        self.ram.write(AVAILABLE + 4 + 2 * usize::from((index - 1) % 4), &head.to_le_bytes());
        self.ram.write(AVAILABLE + 2, &index.to_le_bytes());
    }

    pub(super) fn byte(&self, offset: usize) -> u8 {
        let mut byte = [0];
        self.ram.read(offset, &mut byte);
        byte[0]
    }

    /// The report of what the driver should not do.
    pub(super) fn report(&self, work: impl FnOnce(&Self)) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| work(self))).expect_err("that is not permitted");
        *panic.downcast::<String>().unwrap()
    }
}
