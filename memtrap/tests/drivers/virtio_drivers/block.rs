//! The block device.

use super::platform::{Platform, device, find, move_memory};
use crate::traces;
use ::virtio_drivers::{
    Error,
    device::blk::{SECTOR_SIZE, VirtIOBlk},
    transport::mmio::MmioTransport,
};
use memtrap::{
    Region,
    fault::on,
    models::{VirtioBackend, VirtioBlock, VirtioMmio},
    trace::read,
};
use std::{
    env, fs,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    process,
};

type Disk = VirtIOBlk<Platform, MmioTransport<'static>>;

/// Has the driver initialise the device, if it accepts it.
fn try_start<B: VirtioBackend>(device: &Region<VirtioMmio<B>>) -> Result<Disk, Error> {
    let transport = find(device).unwrap();
    device.bus().run(move || Disk::new(transport))
}

/// Has the driver initialise the device.
fn start<B: VirtioBackend>(device: &Region<VirtioMmio<B>>) -> Disk {
    try_start(device).unwrap()
}

/// Has the driver initialise the device, do something with it, and give it up.
fn run<B: VirtioBackend, R: 'static>(device: &Region<VirtioMmio<B>>, work: impl FnOnce(&mut Disk) -> R + 'static) -> R {
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
fn the_disk_may_be_an_image_in_a_file() {
    let path = env::temp_dir().join(format!("memtrap-image-{}", process::id()));
    fs::write(&path, [0x11; 4 * SECTOR_SIZE]).unwrap();
    let device = device(VirtioBlock::over(File::options().read(true).write(true).open(&path).unwrap()).unwrap());
    let read = run(&device, |disk| {
        disk.write_blocks(2, &[0x22; SECTOR_SIZE]).unwrap();
        let mut sectors = [0; 2 * SECTOR_SIZE];
        disk.read_blocks(1, &mut sectors).unwrap();
        sectors
    });
    let contents = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(read, contents[SECTOR_SIZE..3 * SECTOR_SIZE]);
    assert_eq!((read[0], read[SECTOR_SIZE]), (0x11, 0x22));
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
    move_memory(0x8000_0000);
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
fn a_device_that_returns_another_request_is_found_out() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    let mut disk = start(&device);
    device.device().forge_used(0, 9, 513);
    assert_eq!(disk.read_blocks(0, &mut [0; SECTOR_SIZE]), Err(Error::WrongToken));
}

#[test]
fn a_configuration_that_changes_while_it_is_read_is_read_again() {
    let device = device(VirtioBlock::new(vec![0; 40 * SECTOR_SIZE]));
    let _changed = device.bus().inject(on(read("config_generation")).nth(1).stuck_at(7));
    assert_eq!(start(&device).capacity(), 40);
    assert_eq!(device.trace().values(read("config_generation")), [7, 0, 0, 0]);
}

/// "Re-read device status to ensure the FEATURES_OK bit is still set: otherwise, the device does not support our subset
/// of features and the device is unusable" (VIRTIO 1.2, section 3.1.1, step 6). The driver does not.
#[test]
fn release_0_13_0_does_not_ask_whether_its_features_are_accepted() {
    let device = device(VirtioBlock::new(vec![0; SECTOR_SIZE]));
    let _refused = device.bus().inject(on(read("status")).stuck_at(3));
    assert!(try_start(&device).is_ok());
    assert_eq!(device.trace().count(read("status")), 0);
}
