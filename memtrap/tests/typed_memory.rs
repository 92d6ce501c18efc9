//! The hardware path: an address that is not simulated is accessed with volatile loads and stores.

use memtrap::simulated;
use std::cell::UnsafeCell;

/// A small device.
#[simulated(size = 0x20, width = 64)]
pub struct Device {
    #[reg(0x00, rw)]
    pub wide: u64,
    #[reg(0x08, rw, reset = 0x55)]
    pub control: u32,
    #[reg(0x0c, ro)]
    pub status: u16,
    #[reg(0x0e, wo)]
    pub command: u8,
    #[reg(0x10, rw, stride = 4)]
    pub channel: [u16; 4],
}

/// Memory that stands for the registers; nothing but the handle accesses it while the handle exists.
#[repr(align(8))]
struct Registers(UnsafeCell<[u8; 0x20]>);

impl Registers {
    fn filled(value: u8) -> Self {
        Self(UnsafeCell::new([value; 0x20]))
    }

    /// A handle to the memory.
    fn handle(&self) -> Device {
        // SAFETY: The memory is aligned, as large as the block, and lives longer than the handle, which each test
        // drops or stops using before the memory; `UnsafeCell` permits writes through a shared reference.
        unsafe { Device::new(self.0.get().cast()) }
    }

    fn bytes(self) -> [u8; 0x20] {
        self.0.into_inner()
    }
}

#[test]
fn every_width_is_read_and_written_at_its_offset() {
    let memory = Registers::filled(0xee);
    let mut device = memory.handle();
    device.wide().write(0x0706_0504_0302_0100);
    device.control().write(0x0b0a_0908);
    device.command().write(0x0e);
    for (index, mut channel) in device.channel().iter().enumerate() {
        channel.write(0x1110 + u16::try_from(index).unwrap());
    }
    assert_eq!(device.status().read(), 0xeeee);
    assert_eq!(device.wide().read(), 0x0706_0504_0302_0100);
    device.control().modify(|control| control + 1);
    device.control().write_with(|control| control << 8 | device_shared_status(&memory));
    let bytes = memory.bytes();
    assert_eq!(bytes[..0x10], [0, 1, 2, 3, 4, 5, 6, 7, 0xee, 0x55, 0, 0, 0xee, 0xee, 0x0e, 0xee]);
    assert_eq!(bytes[0x10..0x18], [0x10, 0x11, 0xee, 0xee, 0x11, 0x11, 0xee, 0xee]);
}

/// A second handle, used for reading only.
fn device_shared_status(memory: &Registers) -> u32 {
    u32::from(memory.handle().shared().status().read()) & 0xff
}

#[test]
fn an_address_makes_the_same_handle_as_a_pointer() {
    let memory = Registers::filled(1);
    let address = memory.0.get().expose_provenance();
    // SAFETY: As for `Registers::handle`; the provenance of the memory is exposed.
    let device = unsafe { Device::at(address) };
    assert_eq!(device.as_ptr().addr(), address);
    assert_eq!(device.status().read(), 0x0101);
    assert_eq!(memory.bytes(), [1; 0x20]);
}

#[test]
fn a_handle_is_one_pointer() {
    assert_eq!(size_of::<Device>(), size_of::<*mut u8>());
    assert_eq!(size_of::<Option<Device>>(), size_of::<*mut u8>());
}
