//! Names and offsets of the transport's registers (section 4.2.2, table 4.1), and its constants.

use crate::map::{
    AccessKind::{ReadOnly, ReadWrite, WriteOnly},
    Register, RegisterMap,
    Width::{U8, U32},
};

/// Offsets, in bytes.
pub(super) mod offset {
    pub(in super::super) const MAGIC_VALUE: usize = 0x000;
    pub(in super::super) const VERSION: usize = 0x004;
    pub(in super::super) const DEVICE_ID: usize = 0x008;
    pub(in super::super) const VENDOR_ID: usize = 0x00c;
    pub(in super::super) const DEVICE_FEATURES: usize = 0x010;
    pub(in super::super) const DEVICE_FEATURES_SEL: usize = 0x014;
    pub(in super::super) const DRIVER_FEATURES: usize = 0x020;
    pub(in super::super) const DRIVER_FEATURES_SEL: usize = 0x024;
    pub(in super::super) const QUEUE_SEL: usize = 0x030;
    pub(in super::super) const QUEUE_NUM_MAX: usize = 0x034;
    pub(in super::super) const QUEUE_NUM: usize = 0x038;
    pub(in super::super) const QUEUE_READY: usize = 0x044;
    pub(in super::super) const QUEUE_NOTIFY: usize = 0x050;
    pub(in super::super) const INTERRUPT_STATUS: usize = 0x060;
    pub(in super::super) const INTERRUPT_ACK: usize = 0x064;
    pub(in super::super) const STATUS: usize = 0x070;
    pub(in super::super) const QUEUE_DESC_LOW: usize = 0x080;
    pub(in super::super) const QUEUE_DESC_HIGH: usize = 0x084;
    pub(in super::super) const QUEUE_DRIVER_LOW: usize = 0x090;
    pub(in super::super) const QUEUE_DRIVER_HIGH: usize = 0x094;
    pub(in super::super) const QUEUE_DEVICE_LOW: usize = 0x0a0;
    pub(in super::super) const QUEUE_DEVICE_HIGH: usize = 0x0a4;
    pub(in super::super) const CONFIG_GENERATION: usize = 0x0fc;
    pub(in super::super) const CONFIG: usize = 0x100;
}

/// Bits of the device status (section 2.1).
pub(super) mod status {
    pub(in super::super) const ACKNOWLEDGE: u32 = 1;
    pub(in super::super) const DRIVER: u32 = 2;
    pub(in super::super) const DRIVER_OK: u32 = 4;
    pub(in super::super) const FEATURES_OK: u32 = 8;
    pub(in super::super) const NEEDS_RESET: u32 = 64;
}

/// Feature bits of every device (chapter 6).
pub(super) mod feature {
    pub(in super::super) const INDIRECT_DESC: u64 = 1 << 28;
    pub(in super::super) const EVENT_IDX: u64 = 1 << 29;
    pub(in super::super) const VERSION_1: u64 = 1 << 32;
}

/// "virt".
pub(super) const MAGIC: u32 = 0x7472_6976;
/// What this transport calls version 2 is everything since virtio 1.0.
pub(super) const INTERFACE: u32 = 2;
/// Size of the region: the registers and the largest configuration space, in bytes.
pub(super) const SIZE: usize = 0x200;

pub(super) static MAP: RegisterMap = RegisterMap::new("virtio", SIZE, U32, {
    use offset::{
        CONFIG, CONFIG_GENERATION, DEVICE_FEATURES, DEVICE_FEATURES_SEL, DEVICE_ID, DRIVER_FEATURES,
        DRIVER_FEATURES_SEL, INTERRUPT_ACK, INTERRUPT_STATUS, MAGIC_VALUE, QUEUE_DESC_HIGH, QUEUE_DESC_LOW,
        QUEUE_DEVICE_HIGH, QUEUE_DEVICE_LOW, QUEUE_DRIVER_HIGH, QUEUE_DRIVER_LOW, QUEUE_NOTIFY, QUEUE_NUM,
        QUEUE_NUM_MAX, QUEUE_READY, QUEUE_SEL, STATUS, VENDOR_ID,
    };

    const REGISTERS: &[Register] = &[
        Register::new("magic_value", MAGIC_VALUE, U32, ReadOnly, MAGIC as u64),
        Register::new("version", offset::VERSION, U32, ReadOnly, INTERFACE as u64),
        Register::new("device_id", DEVICE_ID, U32, ReadOnly, 0),
        Register::new("vendor_id", VENDOR_ID, U32, ReadOnly, 0),
        Register::new("device_features", DEVICE_FEATURES, U32, ReadOnly, 0),
        Register::new("device_features_sel", DEVICE_FEATURES_SEL, U32, WriteOnly, 0),
        Register::new("driver_features", DRIVER_FEATURES, U32, WriteOnly, 0),
        Register::new("driver_features_sel", DRIVER_FEATURES_SEL, U32, WriteOnly, 0),
        Register::new("queue_sel", QUEUE_SEL, U32, WriteOnly, 0),
        Register::new("queue_num_max", QUEUE_NUM_MAX, U32, ReadOnly, 0),
        Register::new("queue_num", QUEUE_NUM, U32, WriteOnly, 0),
        Register::new("queue_ready", QUEUE_READY, U32, ReadWrite, 0),
        Register::new("queue_notify", QUEUE_NOTIFY, U32, WriteOnly, 0),
        Register::new("interrupt_status", INTERRUPT_STATUS, U32, ReadOnly, 0),
        Register::new("interrupt_ack", INTERRUPT_ACK, U32, WriteOnly, 0),
        Register::new("status", STATUS, U32, ReadWrite, 0),
        Register::new("queue_desc_low", QUEUE_DESC_LOW, U32, WriteOnly, 0),
        Register::new("queue_desc_high", QUEUE_DESC_HIGH, U32, WriteOnly, 0),
        Register::new("queue_driver_low", QUEUE_DRIVER_LOW, U32, WriteOnly, 0),
        Register::new("queue_driver_high", QUEUE_DRIVER_HIGH, U32, WriteOnly, 0),
        Register::new("queue_device_low", QUEUE_DEVICE_LOW, U32, WriteOnly, 0),
        Register::new("queue_device_high", QUEUE_DEVICE_HIGH, U32, WriteOnly, 0),
        Register::new("config_generation", CONFIG_GENERATION, U32, ReadOnly, 0),
        Register::new("config", CONFIG, U8, ReadWrite, 0).array(SIZE - CONFIG, 1),
    ];
    REGISTERS
});
