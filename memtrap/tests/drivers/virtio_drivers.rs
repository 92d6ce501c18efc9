//! `virtio-drivers`: its memory-mapped transport, which its own tests leave out, under its block device.

use crate::traces;
use ::virtio_drivers::{
    BufferDirection, Error, Hal, PhysAddr,
    device::blk::{SECTOR_SIZE, VirtIOBlk},
    transport::mmio::{MmioError, MmioTransport},
};
use memtrap::{
    Bus, Ram, Region,
    fault::on,
    models::{VirtioBlock, VirtioMmio},
    trace::read,
};
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

/// Where the device sees the memory that it shares with the driver: the same in every run, so that traces can be
/// compared.
const RAM: u64 = 0x4000_0000;
const SIZE: usize = 0x10_0000;
const PAGE: usize = 4096;

thread_local! {
    /// The memory of this thread's test: the driver's platform is a set of functions without a place for it.
    static MEMORY: RefCell<Option<Ram>> = const { RefCell::new(None) };
}

/// A platform whose devices reach only some memory, as behind an IOMMU: what the driver shares is copied there and back.
struct Platform;

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

type Disk = VirtIOBlk<Platform, MmioTransport<'static>>;

/// A device with this disk, and memory for its driver.
fn device(disk: VirtioBlock) -> Region<VirtioMmio<VirtioBlock>> {
    let bus = Bus::new();
    let ram = bus.ram(SIZE).unwrap();
    ram.set_bus_address(RAM);
    MEMORY.set(Some(ram));
    bus.map(VirtioMmio::<VirtioBlock>::SIZE, VirtioMmio::new(disk)).unwrap()
}

/// Has the driver look for the device.
fn find(device: &Region<VirtioMmio<VirtioBlock>>) -> Result<MmioTransport<'static>, MmioError> {
    let header = NonNull::new(device.base().cast()).unwrap();
    // SAFETY: A region of this size, which traps every access.
    unsafe { MmioTransport::new(header, VirtioMmio::<VirtioBlock>::SIZE) }
}

/// Has the driver initialise the device, if it accepts it.
fn try_start(device: &Region<VirtioMmio<VirtioBlock>>) -> Result<Disk, Error> {
    let transport = find(device).unwrap();
    device.bus().run(move || Disk::new(transport))
}

/// Has the driver initialise the device.
fn start(device: &Region<VirtioMmio<VirtioBlock>>) -> Disk {
    try_start(device).unwrap()
}

/// Has the driver initialise the device, do something with it, and give it up.
fn run<R: 'static>(device: &Region<VirtioMmio<VirtioBlock>>, work: impl FnOnce(&mut Disk) -> R + 'static) -> R {
    let mut disk = start(device);
    device.bus().run(move || work(&mut disk))
}

#[test]
fn reads_what_is_on_the_disk_and_writes_what_it_is_told() {
    let mut contents = vec![0; 40 * SECTOR_SIZE];
    contents[3 * SECTOR_SIZE..][..11].copy_from_slice(b"on the disk");
    let device = device(VirtioBlock::new(contents));

    let (read, id, capacity) = run(&device, |disk| {
        let mut sectors = vec![0; 2 * SECTOR_SIZE];
        disk.read_blocks(3, &mut sectors).unwrap();
        disk.write_blocks(39, &[0x5a; SECTOR_SIZE]).unwrap();
        disk.flush().unwrap();
        let mut id = [0; 20];
        let length = disk.device_id(&mut id).unwrap();
        (sectors, id[..length].to_vec(), disk.capacity())
    });

    assert_eq!(&read[..12], b"on the disk\0");
    assert_eq!(id, b"memtrap");
    assert_eq!(capacity, 40);
    let model = device.device();
    assert_eq!(model.backend().disk()[39 * SECTOR_SIZE..], [0x5a; SECTOR_SIZE]);
    assert_eq!(model.backend().disk()[38 * SECTOR_SIZE..][..SECTOR_SIZE], [0; SECTOR_SIZE]);
    assert_eq!(model.backend().flushes(), 1);
    drop(model);
    traces::keep(&device.trace());
}

#[test]
fn the_queue_wraps() {
    let device = device(VirtioBlock::new(vec![0; 64 * SECTOR_SIZE]));
    run(&device, |disk| {
        // Three times around a queue of 16.
        for sector in 0..48_u8 {
            disk.write_blocks(usize::from(sector), &[sector; SECTOR_SIZE]).unwrap();
        }
    });
    for (sector, bytes) in device.device().backend().disk().chunks(SECTOR_SIZE).enumerate().take(48) {
        assert!(bytes.iter().all(|byte| usize::from(*byte) == sector), "sector {sector}");
    }
    traces::keep(&device.trace());
}

#[test]
fn errors_of_the_disk_reach_the_driver() {
    let device = device(VirtioBlock::new(vec![7; 4 * SECTOR_SIZE]).read_only());
    let results = run(&device, |disk| {
        assert!(disk.readonly());
        [disk.read_blocks(4, &mut [0; SECTOR_SIZE]), disk.write_blocks(0, &[0; SECTOR_SIZE])]
    });
    assert_eq!(results, [Err(Error::IoError); 2]);
    assert!(device.device().backend().disk().iter().all(|byte| *byte == 7));
    traces::keep(&device.trace());
}

#[test]
fn the_device_is_live_after_the_handshake_and_its_queue_gone_after_the_driver() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    let disk = start(&device);
    let model = device.device();
    assert!(model.is_live());
    // Indirect descriptors, event index, version 1, flush: all that is offered.
    assert_eq!(model.negotiated_features(), 1 << 28 | 1 << 29 | 1 << 32 | 1 << 9);
    drop(model);
    drop(disk);
    assert!(!device.device().is_live());
    let trace = device.trace();
    assert_eq!(trace.values(memtrap::trace::write("status")), [0, 3, 11, 15, 0]);
    assert_eq!(trace.values(memtrap::trace::write("queue_ready")), [1, 0]);
    traces::keep(&trace);
}

#[test]
fn memory_that_the_device_cannot_reach_is_a_report() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    MEMORY.with_borrow(|ram| ram.as_ref().unwrap().set_bus_address(0x8000_0000));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        run(&device, |disk| disk.read_blocks(0, &mut [0; SECTOR_SIZE]).unwrap());
    }));
    let report = *panic.expect_err("the device cannot read its queue").downcast::<String>().unwrap();
    assert!(report.contains("virtio.queue_notify") && report.contains("0x4000"), "{report}");
    assert!(report.contains("virtio_drivers"), "{report}");
}

#[test]
fn a_device_that_lies_about_what_it_is_is_refused() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    let bus = device.bus();
    for (register, value, refusal) in [
        ("magic_value", 0x1234, "Invalid magic value 0x00001234 (expected 0x74726976)"),
        ("version", 3, "Unsupported Virtio MMIO version 3"),
        ("device_id", 0, "Invalid or unknown device ID: "),
    ] {
        let _lie = bus.inject(on(read(register)).stuck_at(value));
        let Err(error) = find(&device) else { panic!("it is no device for this driver") };
        let error = error.to_string();
        assert!(error.starts_with(refusal), "{error}");
        bus.clear_faults();
    }
    let _too_short = bus.inject(on(read("queue_num_max")).stuck_at(8));
    assert_eq!(try_start(&device).err(), Some(Error::InvalidParam));
    bus.clear_faults();
    let _in_use = bus.inject(on(read("queue_ready")).stuck_at(1));
    assert_eq!(try_start(&device).err(), Some(Error::AlreadyUsed));
}

#[test]
fn a_configuration_that_changes_while_it_is_read_is_read_again() {
    let device = device(VirtioBlock::new(vec![0; 40 * SECTOR_SIZE]));
    let _changed = device.bus().inject(on(read("config_generation")).nth(1).stuck_at(7));
    assert_eq!(start(&device).capacity(), 40);
    assert_eq!(device.trace().values(read("config_generation")), [7, 0, 0, 0]);
}

/// "Re-read device status to ensure the FEATURES_OK bit is still set: otherwise, the device does not support our subset of
/// features and the device is unusable" (VIRTIO 1.2, section 3.1.1, step 6). The driver does not.
#[test]
fn release_0_13_0_does_not_ask_whether_its_features_are_accepted() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    let _refused = device.bus().inject(on(read("status")).stuck_at(3));
    assert!(try_start(&device).is_ok());
    assert_eq!(device.trace().count(read("status")), 0);
}
