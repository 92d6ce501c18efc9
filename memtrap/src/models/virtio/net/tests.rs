//! What the driver's buffers get, and what it may not do with them.

use super::{RECEIVE, TRANSMIT, VirtioNet};
use crate::models::virtio::{
    registers::virtio,
    testing::{DATA, Fixture, LINE, USED},
};

const MAC: [u8; 6] = [0x52, 0x54, 0, 0, 0, 1];

/// A driver that has set up one of the queues.
fn fixture(queue: usize) -> Fixture<VirtioNet> {
    Fixture::new(VirtioNet::new(MAC)).ready(queue as u64)
}

#[test]
fn frames_wait_for_buffers_and_buffers_for_frames() {
    let driver = fixture(RECEIVE);
    driver.region.stimulate(|device, cx| device.receive(b"early", cx));
    assert_eq!(driver.region.device().backend().waiting(), 1);
    driver.descriptor(0, DATA, 0x100, 2, 0);
    driver.make_available(0, 1);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, RECEIVE as u64);
    let mut packet = [0; 17];
    driver.ram.read(DATA, &mut packet);
    assert_eq!(&packet, b"\0\0\0\0\0\0\0\0\0\0\x01\0early");
    assert_eq!((driver.byte(USED + 2), driver.byte(USED + 8)), (1, 17));
    assert!(driver.region.bus().is_interrupt_pending(LINE));
    driver.write(virtio::INTERRUPT_ACK_OFFSET, 1);

    driver.make_available(0, 2);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, RECEIVE as u64);
    assert_eq!(driver.byte(USED + 2), 1, "nothing has arrived");
    assert!(!driver.region.bus().is_interrupt_pending(LINE));
    driver.region.stimulate(|device, cx| device.receive(b"late", cx));
    assert_eq!((driver.byte(USED + 2), driver.byte(USED + 16)), (2, 16));
    assert!(driver.region.bus().is_interrupt_pending(LINE));
}

#[test]
fn what_is_sent_has_lost_its_header() {
    let driver = fixture(TRANSMIT);
    driver.ram.write(DATA + 12, b"hello");
    driver.descriptor(0, DATA, 17, 0, 0);
    driver.make_available(0, 1);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, TRANSMIT as u64);
    assert_eq!(driver.region.device().backend().sent(), [b"hello"]);
    assert_eq!((driver.byte(USED + 2), driver.byte(USED + 8)), (1, 0), "nothing was written");
}

#[test]
fn packets_and_buffers_that_nobody_agreed_on_are_reports() {
    for (bytes, length, message) in
        [([0, 0], 11, "begins with a header"), ([1, 0], 20, "not negotiated"), ([0, 1], 20, "not negotiated")]
    {
        let driver = fixture(TRANSMIT);
        driver.ram.write(DATA, &bytes);
        driver.descriptor(0, DATA, length, 0, 0);
        driver.make_available(0, 1);
        let report = driver.report(|driver| driver.write(virtio::QUEUE_NOTIFY_OFFSET, TRANSMIT as u64));
        assert!(report.contains(message), "{report}");
    }
    let driver = fixture(RECEIVE);
    driver.descriptor(0, DATA, 20, 2, 0);
    driver.make_available(0, 1);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, RECEIVE as u64);
    let report = driver.report(|driver| driver.region.stimulate(|device, cx| device.receive(b"too long!", cx)));
    assert!(report.contains("9 bytes and its header do not fit into a buffer of 20"), "{report}");
}

#[test]
fn the_configuration_has_the_address_and_the_link() {
    use crate::models::VirtioBackend;
    assert_eq!(VirtioNet::new(MAC).configuration(), [0x52, 0x54, 0, 0, 0, 1, 1, 0]);
    assert_eq!(VirtioNet::new(MAC).with_link_down().configuration()[6], 0);
}
