//! The network device.

use super::platform::{Platform, device, find};
use crate::traces;
use ::virtio_drivers::{
    Error,
    device::net::{TxBuffer, VirtIONet},
    transport::mmio::MmioTransport,
};
use memtrap::{
    Region,
    models::{VirtioMmio, VirtioNet},
    trace::{read, write},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const MAC: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
/// Buffers of each queue.
const QUEUE: usize = 4;
const BUFFER: usize = 2048;
/// The device's number of the queue that receives.
const RECEIVE: usize = 0;

type Card = VirtIONet<Platform, MmioTransport<'static>, QUEUE>;

fn card() -> Region<VirtioMmio<VirtioNet>> {
    device(VirtioNet::new(MAC))
}

/// Has the driver initialise the device.
fn start(device: &Region<VirtioMmio<VirtioNet>>) -> Card {
    let transport = find(device).unwrap();
    device.bus().run(move || Card::new(transport, BUFFER)).unwrap()
}

fn arrive(device: &Region<VirtioMmio<VirtioNet>>, frame: &[u8]) {
    device.stimulate(|device, cx| device.receive(frame, cx));
}

/// The next frame that the driver has received; its buffer goes back.
fn receive(card: &mut Card) -> Result<Vec<u8>, Error> {
    let buffer = card.receive()?;
    let frame = buffer.packet().to_vec();
    card.recycle_rx_buffer(buffer)?;
    Ok(frame)
}

#[test]
fn sends_and_receives() {
    let device = card();
    let mut card = start(&device);
    assert_eq!(card.mac_address(), MAC);
    assert_eq!(receive(&mut card), Err(Error::NotReady));

    card.send(TxBuffer::from(b"who is there?")).unwrap();
    assert_eq!(device.device().backend().sent(), [b"who is there?"]);

    arrive(&device, b"nobody");
    assert!(card.can_recv());
    assert_eq!(receive(&mut card).as_deref(), Ok(b"nobody".as_slice()));
    assert!(!card.can_recv());
    drop(card);
    traces::keep(&device.trace());
}

#[test]
fn only_what_both_know_is_negotiated() {
    let device = card();
    let card = start(&device);
    // An address, the link's state; indirect descriptors, event index, version 1.
    assert_eq!(device.device().negotiated_features(), 1 << 5 | 1 << 16 | 1 << 28 | 1 << 29 | 1 << 32);
    let trace = device.trace();
    assert_eq!(trace.values(write("status")), [0, 3, 11, 15]);
    assert_eq!(trace.values(write("queue_num")), [QUEUE as u64; 2]);
    drop(card);
    traces::keep(&device.trace());
}

#[test]
fn both_queues_wrap() {
    let device = card();
    let mut card = start(&device);
    for number in 0..3 * QUEUE as u8 {
        card.send(TxBuffer::from(&[number; 60])).unwrap();
        arrive(&device, &[number ^ 0xff; 100]);
        assert_eq!(receive(&mut card), Ok(vec![number ^ 0xff; 100]));
    }
    let sent: Vec<_> = (0..3 * QUEUE as u8).map(|number| vec![number; 60]).collect();
    assert_eq!(device.device().backend().sent(), sent);
    drop(card);
    traces::keep(&device.trace());
}

#[test]
fn frames_wait_while_the_driver_has_no_buffer_for_them() {
    let device = card();
    let mut card = start(&device);
    for number in 0..QUEUE as u8 + 2 {
        arrive(&device, &[number; 64]);
    }
    assert_eq!(device.device().backend().waiting(), 2);
    for number in 0..QUEUE as u8 + 2 {
        assert_eq!(receive(&mut card), Ok(vec![number; 64]));
    }
    assert_eq!(receive(&mut card), Err(Error::NotReady));
    drop(card);
    traces::keep(&device.trace());
}

#[test]
fn a_device_that_returns_a_buffer_twice_is_found_out() {
    let device = card();
    let mut card = start(&device);
    arrive(&device, b"honest");
    let kept = card.receive().unwrap();
    device.device().forge_used(RECEIVE, 0, 64);
    arrive(&device, b"forged");
    assert_eq!(card.receive().err(), Some(Error::WrongToken));
    drop(kept);
}

#[test]
fn a_device_that_returns_less_than_a_header_is_found_out() {
    let device = card();
    let mut card = start(&device);
    device.device().forge_used(RECEIVE, 0, 11);
    arrive(&device, b"forged");
    assert_eq!(card.receive().err(), Some(Error::IoError));
}

/// "The driver can use the length to know how much was written" (VIRTIO 1.2, section 2.7.8), but a device that cannot
/// be trusted can write anything there. The driver takes it for what it is, and panics when somebody looks at the
/// frame.
#[test]
fn release_0_13_0_believes_a_length_beyond_its_buffer() {
    let device = card();
    let mut card = start(&device);
    device.device().forge_used(RECEIVE, 0, 1 << 20);
    arrive(&device, b"forged");
    let buffer = card.receive().unwrap();
    assert_eq!(buffer.packet_len(), (1 << 20) - 12, "the buffer has {BUFFER} bytes");
    assert!(catch_unwind(AssertUnwindSafe(|| buffer.packet().len())).is_err());
}

/// The same with the number of the buffer: the driver has an array of them, and indexes it.
#[test]
fn release_0_13_0_panics_when_there_is_no_such_buffer() {
    let device = card();
    let mut card = start(&device);
    device.device().forge_used(RECEIVE, QUEUE as u32, 64);
    arrive(&device, b"forged");
    let panic = catch_unwind(AssertUnwindSafe(|| card.receive().err())).expect_err("the index is out of bounds");
    let message = panic.downcast::<String>().unwrap();
    assert!(message.contains("the len is 4 but the index is 4"), "{message}");
}

#[test]
fn the_configuration_is_read_until_it_holds_still() {
    let device = card();
    drop(start(&device));
    assert_eq!(device.trace().values(read("config_generation")), [0, 0]);
}
