//! What the data sheet promises, seen through the trapped or the typed door of a bus.

use super::{ModemInputs, Uart16550};
use crate::{
    bus::{Bus, Region, typed},
    map::Width,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// Numbers of the registers: offsets in bytes where they are next to each other.
mod offset {
    use super::super::block::uart16550;

    /// RBR and THR; DLL while DLAB is set.
    pub(super) const DATA: usize = uart16550::RBR_OFFSET;
    /// DLM while DLAB is set.
    pub(super) const IER: usize = uart16550::IER_OFFSET;
    /// IIR when read, FCR when written.
    pub(super) const IIR_FCR: usize = uart16550::IIR_OFFSET;
    pub(super) const LCR: usize = uart16550::LCR_OFFSET;
    pub(super) const MCR: usize = uart16550::MCR_OFFSET;
    pub(super) const LSR: usize = uart16550::LSR_OFFSET;
    pub(super) const MSR: usize = uart16550::MSR_OFFSET;
    pub(super) const SCR: usize = uart16550::SCR_OFFSET;
}

/// A UART on a bus of its own.
struct Fixture(Region<Uart16550>);

impl Fixture {
    /// At 115,200 baud, 8N1: 86.8 us a character. The FIFOs are on, with a trigger level of 8.
    fn new(uart: Uart16550) -> Self {
        let size = uart.size();
        let fixture = Self(Bus::new().map(size, uart).unwrap());
        fixture.write(offset::LCR, 0x83);
        fixture.write(offset::DATA, 1);
        fixture.write(offset::IER, 0);
        fixture.write(offset::LCR, 0x03);
        fixture.write(offset::IIR_FCR, 0x87);
        fixture
    }

    fn address(&self, register: usize) -> (usize, Width) {
        let width = self.0.device().registers.stride;
        (self.0.base().addr() + register * width.bytes(), width)
    }

    fn read(&self, register: usize) -> u64 {
        let (address, width) = self.address(register);
        typed::read(address, width).expect("the address is simulated")
    }

    fn write(&self, register: usize, value: u64) {
        let (address, width) = self.address(register);
        assert!(typed::write(address, width, value), "the address is simulated");
    }

    fn sleep(&self, microseconds: u64) {
        self.0.bus().clock().sleep(Duration::from_micros(microseconds));
    }

    fn arrive(&self, bytes: &[u8]) {
        self.0.stimulate(|uart, cx| uart.receive(bytes, cx));
        self.sleep(87 * bytes.len() as u64);
    }
}

#[test]
fn characters_take_their_time() {
    let uart = Fixture::new(Uart16550::new());
    assert_eq!(uart.0.device().character_time(), Some(Duration::from_nanos(86_805)));
    uart.write(offset::DATA, u64::from(b'a'));
    assert_eq!(uart.read(offset::LSR), 0x20, "the holding register is empty, the shift register is not");
    uart.sleep(80);
    assert_eq!(uart.0.device().sent(), b"");
    uart.sleep(7);
    assert_eq!(uart.0.device().sent(), b"a");
    assert_eq!(uart.read(offset::LSR), 0x60);
    // Seven data bits, even parity and two stop bits at 9600 baud: 11 bits.
    uart.write(offset::LCR, 0x9e);
    uart.write(offset::DATA, 12);
    assert_eq!(uart.0.device().character_time(), Some(Duration::from_nanos(1_145_833)));
}

#[test]
fn without_a_divisor_nothing_is_sent() {
    let uart = Fixture::new(Uart16550::new());
    uart.write(offset::LCR, 0x83);
    uart.write(offset::DATA, 0);
    uart.write(offset::LCR, 0x03);
    uart.write(offset::DATA, 1);
    uart.sleep(10_000);
    assert_eq!(uart.read(offset::LSR), 0);
    assert_eq!(uart.0.device().character_time(), None);
}

#[test]
fn the_fifo_takes_sixteen_bytes_and_the_shift_register_one() {
    let uart = Fixture::new(Uart16550::new());
    for byte in 0..18 {
        uart.write(offset::DATA, byte);
    }
    uart.sleep(20 * 87);
    assert_eq!(uart.0.device().sent(), (0..17).collect::<Vec<u8>>());
    assert!(uart.0.trace().to_string().contains("0x11 is lost: the transmitter is full"));
}

#[test]
fn data_arrives_and_overruns() {
    let uart = Fixture::new(Uart16550::new());
    uart.arrive(&[7; 16]);
    assert_eq!(uart.read(offset::LSR), 0x61);
    uart.arrive(b"!");
    assert_eq!(uart.read(offset::LSR), 0x63, "an overrun");
    assert_eq!(uart.read(offset::LSR), 0x61, "reading cleared it");
    for _ in 0..16 {
        assert_eq!(uart.read(offset::DATA), 7);
    }
    assert_eq!(uart.read(offset::LSR), 0x60, "a full FIFO keeps what it has");
    // Without the FIFO, the last byte stays.
    uart.write(offset::IIR_FCR, 0);
    uart.arrive(b"ab");
    assert_eq!(uart.read(offset::LSR), 0x63);
    assert_eq!(uart.read(offset::DATA), u64::from(b'b'));
}

#[test]
fn interrupts_are_identified_in_the_order_of_their_priority() {
    let uart = Fixture::new(Uart16550::new().with_interrupt(4));
    let pending = || uart.0.bus().is_interrupt_pending(4);
    assert_eq!(uart.read(offset::IIR_FCR), 0xc1);
    uart.write(offset::IER, 0x0f);
    uart.arrive(&[0; 17]);
    let away = ModemInputs { cts: false, ..ModemInputs::default() };
    uart.0.stimulate(|uart, cx| uart.set_modem_inputs(away, cx));
    assert!(pending());
    assert_eq!(uart.read(offset::IIR_FCR), 0xc6, "line status");
    assert_eq!(uart.read(offset::LSR) & 0x02, 0x02);
    assert_eq!(uart.read(offset::IIR_FCR), 0xc4, "received data");
    for _ in 0..9 {
        uart.read(offset::DATA);
    }
    assert_eq!(uart.read(offset::IIR_FCR), 0xc2, "transmitter empty, since it was enabled");
    assert_eq!(uart.read(offset::IIR_FCR), 0xc0, "modem status");
    assert_eq!(uart.read(offset::MSR), 0xa1);
    assert_eq!(uart.read(offset::IIR_FCR), 0xc1);
    assert!(!pending());
    // Seven bytes are below the trigger level; four characters later they time out.
    uart.sleep(4 * 87);
    assert!(pending());
    assert_eq!(uart.read(offset::IIR_FCR), 0xcc);
    uart.read(offset::DATA);
    assert!(!pending());
}

#[test]
fn loopback_connects_outputs_to_inputs() {
    let uart = Fixture::new(Uart16550::new());
    assert_eq!(uart.read(offset::MSR), 0xb0);
    uart.write(offset::MCR, 0x1a);
    assert_eq!(uart.read(offset::MSR), 0x92, "RTS and OUT2 are CTS and DCD now, and DSR has changed");
    uart.write(offset::DATA, 0x55);
    uart.arrive(b"from outside");
    assert_eq!(uart.read(offset::DATA), 0x55);
    assert_eq!(uart.read(offset::LSR), 0x60);
    assert_eq!(uart.0.device().sent(), b"");
}

#[test]
fn registers_may_be_apart() {
    let uart = Fixture::new(Uart16550::new().with_stride(Width::U32));
    uart.write(offset::SCR, 0x1234_56a5);
    assert_eq!(uart.read(offset::SCR), 0xa5);
    assert_eq!(uart.0.trace().count(crate::trace::write("scr")), 1);
    let between = uart.0.base().addr() + 2;
    let refused = catch_unwind(AssertUnwindSafe(|| typed::read(between, Width::U8)));
    assert!(refused.is_err(), "there is nothing between two registers");
}

#[test]
fn a_reset_keeps_what_is_soldered() {
    let uart = Fixture::new(Uart16550::new().with_interrupt(4).with_clock(1_000_000));
    uart.write(offset::IER, 0x02);
    assert!(uart.0.bus().is_interrupt_pending(4));
    uart.0.stimulate(crate::bus::Device::reset);
    assert!(!uart.0.bus().is_interrupt_pending(4));
    assert_eq!(uart.read(offset::IER), 0);
    assert_eq!(uart.0.device().registers.file.model.clock, 1_000_000);
}
