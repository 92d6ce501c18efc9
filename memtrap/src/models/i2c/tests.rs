//! What the specification promises.

use super::{I2cController, I2cEeprom, I2cRegisters};
use crate::{
    bus::{Bus, Region, typed},
    map::Width,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// Numbers of the registers: offsets in bytes where they are next to each other.
mod register {
    use super::super::block::i2c;

    pub(super) const PRER_LOW: usize = i2c::PRERLO_OFFSET;
    pub(super) const PRER_HIGH: usize = i2c::PRERHI_OFFSET;
    pub(super) const CTR: usize = i2c::CTR_OFFSET;
    /// Transmit register when written, receive register when read.
    pub(super) const TXR_RXR: usize = i2c::TXR_OFFSET;
    /// Command register when written, status register when read.
    pub(super) const CR_SR: usize = i2c::CR_OFFSET;
}

/// Bits of the control register (3.2.2).
mod ctr {
    pub(super) const EN: u8 = 1 << 7;
    pub(super) const IEN: u8 = 1 << 6;
}

/// Bits of the command register (3.2.5).
mod cr {
    pub(super) const STA: u8 = 1 << 7;
    pub(super) const STO: u8 = 1 << 6;
    pub(super) const RD: u8 = 1 << 5;
    pub(super) const WR: u8 = 1 << 4;
    /// Answer a byte that was read with "not acknowledged".
    pub(super) const NACK: u8 = 1 << 3;
    pub(super) const IACK: u8 = 1 << 0;
}

/// Bits of the status register (3.2.6).
mod sr {
    /// The target did not acknowledge.
    pub(super) const RX_NACK: u8 = 1 << 7;
    pub(super) const BUSY: u8 = 1 << 6;
    pub(super) const TIP: u8 = 1 << 1;
    pub(super) const IF: u8 = 1 << 0;
}

struct Fixture(Region<I2cController>);

impl Fixture {
    /// 100 kHz: 50 MHz / (5 * (99 + 1)).
    fn new(i2c: I2cController) -> Self {
        let size = i2c.size();
        let fixture = Self(Bus::new().map(size, i2c).unwrap());
        fixture.write(register::PRER_LOW, 99);
        fixture.write(register::PRER_HIGH, 0);
        fixture.write(register::CTR, ctr::EN);
        fixture
    }

    fn address(&self, register: usize) -> (usize, Width) {
        let stride = self.0.device().registers.stride;
        (self.0.base().addr() + register * stride.bytes(), stride)
    }

    fn read(&self, register: usize) -> u8 {
        let (address, width) = self.address(register);
        typed::read(address, width).expect("the address is simulated") as u8
    }

    fn write(&self, register: usize, value: u8) {
        let (address, width) = self.address(register);
        assert!(typed::write(address, width, value.into()), "the address is simulated");
    }

    /// Waits until a command is done, as a driver does; the status.
    fn command(&self, command: u8) -> u8 {
        self.write(register::CR_SR, command);
        while self.read(register::CR_SR) & sr::TIP != 0 {}
        self.read(register::CR_SR)
    }

    fn send(&self, byte: u8, command: u8) -> bool {
        self.write(register::TXR_RXR, byte);
        self.command(command | cr::WR) & sr::RX_NACK == 0
    }

    fn receive(&self, command: u8) -> u8 {
        self.command(command | cr::RD);
        self.read(register::TXR_RXR)
    }

    fn sleep(&self, time: Duration) {
        self.0.bus().clock().sleep(time);
    }
}

#[test]
fn registers_at_one_offset_have_names_of_their_own_however_far_apart() {
    for stride in [Width::U8, Width::U16, Width::U32, Width::U64] {
        let i2c = Fixture::new(I2cController::new().with_stride(stride));
        assert_eq!(i2c.0.device().size(), 5 * stride.bytes());
        assert!(!i2c.send(0xa0, cr::STA));
        let trace = i2c.0.bus().trace();
        assert_eq!([trace.writes("txr").values(), trace.writes("cr").values()], [[0xa0], [0x90]]);
        assert_eq!(trace.reads("sr").values().last(), Some(&0xc1));
        assert_eq!(trace.reads("cr").len(), 0);
    }
}

fn with_eeprom() -> Fixture {
    Fixture::new(I2cController::new().with_target(0x50, I2cEeprom::new((0..=255).collect())))
}

#[test]
fn a_byte_takes_nine_periods() {
    let i2c = with_eeprom();
    i2c.write(register::TXR_RXR, 0xa0);
    i2c.write(register::CR_SR, cr::STA | cr::WR);
    assert_eq!(i2c.read(register::CR_SR), sr::TIP);
    i2c.sleep(Duration::from_micros(89));
    assert_eq!(i2c.read(register::CR_SR), sr::TIP);
    i2c.sleep(Duration::from_micros(1));
    assert_eq!(i2c.read(register::CR_SR), sr::BUSY | sr::IF);
    assert_eq!(i2c.command(cr::STO | cr::IACK), sr::IF);
}

#[test]
fn nobody_acknowledges_for_a_target_that_is_not_there() {
    let i2c = with_eeprom();
    assert!(!i2c.send(0x51 << 1, cr::STA));
    assert_eq!(i2c.receive(cr::NACK), 0xff);
    i2c.command(cr::STO);
    assert!(i2c.send(0x50 << 1, cr::STA));
}

#[test]
fn an_eeprom_reads_on_and_writes_pages() {
    let i2c = with_eeprom();
    assert!(i2c.send(0xa0, cr::STA) && i2c.send(0xfe, 0));
    assert!(i2c.send(0xa1, cr::STA), "a repeated START keeps the address");
    assert_eq!([i2c.receive(0), i2c.receive(0), i2c.receive(cr::NACK | cr::STO)], [0xfe, 0xff, 0x00]);

    assert!(i2c.send(0xa0, cr::STA) && i2c.send(0x16, 0));
    for byte in [1, 2, 3] {
        assert!(i2c.send(byte, 0));
    }
    i2c.command(cr::STO);
    let mut device = i2c.0.device();
    let eeprom: &mut I2cEeprom = device.target(0x50).expect("it is one");
    assert_eq!(eeprom.bytes()[0x10..0x18], [3, 0x11, 0x12, 0x13, 0x14, 0x15, 1, 2], "the third wraps round");
    drop(device);
    assert!(!i2c.send(0xa0, cr::STA), "the write cycle");
    i2c.command(cr::STO);
    i2c.sleep(I2cEeprom::WRITE_CYCLE);
    assert!(i2c.send(0xa0, cr::STA));
}

#[test]
fn a_sensor_is_a_file_of_registers() {
    let sensor = I2cRegisters::new().with(0x00, &[0x19, 0x80]).with(0x0f, &[0x75]);
    let i2c = Fixture::new(I2cController::new().with_stride(Width::U32).with_target(0x48, sensor));
    assert!(i2c.send(0x90, cr::STA) && i2c.send(0x00, 0) && i2c.send(0x91, cr::STA));
    assert_eq!([i2c.receive(0), i2c.receive(cr::NACK | cr::STO)], [0x19, 0x80]);
    assert!(i2c.send(0x90, cr::STA) && i2c.send(0x01, 0) && i2c.send(0x60, cr::STO));
    assert_eq!(i2c.0.device().target::<I2cRegisters>(0x48).expect("it is one").get(1), 0x60);
    let trace = i2c.0.bus().trace().to_string();
    assert!(trace.contains("W i2c.cr      0x00000090  {write start}\n"), "{trace}");
    assert!(trace.contains("R i2c.rxr     0x00000019\n"), "{trace}");
}

#[test]
fn the_interrupt_says_that_a_command_is_done() {
    let i2c = Fixture::new(I2cController::new().with_interrupt(4).with_target(0x50, I2cEeprom::new(vec![0; 8])));
    let bus = i2c.0.bus();
    i2c.write(register::CTR, ctr::EN | ctr::IEN);
    i2c.send(0xa0, cr::STA);
    assert!(bus.is_interrupt_pending(4));
    i2c.write(register::CR_SR, cr::IACK);
    assert!(!bus.is_interrupt_pending(4));
    assert_eq!(i2c.read(register::CR_SR), sr::BUSY);
}

#[test]
fn a_driver_that_does_not_wait_fails_its_test() {
    let i2c = with_eeprom();
    i2c.write(register::CR_SR, cr::STA | cr::WR);
    let panic = catch_unwind(AssertUnwindSafe(|| i2c.write(register::CR_SR, cr::WR))).expect_err("it is reported");
    let report = panic.downcast::<String>().expect("reports are strings");
    assert!(report.contains("SR.TIP says when it is done"), "{report}");
}

#[test]
fn the_prescaler_is_set_while_the_controller_is_off() {
    let i2c = with_eeprom();
    i2c.write(register::PRER_LOW, 9);
    assert_eq!(i2c.read(register::PRER_LOW), 99);
    i2c.write(register::CTR, 0);
    i2c.write(register::PRER_LOW, 9);
    assert_eq!(i2c.read(register::PRER_LOW), 9);
    assert_eq!(i2c.command(cr::STA), 0, "a controller that is off does nothing");
}
