//! What the device does with a driver that does not keep to the specification.

use super::{
    VirtioBackend as _, VirtioBlock,
    registers::virtio,
    testing::{AVAILABLE, DATA, Fixture, LINE, USED},
};
use crate::{bus::typed, map::Width};

const REQUEST: usize = 0x300;
const STATUS: usize = 0x800;

fn fixture() -> Fixture<VirtioBlock> {
    Fixture::new(VirtioBlock::new(vec![0x11; 1024]))
}

impl Fixture<VirtioBlock> {
    /// A request of this type for a sector, with a buffer of 512 bytes for the device to write.
    fn request(&self, kind: u32, sector: u64) {
        self.ram.write(REQUEST, &kind.to_le_bytes());
        self.ram.write(REQUEST + 8, &sector.to_le_bytes());
        self.descriptor(0, REQUEST, 16, 1, 1);
        self.descriptor(1, DATA, 512, 3, 2);
        self.descriptor(2, STATUS, 1, 2, 0);
    }
}

#[test]
fn a_request_is_answered_and_interrupts() {
    let driver = fixture().ready(0);
    driver.request(0, 1);
    driver.make_available(0, 1);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0);
    assert_eq!((driver.byte(DATA), driver.byte(DATA + 511), driver.byte(STATUS)), (0x11, 0x11, 0));
    assert_eq!(
        (driver.byte(USED + 2), driver.byte(USED + 8), driver.byte(USED + 9)),
        (1, 1, 2),
        "513 bytes were written"
    );
    assert!(driver.region.bus().is_interrupt_pending(LINE));
    assert_eq!(driver.read(virtio::INTERRUPT_STATUS_OFFSET), 1);
    driver.write(virtio::INTERRUPT_ACK_OFFSET, 1);
    assert!(!driver.region.bus().is_interrupt_pending(LINE));
    // Whoever asks for no interrupts gets none.
    driver.ram.write(AVAILABLE, &1_u16.to_le_bytes());
    driver.request(99, 0);
    driver.make_available(0, 2);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0);
    assert_eq!(driver.byte(STATUS), 2, "an unsupported request");
    assert!(!driver.region.bus().is_interrupt_pending(LINE));
}

#[test]
fn features_that_are_not_offered_are_not_accepted() {
    let driver = fixture();
    assert_eq!(driver.read(virtio::DEVICE_FEATURES_OFFSET), 1 << 29 | 1 << 28 | 1 << 9);
    driver.write(virtio::DEVICE_FEATURES_SEL_OFFSET, 1);
    assert_eq!(driver.read(virtio::DEVICE_FEATURES_OFFSET), 1);
    driver.write(virtio::STATUS_OFFSET, 3);
    driver.write(virtio::DRIVER_FEATURES_SEL_OFFSET, 1);
    driver.write(virtio::DRIVER_FEATURES_OFFSET, 0x81);
    driver.write(virtio::STATUS_OFFSET, 11);
    assert_eq!(driver.read(virtio::STATUS_OFFSET), 3);
    assert_eq!(driver.region.device().negotiated_features(), 0);
}

#[test]
fn steps_of_the_initialisation_cannot_be_left_out() {
    let driver = fixture();
    let report = driver.report(|driver| driver.write(virtio::STATUS_OFFSET, 8));
    assert!(report.contains("leaves out a step"), "{report}");
    let report = driver.report(|driver| driver.write(virtio::QUEUE_NUM_OFFSET, 3));
    assert!(report.contains("not a power of two"), "{report}");
    let report = driver.report(|driver| driver.write(virtio::QUEUE_READY_OFFSET, 1));
    assert!(report.contains("made ready without"), "{report}");
    let report = driver.report(|driver| driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0));
    assert!(report.contains("before DRIVER_OK"), "{report}");
    let driver = fixture().ready(0);
    let report = driver.report(|driver| driver.write(virtio::STATUS_OFFSET, 3));
    assert!(report.contains("clears a status bit"), "{report}");
    let report = driver.report(|driver| driver.write(virtio::QUEUE_DESC_LOW_OFFSET, 0));
    assert!(report.contains("in use while it is changed"), "{report}");
    driver.write(virtio::STATUS_OFFSET, 0);
    assert_eq!((driver.read(virtio::STATUS_OFFSET), driver.read(virtio::QUEUE_READY_OFFSET)), (0, 0));
}

#[test]
fn broken_chains_are_reports() {
    type Break = fn(&Fixture<VirtioBlock>);
    let cases: [(Break, &str); 4] = [
        (|driver| driver.descriptor(2, STATUS, 1, 3, 0), "a readable descriptor follows a writable one"),
        (|driver| driver.descriptor(1, DATA, 512, 3, 1), "is a loop"),
        (|driver| driver.descriptor(1, DATA, 512, 3, 4), "descriptor 4 is outside a table of 4"),
        (|driver| driver.descriptor(1, DATA, 512, 4, 0), "not negotiated"),
    ];
    for (break_it, message) in cases {
        let driver = fixture().ready(0);
        driver.request(0, 0);
        break_it(&driver);
        driver.make_available(0, 1);
        let report = driver.report(|driver| driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0));
        assert!(report.contains(message), "{report}");
    }
    let driver = fixture().ready(0);
    driver.make_available(0, 6);
    let report = driver.report(|driver| driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0));
    assert!(report.contains("6 entries ahead"), "{report}");
}

#[test]
fn an_entry_of_the_used_ring_can_be_forged() {
    let driver = fixture().ready(0);
    driver.region.device().forge_used(0, 77, 0xffff_ffff);
    for (index, expected) in [(1, [77, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), (2, [0, 0, 0, 0, 1, 2, 0, 0])] {
        driver.request(0, 1);
        driver.make_available(0, index);
        driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0);
        let mut entry = [0; 8];
        driver.ram.read(USED + 4 + 8 * usize::from(index - 1), &mut entry);
        assert_eq!(entry, expected, "only the next entry is forged");
    }
}

#[test]
fn the_configuration_is_read_in_the_widths_of_its_fields_and_ends() {
    let driver = fixture();
    let at = |offset| driver.region.base().addr() + offset;
    assert_eq!(typed::read(at(virtio::CONFIG_OFFSET), Width::U16), Some(2), "sectors");
    let length = driver.region.device().backend().configuration().len();
    let report = driver.report(|driver| assert_eq!(driver.read(virtio::CONFIG_OFFSET + length), 0));
    assert!(report.contains(&format!("the device has {length} bytes of configuration")), "{report}");
    let report = driver.report(|driver| driver.write(virtio::CONFIG_OFFSET, 0));
    assert!(report.contains("the register is read-only"), "{report}");
}
