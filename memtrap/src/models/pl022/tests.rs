//! What the manual promises.

use super::{
    Pl022, SpiTarget,
    registers::{cr1, interrupt, offset, sr},
};
use crate::{
    bus::{Bus, Region, typed},
    map::Width,
};
use std::time::Duration;

struct Fixture(Region<Pl022>);

impl Fixture {
    /// 8-bit frames at 1 MHz: 48 MHz / (2 * (1 + 23)).
    fn new(spi: Pl022) -> Self {
        let fixture = Self(Bus::new().map(0x1000, spi).unwrap());
        fixture.write(offset::CPSR, 2);
        fixture.write(offset::CR0, 23 << 8 | 7);
        fixture.write(offset::CR1, cr1::SSE);
        fixture
    }

    fn read(&self, register: usize) -> u32 {
        typed::read(self.0.base().addr() + register, Width::U32).expect("the address is simulated") as u32
    }

    fn write(&self, register: usize, value: u32) {
        let address = self.0.base().addr() + register;
        assert!(typed::write(address, Width::U32, value.into()), "the address is simulated");
    }

    fn sleep(&self, microseconds: u64) {
        self.0.bus().clock().sleep(Duration::from_micros(microseconds));
    }
}

/// Answers each frame with its complement.
#[derive(Default)]
struct Complement(Vec<u16>);

impl SpiTarget for Complement {
    fn transfer(&mut self, sent: u16, _bits: u32) -> u16 {
        self.0.push(sent);
        !sent
    }
}

#[test]
fn frames_go_both_ways_and_take_their_time() {
    let spi = Fixture::new(Pl022::new().with_target(Complement::default()));
    assert_eq!(spi.0.device().frame_time(), Some(Duration::from_micros(8)));
    spi.write(offset::DR, 0x5a);
    assert_eq!(spi.read(offset::SR), sr::TFE | sr::TNF | sr::BSY);
    spi.sleep(7);
    assert_eq!(spi.read(offset::SR) & sr::RNE, 0);
    spi.sleep(1);
    assert_eq!(spi.read(offset::SR), sr::TFE | sr::TNF | sr::RNE);
    assert_eq!(spi.read(offset::DR), 0xa5);
    assert_eq!(spi.read(offset::SR), sr::TFE | sr::TNF);
    assert_eq!(spi.0.device().exchanged(), [(0x5a, 0xa5)]);
    assert_eq!(spi.0.device().target::<Complement>().expect("it is one").0, [0x5a]);
    assert!(spi.0.device().target::<Pair>().is_none());
}

struct Pair;

impl SpiTarget for Pair {
    fn transfer(&mut self, _sent: u16, _bits: u32) -> u16 {
        0
    }
}

#[test]
fn loopback_disconnects_the_target() {
    let spi = Fixture::new(Pl022::new().with_target(Complement::default()));
    spi.write(offset::CR0, 23 << 8 | 15);
    spi.write(offset::CR1, cr1::SSE | cr1::LBM);
    spi.write(offset::DR, 0xbeef);
    spi.sleep(20);
    assert_eq!(spi.read(offset::DR), 0xbeef);
    assert_eq!(spi.0.device().target::<Complement>().expect("it is one").0, []);
}

#[test]
fn nothing_moves_while_the_port_is_off_or_has_no_clock() {
    let spi = Fixture::new(Pl022::new());
    spi.write(offset::CR1, 0);
    spi.write(offset::DR, 1);
    spi.sleep(100);
    assert_eq!(spi.read(offset::SR), sr::TNF | sr::BSY);
    spi.write(offset::CPSR, 0);
    spi.write(offset::CR1, cr1::SSE);
    spi.sleep(100);
    assert_eq!(spi.read(offset::SR), sr::TNF | sr::BSY);
    spi.write(offset::CPSR, 2);
    spi.sleep(8);
    assert_eq!(spi.read(offset::DR), 0xff, "nobody drives the line");
}

#[test]
fn interrupts_follow_the_fifos() {
    let spi = Fixture::new(Pl022::new().with_interrupt(11));
    let bus = spi.0.bus();
    assert_eq!(spi.read(offset::RIS), interrupt::TX);
    assert!(!bus.is_interrupt_pending(11), "it is masked");
    spi.write(offset::IMSC, interrupt::TX);
    assert!(bus.is_interrupt_pending(11));
    for frame in 0..6 {
        spi.write(offset::DR, frame);
    }
    assert!(!bus.is_interrupt_pending(11), "one is being shifted, five wait");
    spi.write(offset::IMSC, interrupt::RX | interrupt::RT);
    spi.sleep(8 * 4);
    assert_eq!(spi.read(offset::MIS), interrupt::RX);
    spi.sleep(8 * 2 + 33);
    assert_eq!(spi.read(offset::MIS), interrupt::RX | interrupt::RT, "nobody has read for 32 bit periods");
    spi.write(offset::ICR, interrupt::RT);
    assert_eq!(spi.read(offset::MIS), interrupt::RX);
    for _ in 0..3 {
        spi.read(offset::DR);
    }
    assert!(!bus.is_interrupt_pending(11), "three are left");
}

#[test]
fn frames_that_find_no_room_are_lost() {
    let spi = Fixture::new(Pl022::new());
    for frame in 0..8 {
        spi.write(offset::DR, frame);
    }
    spi.sleep(100);
    assert_eq!(spi.read(offset::SR) & sr::RFF, sr::RFF);
    assert_eq!(spi.read(offset::RIS) & interrupt::ROR, 0);
    spi.write(offset::DR, 8);
    spi.sleep(100);
    assert_eq!(spi.read(offset::RIS) & interrupt::ROR, interrupt::ROR);
    spi.write(offset::ICR, interrupt::ROR);
    assert_eq!(spi.read(offset::RIS) & interrupt::ROR, 0);
    spi.write(offset::CR1, 0);
    for frame in 0..9 {
        spi.write(offset::DR, frame);
    }
    let trace = spi.0.bus().trace().to_string();
    assert!(trace.contains("0x8 is lost: the transmit FIFO is full"), "{trace}");
}

#[test]
fn a_driver_recognises_it() {
    let spi = Fixture::new(Pl022::new());
    let identification: Vec<_> = (0..8).map(|index| spi.read(offset::ID + 4 * index)).collect();
    assert_eq!(identification, [0x22, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1]);
}
