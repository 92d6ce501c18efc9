//! What the driver asks of the machine: memory that it shares with its device, and where the device is.

use ::virtio_drivers::{
    BufferDirection, Hal, PhysAddr,
    transport::mmio::{MmioError, MmioTransport},
};
use memtrap::{
    Bus, Ram, Region,
    models::{VirtioBackend, VirtioMmio},
};
use std::{cell::RefCell, ptr::NonNull};

/// Where the device sees the memory that it shares with the driver: the same in every run, so that traces can be
/// compared.
pub(super) const RAM: u64 = 0x4000_0000;
const SIZE: usize = 0x10_0000;
const PAGE: usize = 4096;

thread_local! {
    /// The memory of this thread's test: the driver's platform is a set of functions without a place for it.
    static MEMORY: RefCell<Option<Ram>> = const { RefCell::new(None) };
}

/// A platform whose devices reach only some memory, as behind an IOMMU: what the driver shares is copied there and back.
pub(super) struct Platform;

fn bus_address(ram: &Ram, address: NonNull<u8>) -> PhysAddr {
    RAM + (address.addr().get() - ram.base().addr()) as u64
}

fn allocate(size: usize, align: usize) -> (PhysAddr, NonNull<u8>) {
    MEMORY.with_borrow(|ram| {
        let ram = ram.as_ref().expect("the test has memory");
        let address = ram.allocate(size, align).expect("the test has memory enough");
        (bus_address(ram, address), address)
    })
}

// SAFETY: Memory is allocated once and never given back, so nothing overlaps; it is zero at first.
unsafe impl Hal for Platform {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        allocate(pages * PAGE, PAGE)
    }

    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _: usize) -> i32 {
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _: usize) -> NonNull<u8> {
        unreachable!("nothing asks for the device at {address:#x}")
    }

    unsafe fn share(buffer: NonNull<[u8]>, direction: BufferDirection) -> PhysAddr {
        let (address, copy) = allocate(buffer.len(), 16);
        if direction != BufferDirection::DeviceToDriver {
            // SAFETY: The caller's buffer is valid, and the copy is as long; nobody else has it yet.
            unsafe { copy.copy_from_nonoverlapping(buffer.cast(), buffer.len()) };
        }
        address
    }

    unsafe fn unshare(address: PhysAddr, buffer: NonNull<[u8]>, direction: BufferDirection) {
        if direction != BufferDirection::DriverToDevice {
            MEMORY.with_borrow(|ram| {
                let ram = ram.as_ref().expect("the test has memory");
                let mut bytes = vec![0; buffer.len()];
                ram.read(usize::try_from(address - RAM).unwrap(), &mut bytes);
                // SAFETY: The caller's buffer is valid and as long.
                unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(NonNull::from(&bytes[..]).cast(), bytes.len()) };
            });
        }
    }
}

/// A device on a bus of its own, and memory for its driver.
pub(super) fn device<B: VirtioBackend>(backend: B) -> Region<VirtioMmio<B>> {
    let bus = Bus::new();
    let ram = bus.ram(SIZE).unwrap();
    ram.set_bus_address(RAM);
    MEMORY.set(Some(ram));
    bus.map(VirtioMmio::<B>::SIZE, VirtioMmio::new(backend)).unwrap()
}

/// Moves the memory to where the driver does not know it to be.
pub(super) fn move_memory(address: u64) {
    MEMORY.with_borrow(|ram| ram.as_ref().expect("the test has memory").set_bus_address(address));
}

/// Has the driver look for the device.
pub(super) fn find<B: VirtioBackend>(device: &Region<VirtioMmio<B>>) -> Result<MmioTransport<'static>, MmioError> {
    let header = NonNull::new(device.base().cast()).unwrap();
    // SAFETY: A region of this size, which traps every access.
    unsafe { MmioTransport::new(header, VirtioMmio::<B>::SIZE) }
}
