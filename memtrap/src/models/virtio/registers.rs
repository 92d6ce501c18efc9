//! The registers of the memory-mapped transport, declared once: for drivers, for the simulation, and for the trace.

use crate::{register, simulated};

/// Memory-mapped transport of virtio, with the largest configuration space.
///
/// Names and offsets: "Virtual I/O Device (VIRTIO) Version 1.2" (OASIS), table 4.1; what they do: section 4.2.2. There is
/// one set of the registers `queue_..`, for the queue that `queue_sel` selects.
#[simulated(size = 0x200, width = 32, crate = crate)]
pub struct Virtio {
    /// "virt".
    #[reg(0x000, ro, constant = 0x7472_6976)]
    pub magic_value: u32,
    /// What this transport calls version 2 is everything since virtio 1.0.
    #[reg(0x004, ro, constant = 2)]
    pub version: u32,
    /// Type of the device (chapter 5), or 0 if there is none.
    #[reg(0x008, ro)]
    pub device_id: u32,
    /// "mtrp".
    #[reg(0x00c, ro, constant = 0x7072_746d)]
    pub vendor_id: u32,
    /// 32 of the features that the device offers.
    #[reg(0x010, ro)]
    pub device_features: u32,
    /// Which: 0 the low ones, 1 the high ones.
    #[reg(0x014, wo)]
    pub device_features_sel: u32,
    /// 32 of the features that the driver accepts.
    #[reg(0x020, wo)]
    pub driver_features: u32,
    /// Which: 0 the low ones, 1 the high ones.
    #[reg(0x024, wo)]
    pub driver_features_sel: u32,
    /// The queue that the others are about.
    #[reg(0x030, wo)]
    pub queue_sel: u32,
    /// The most entries that the queue may have, or 0 if there is none.
    #[reg(0x034, ro)]
    pub queue_num_max: u32,
    /// Entries of the queue.
    #[reg(0x038, wo)]
    pub queue_num: u32,
    /// One: the device may use the queue.
    #[reg(0x044, rw)]
    pub queue_ready: u32,
    /// The queue with this number has new buffers.
    #[reg(0x050, wo)]
    pub queue_notify: u32,
    /// Why the device interrupts.
    #[reg(0x060, ro)]
    pub interrupt_status: Interrupts,
    /// The same bits: ones clear.
    #[reg(0x064, wo, write = w1c, state = interrupt_status)]
    pub interrupt_ack: Interrupts,
    /// How far the driver is with its initialisation; zero resets the device.
    #[reg(0x070, rw)]
    pub status: DeviceStatus,
    /// Address of the descriptor table, low half.
    #[reg(0x080, wo)]
    pub queue_desc_low: u32,
    /// High half.
    #[reg(0x084, wo)]
    pub queue_desc_high: u32,
    /// Address of the driver area, which has the available ring, low half.
    #[reg(0x090, wo)]
    pub queue_driver_low: u32,
    /// High half.
    #[reg(0x094, wo)]
    pub queue_driver_high: u32,
    /// Address of the device area, which has the used ring, low half.
    #[reg(0x0a0, wo)]
    pub queue_device_low: u32,
    /// High half.
    #[reg(0x0a4, wo)]
    pub queue_device_high: u32,
    /// Changes with the configuration space.
    #[reg(0x0fc, ro)]
    pub config_generation: u32,
    /// Configuration space of the device (chapter 5), in accesses of the widths that its fields have.
    #[reg(0x100, ro, width = 8 | 16 | 32)]
    pub config: [u8; 0x100],
}

/// Why the device interrupts (VIRTIO 1.2, table 4.1).
#[register(u32, crate = crate)]
pub struct Interrupts {
    /// It has used a buffer.
    #[bits(0)]
    pub used_buffer: bool,
    /// Its configuration has changed.
    #[bits(1)]
    pub configuration: bool,
}

/// How far the driver is with its initialisation (VIRTIO 1.2, section 2.1).
#[register(u32, crate = crate)]
pub struct DeviceStatus {
    /// ACKNOWLEDGE: it has seen the device.
    #[bits(0)]
    pub acknowledge: bool,
    /// DRIVER: it knows how to drive it.
    #[bits(1)]
    pub driver: bool,
    /// DRIVER_OK: it is ready.
    #[bits(2)]
    pub driver_ok: bool,
    /// FEATURES_OK: the features are agreed on.
    #[bits(3)]
    pub features_ok: bool,
    /// DEVICE_NEEDS_RESET: the device cannot go on.
    #[bits(6)]
    pub needs_reset: bool,
    /// FAILED: the driver has given up.
    #[bits(7)]
    pub failed: bool,
}
