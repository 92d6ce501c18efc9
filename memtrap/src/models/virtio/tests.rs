//! What the device does with a driver that does not keep to the specification.

use super::{VirtioBlock, VirtioMmio, registers::offset};
use crate::{
    bus::{Bus, Ram, Region, typed},
    map::Width,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const DESCRIPTORS: usize = 0x000;
const AVAILABLE: usize = 0x100;
const USED: usize = 0x200;
const REQUEST: usize = 0x300;
const DATA: usize = 0x400;
const STATUS: usize = 0x800;
const LINE: u32 = 3;

/// A driver in small steps.
struct Fixture {
    region: Region<VirtioMmio<VirtioBlock>>,
    ram: Ram,
}

impl Fixture {
    fn new() -> Self {
        let bus = Bus::new();
        let ram = bus.ram(0x1000).unwrap();
        let device = VirtioMmio::new(VirtioBlock::new(vec![0x11; 1024])).with_interrupt(LINE);
        Self { region: bus.map(VirtioMmio::<VirtioBlock>::SIZE, device).unwrap(), ram }
    }

    fn read(&self, offset: usize) -> u64 {
        typed::read(self.region.base().addr() + offset, Width::U32).expect("the address is simulated")
    }

    fn write(&self, offset: usize, value: u64) {
        assert!(typed::write(self.region.base().addr() + offset, Width::U32, value));
    }

    fn address(&self, offset: usize) -> u64 {
        (self.ram.base().addr() + offset) as u64
    }

    /// Initialises the device without event indices, and with a queue of four.
    fn ready(self) -> Self {
        self.write(offset::STATUS, 3);
        self.write(offset::DRIVER_FEATURES_SEL, 1);
        self.write(offset::DRIVER_FEATURES, 1);
        self.write(offset::STATUS, 11);
        self.write(offset::QUEUE_NUM, 4);
        for (low, area) in [
            (offset::QUEUE_DESC_LOW, DESCRIPTORS),
            (offset::QUEUE_DRIVER_LOW, AVAILABLE),
            (offset::QUEUE_DEVICE_LOW, USED),
        ] {
            self.write(low, self.address(area) & 0xffff_ffff);
            self.write(low + 4, self.address(area) >> 32);
        }
        self.write(offset::QUEUE_READY, 1);
        self.write(offset::STATUS, 15);
        self
    }

    fn descriptor(&self, index: usize, at: usize, length: u32, flags: u16, next: u16) {
        let mut bytes = self.address(at).to_le_bytes().to_vec();
        bytes.extend(length.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        bytes.extend(next.to_le_bytes());
        self.ram.write(DESCRIPTORS + 16 * index, &bytes);
    }

    /// A request of this type for a sector, with a buffer of 512 bytes for the device to write.
    fn request(&self, kind: u32, sector: u64) {
        self.ram.write(REQUEST, &kind.to_le_bytes());
        self.ram.write(REQUEST + 8, &sector.to_le_bytes());
        self.descriptor(0, REQUEST, 16, 1, 1);
        self.descriptor(1, DATA, 512, 3, 2);
        self.descriptor(2, STATUS, 1, 2, 0);
    }

    fn make_available(&self, head: u16, index: u16) {
        self.ram.write(AVAILABLE + 4 + 2 * usize::from((index - 1) % 4), &head.to_le_bytes());
        self.ram.write(AVAILABLE + 2, &index.to_le_bytes());
    }

    fn byte(&self, offset: usize) -> u8 {
        let mut byte = [0];
        self.ram.read(offset, &mut byte);
        byte[0]
    }

    /// The report of what the driver should not do.
    fn report(&self, work: impl FnOnce(&Self)) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| work(self))).expect_err("that is not permitted");
        *panic.downcast::<String>().unwrap()
    }
}

#[test]
fn a_request_is_answered_and_interrupts() {
    let driver = Fixture::new().ready();
    driver.request(0, 1);
    driver.make_available(0, 1);
    driver.write(offset::QUEUE_NOTIFY, 0);
    assert_eq!((driver.byte(DATA), driver.byte(DATA + 511), driver.byte(STATUS)), (0x11, 0x11, 0));
    assert_eq!(
        (driver.byte(USED + 2), driver.byte(USED + 8), driver.byte(USED + 9)),
        (1, 1, 2),
        "513 bytes were written"
    );
    assert!(driver.region.bus().is_interrupt_pending(LINE));
    assert_eq!(driver.read(offset::INTERRUPT_STATUS), 1);
    driver.write(offset::INTERRUPT_ACK, 1);
    assert!(!driver.region.bus().is_interrupt_pending(LINE));
    // Whoever asks for no interrupts gets none.
    driver.ram.write(AVAILABLE, &1_u16.to_le_bytes());
    driver.request(99, 0);
    driver.make_available(0, 2);
    driver.write(offset::QUEUE_NOTIFY, 0);
    assert_eq!(driver.byte(STATUS), 2, "an unsupported request");
    assert!(!driver.region.bus().is_interrupt_pending(LINE));
}

#[test]
fn features_that_are_not_offered_are_not_accepted() {
    let driver = Fixture::new();
    assert_eq!(driver.read(offset::DEVICE_FEATURES), 1 << 29 | 1 << 28 | 1 << 9);
    driver.write(offset::DEVICE_FEATURES_SEL, 1);
    assert_eq!(driver.read(offset::DEVICE_FEATURES), 1);
    driver.write(offset::STATUS, 3);
    driver.write(offset::DRIVER_FEATURES_SEL, 1);
    driver.write(offset::DRIVER_FEATURES, 0x81);
    driver.write(offset::STATUS, 11);
    assert_eq!(driver.read(offset::STATUS), 3);
    assert_eq!(driver.region.device().negotiated_features(), 0);
}

#[test]
fn steps_of_the_initialisation_cannot_be_left_out() {
    let driver = Fixture::new();
    let report = driver.report(|driver| driver.write(offset::STATUS, 8));
    assert!(report.contains("leaves out a step"), "{report}");
    let report = driver.report(|driver| driver.write(offset::QUEUE_NUM, 3));
    assert!(report.contains("not a power of two"), "{report}");
    let report = driver.report(|driver| driver.write(offset::QUEUE_READY, 1));
    assert!(report.contains("made ready without"), "{report}");
    let report = driver.report(|driver| driver.write(offset::QUEUE_NOTIFY, 0));
    assert!(report.contains("before DRIVER_OK"), "{report}");
    let driver = Fixture::new().ready();
    let report = driver.report(|driver| driver.write(offset::STATUS, 3));
    assert!(report.contains("clears a status bit"), "{report}");
    let report = driver.report(|driver| driver.write(offset::QUEUE_DESC_LOW, 0));
    assert!(report.contains("in use while it is changed"), "{report}");
    driver.write(offset::STATUS, 0);
    assert_eq!((driver.read(offset::STATUS), driver.read(offset::QUEUE_READY)), (0, 0));
}

#[test]
fn broken_chains_are_reports() {
    type Break = fn(&Fixture);
    let cases: [(Break, &str); 4] = [
        (|driver| driver.descriptor(2, STATUS, 1, 3, 0), "a readable descriptor follows a writable one"),
        (|driver| driver.descriptor(1, DATA, 512, 3, 1), "is a loop"),
        (|driver| driver.descriptor(1, DATA, 512, 3, 4), "descriptor 4 is outside a table of 4"),
        (|driver| driver.descriptor(1, DATA, 512, 4, 0), "not negotiated"),
    ];
    for (break_it, message) in cases {
        let driver = Fixture::new().ready();
        driver.request(0, 0);
        break_it(&driver);
        driver.make_available(0, 1);
        let report = driver.report(|driver| driver.write(offset::QUEUE_NOTIFY, 0));
        assert!(report.contains(message), "{report}");
    }
    let driver = Fixture::new().ready();
    driver.make_available(0, 6);
    let report = driver.report(|driver| driver.write(offset::QUEUE_NOTIFY, 0));
    assert!(report.contains("6 entries ahead"), "{report}");
}
