//! What the manual promises.

use super::{FrameControl, Interrupts, Pl022, Pl022Controller, PortControl, Prescaler, SpiTarget, Status, pl022};
use crate::{
    Simulation,
    bus::{Bus, typed},
    map::Width,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

struct Fixture {
    sim: Simulation<Pl022, Pl022Controller>,
    regs: Pl022,
}

const ENABLED: PortControl = PortControl::new().with_enable(true);

impl Fixture {
    /// 8-bit frames at 1 MHz: 48 MHz / (2 * (1 + 23)).
    fn new(spi: Pl022Controller) -> Self {
        let sim = Bus::new().simulate::<Pl022, _>(spi).unwrap();
        let mut regs = sim.regs();
        regs.cpsr().write(Prescaler::new().with_half_divisor(1));
        regs.cr0().write(FrameControl::new().with_data_size(7).with_clock_rate(23));
        regs.cr1().write(ENABLED);
        Self { sim, regs }
    }

    fn sleep(&self, microseconds: u64) {
        self.sim.bus().clock().sleep(Duration::from_micros(microseconds));
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
    let mut spi = Fixture::new(Pl022Controller::new().with_target(Complement::default()));
    assert_eq!(spi.sim.model().frame_time(), Some(Duration::from_micros(8)));
    spi.regs.dr().write(0x5a);
    assert_eq!(spi.regs.sr().read(), Status::new().with_tx_empty(true).with_tx_not_full(true).with_busy(true));
    spi.sleep(7);
    assert!(!spi.regs.sr().read().rx_not_empty());
    spi.sleep(1);
    assert_eq!(spi.regs.sr().read(), Status::new().with_tx_empty(true).with_tx_not_full(true).with_rx_not_empty(true));
    assert_eq!(spi.regs.dr().read(), 0xa5);
    assert_eq!(spi.regs.sr().read(), Status::new().with_tx_empty(true).with_tx_not_full(true));
    assert_eq!(spi.sim.model().exchanged(), [(0x5a, 0xa5)]);
    assert_eq!(spi.sim.model().target::<Complement>().expect("it is one").0, [0x5a]);
    assert!(spi.sim.model().target::<Pair>().is_none());
}

struct Pair;

impl SpiTarget for Pair {
    fn transfer(&mut self, _sent: u16, _bits: u32) -> u16 {
        0
    }
}

#[test]
fn loopback_disconnects_the_target() {
    let mut spi = Fixture::new(Pl022Controller::new().with_target(Complement::default()));
    spi.regs.cr0().modify(|cr0| cr0.with_data_size(15));
    spi.regs.cr1().write(ENABLED.with_loopback(true));
    spi.regs.dr().write(0xbeef);
    spi.sleep(20);
    assert_eq!(spi.regs.dr().read(), 0xbeef);
    assert_eq!(spi.sim.model().target::<Complement>().expect("it is one").0, []);
}

#[test]
fn nothing_moves_while_the_port_is_off_or_has_no_clock() {
    let mut spi = Fixture::new(Pl022Controller::new());
    spi.regs.cr1().write(PortControl::new());
    spi.regs.dr().write(1);
    spi.sleep(100);
    assert_eq!(spi.regs.sr().read(), Status::new().with_tx_not_full(true).with_busy(true));
    spi.regs.cpsr().write(Prescaler::new());
    spi.regs.cr1().write(ENABLED);
    spi.sleep(100);
    assert_eq!(spi.regs.sr().read(), Status::new().with_tx_not_full(true).with_busy(true));
    spi.regs.cpsr().write(Prescaler::new().with_half_divisor(1));
    spi.sleep(8);
    assert_eq!(spi.regs.dr().read(), 0xff, "nobody drives the line");
}

#[test]
fn interrupts_follow_the_fifos() {
    let mut spi = Fixture::new(Pl022Controller::new().with_interrupt(11));
    let bus = spi.sim.bus();
    assert_eq!(spi.regs.ris().read(), Interrupts::new().with_transmit(true));
    assert!(!bus.is_interrupt_pending(11), "it is masked");
    spi.regs.imsc().write(Interrupts::new().with_transmit(true));
    assert!(bus.is_interrupt_pending(11));
    for frame in 0..6 {
        spi.regs.dr().write(frame);
    }
    assert!(!bus.is_interrupt_pending(11), "one is being shifted, five wait");
    spi.regs.imsc().write(Interrupts::new().with_receive(true).with_receive_timeout(true));
    spi.sleep(8 * 4);
    assert_eq!(spi.regs.mis().read(), Interrupts::new().with_receive(true));
    spi.sleep(8 * 2 + 33);
    assert_eq!(
        spi.regs.mis().read(),
        Interrupts::new().with_receive(true).with_receive_timeout(true),
        "nobody has read for 32 bit periods"
    );
    spi.regs.icr().clear(Interrupts::new().with_receive_timeout(true));
    assert_eq!(spi.regs.mis().read(), Interrupts::new().with_receive(true));
    for _ in 0..3 {
        spi.regs.dr().read();
    }
    assert!(!bus.is_interrupt_pending(11), "three are left");
}

#[test]
fn frames_that_find_no_room_are_lost() {
    let mut spi = Fixture::new(Pl022Controller::new());
    for frame in 0..8 {
        spi.regs.dr().write(frame);
    }
    spi.sleep(100);
    assert!(spi.regs.sr().read().rx_full());
    assert!(!spi.regs.ris().read().overrun());
    spi.regs.dr().write(8);
    spi.sleep(100);
    assert!(spi.regs.ris().read().overrun());
    spi.regs.icr().clear(Interrupts::new().with_overrun(true));
    assert!(!spi.regs.ris().read().overrun());
    spi.regs.cr1().write(PortControl::new());
    for frame in 0..9 {
        spi.regs.dr().write(frame);
    }
    let trace = spi.sim.bus().trace().to_string();
    assert!(trace.contains("0x8 is lost: the transmit FIFO is full"), "{trace}");
}

#[test]
fn a_half_word_reaches_a_register_and_a_byte_only_the_data() {
    let spi = Fixture::new(Pl022Controller::new());
    let at = |offset| spi.sim.base().addr() + offset;
    assert!(typed::write(at(pl022::DR_OFFSET), Width::U8, 0x5a));
    assert_eq!(typed::read(at(pl022::SR_OFFSET), Width::U16), Some(0x13), "the frame is on its way");
    let refused = catch_unwind(AssertUnwindSafe(|| typed::write(at(pl022::CR1_OFFSET), Width::U8, 0)));
    assert!(refused.is_err(), "the control registers have 16 bits");
}

#[test]
fn a_driver_recognises_it() {
    let spi = Fixture::new(Pl022Controller::new());
    let register = |offset| typed::read(spi.sim.base().addr() + offset, Width::U32).expect("the address is simulated");
    let identification: Vec<_> = (0..8).map(|index| register(0xfe0 + 4 * index)).collect();
    assert_eq!(identification, [0x22, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1]);
}
