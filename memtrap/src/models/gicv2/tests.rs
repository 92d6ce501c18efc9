//! What the specification promises.

use super::{
    GicCpuInterface, GicDistributor, GicV2,
    block::{gicc, gicd},
};
use crate::{
    bus::{Bus, Region, typed},
    map::Width,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const IRQ: u32 = 0;
const FIQ: u32 = 1;
/// Two SPIs.
const UART: usize = 33;
const TIMER: usize = 40;

struct Fixture {
    bus: Bus,
    gic: GicV2,
    distributor: Region<GicDistributor>,
    cpu_interface: Region<GicCpuInterface>,
}

impl Fixture {
    /// Both groups forwarded and enabled, nothing masked, the SPIs enabled with priorities 0x80 and 0x40.
    fn new() -> Self {
        let bus = Bus::new();
        let gic = GicV2::new(64).with_irq(IRQ).with_fiq(FIQ);
        let distributor = bus.map(0x1000, gic.distributor()).unwrap();
        let cpu_interface = bus.map(0x2000, gic.cpu_interface()).unwrap();
        let fixture = Self { bus, gic, distributor, cpu_interface };
        fixture.write_gicd(gicd::CTLR_OFFSET, 3);
        fixture.write_gicc(gicc::CTLR_OFFSET, 3);
        fixture.write_gicc(gicc::PMR_OFFSET, 0xff);
        fixture.write_gicd(gicd::ISENABLER_OFFSET + 4, 1 << (UART - 32) | 1 << (TIMER - 32));
        fixture.set_priority(UART, 0x80);
        fixture.set_priority(TIMER, 0x40);
        fixture
    }

    fn read(&self, address: usize) -> u64 {
        typed::read(address, Width::U32).expect("the address is simulated")
    }

    fn read_gicd(&self, offset: usize) -> u64 {
        self.read(self.distributor.base().addr() + offset)
    }

    fn read_gicc(&self, offset: usize) -> u64 {
        self.read(self.cpu_interface.base().addr() + offset)
    }

    fn write_gicd(&self, offset: usize, value: u64) {
        assert!(typed::write(self.distributor.base().addr() + offset, Width::U32, value));
    }

    fn write_gicc(&self, offset: usize, value: u64) {
        assert!(typed::write(self.cpu_interface.base().addr() + offset, Width::U32, value));
    }

    fn set_priority(&self, id: usize, priority: u64) {
        assert!(typed::write(self.distributor.base().addr() + gicd::IPRIORITYR_OFFSET + id, Width::U8, priority));
    }

    fn set_line(&self, id: usize, level: bool) {
        self.distributor.stimulate(|distributor, cx| distributor.set_line(id, level, cx));
    }

    /// The report of what the driver should not do.
    fn report(&self, work: impl FnOnce(&Self)) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| work(self))).expect_err("that is not permitted");
        *panic.downcast::<String>().unwrap()
    }
}

#[test]
fn an_interrupt_is_acknowledged_once_and_ended_once() {
    let gic = Fixture::new();
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 1023);
    gic.set_line(UART, true);
    assert!(gic.bus.is_interrupt_pending(IRQ));
    assert_eq!(gic.read_gicc(gicc::HPPIR_OFFSET), 33);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 33);
    assert!(gic.gic.is_active(UART) && !gic.bus.is_interrupt_pending(IRQ));
    assert_eq!(gic.read_gicc(gicc::RPR_OFFSET), 0x80);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 1023);
    gic.set_line(UART, false);
    gic.write_gicc(gicc::EOIR_OFFSET, 33);
    assert!(!gic.gic.is_active(UART) && !gic.gic.is_pending(UART));
    assert_eq!(gic.read_gicc(gicc::RPR_OFFSET), 0xff);
}

#[test]
fn a_level_that_stays_is_signalled_again_and_an_edge_is_not() {
    let gic = Fixture::new();
    gic.write_gicd(gicd::ICFGR_OFFSET + 8, 0b10 << (2 * (TIMER - 32)));
    for (id, again) in [(UART, true), (TIMER, false)] {
        gic.set_line(id, true);
        assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), id as u64);
        gic.write_gicc(gicc::EOIR_OFFSET, id as u64);
        assert_eq!(gic.gic.is_pending(id), again);
        gic.set_line(id, false);
        assert!(!gic.gic.is_pending(id));
    }
}

#[test]
fn the_more_urgent_interrupt_preempts_and_the_other_waits() {
    let gic = Fixture::new();
    gic.set_line(UART, true);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 33);
    gic.set_line(TIMER, true);
    assert!(gic.bus.is_interrupt_pending(IRQ));
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 40);
    let report = gic.report(|gic| gic.write_gicc(gicc::EOIR_OFFSET, 33));
    assert!(report.contains("interrupt 33 is ended while 40 is handled"), "{report}");
    gic.write_gicc(gicc::EOIR_OFFSET, 40);
    assert_eq!(
        gic.read_gicc(gicc::RPR_OFFSET),
        0x80,
        "the timer has priority 0x40 and is pending, so it preempts again"
    );
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 40);
    // With all bits below the binary point, nothing preempts.
    gic.set_line(TIMER, false);
    gic.write_gicc(gicc::EOIR_OFFSET, 40);
    gic.write_gicc(gicc::EOIR_OFFSET, 33);
    gic.write_gicc(gicc::BPR_OFFSET, 7);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 33);
    gic.set_line(TIMER, true);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 1023);
}

#[test]
fn masked_disabled_and_unforwarded_interrupts_stay_pending() {
    let gic = Fixture::new();
    gic.write_gicc(gicc::PMR_OFFSET, 0x80);
    gic.set_line(UART, true);
    assert!(!gic.bus.is_interrupt_pending(IRQ), "a priority must be higher than the mask");
    gic.write_gicc(gicc::PMR_OFFSET, 0x88);
    assert!(gic.bus.is_interrupt_pending(IRQ));
    gic.write_gicd(gicd::ICENABLER_OFFSET + 4, 1 << (UART - 32));
    assert!(!gic.bus.is_interrupt_pending(IRQ) && gic.gic.is_pending(UART));
    assert!(gic.gic.is_enabled(TIMER), "writing a one disables that one only");
    gic.write_gicd(gicd::ISENABLER_OFFSET + 4, 1 << (UART - 32));
    gic.write_gicd(gicd::CTLR_OFFSET, 2);
    assert!(!gic.bus.is_interrupt_pending(IRQ));
}

#[test]
fn groups_have_registers_and_outputs_of_their_own() {
    let gic = Fixture::new();
    gic.write_gicc(gicc::CTLR_OFFSET, 0b1011);
    gic.write_gicd(gicd::IGROUPR_OFFSET + 4, 1 << (UART - 32));
    gic.set_line(UART, true);
    assert!(gic.bus.is_interrupt_pending(IRQ) && !gic.bus.is_interrupt_pending(FIQ));
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 1022, "IAR does not acknowledge group 1");
    gic.set_line(TIMER, true);
    assert!(!gic.bus.is_interrupt_pending(IRQ) && gic.bus.is_interrupt_pending(FIQ));
    assert_eq!(gic.read_gicc(gicc::AIAR_OFFSET), 1023, "AIAR does not acknowledge group 0");
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 40);
    gic.set_line(TIMER, false);
    gic.write_gicc(gicc::EOIR_OFFSET, 40);
    assert_eq!(gic.read_gicc(gicc::AIAR_OFFSET), 33);
    gic.write_gicc(gicc::AEOIR_OFFSET, 33);
}

#[test]
fn priority_drop_and_deactivation_may_be_apart() {
    let gic = Fixture::new();
    gic.write_gicc(gicc::CTLR_OFFSET, 0x203);
    gic.set_line(UART, true);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 33);
    gic.write_gicc(gicc::EOIR_OFFSET, 33);
    assert_eq!(gic.read_gicc(gicc::RPR_OFFSET), 0xff);
    assert!(gic.gic.is_active(UART) && !gic.bus.is_interrupt_pending(IRQ));
    gic.write_gicc(gicc::DIR_OFFSET, 33);
    assert!(gic.bus.is_interrupt_pending(IRQ), "the level is still there");
}

#[test]
fn software_sends_interrupts_to_itself() {
    let gic = Fixture::new();
    gic.write_gicd(gicd::ISENABLER_OFFSET, 0x8);
    gic.write_gicd(gicd::SGIR_OFFSET, 0x0100_0003);
    assert!(!gic.gic.is_pending(3), "to all others, of which there are none");
    gic.write_gicd(gicd::SGIR_OFFSET, 0x0200_0003);
    assert_eq!(gic.read_gicd(gicd::ISPENDR_OFFSET), 0x8);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 3);
    let report = gic.report(|gic| gic.write_gicc(gicc::AEOIR_OFFSET, 3));
    assert!(report.contains("AEOIR ends those of group 1"), "{report}");
    gic.write_gicc(gicc::EOIR_OFFSET, 3);
}

#[test]
fn what_is_not_there_reads_as_zero() {
    let gic = Fixture::new();
    assert_eq!(gic.read_gicd(gicd::TYPER_OFFSET), 1);
    gic.write_gicd(gicd::ISENABLER_OFFSET + 8, 0xffff_ffff);
    assert_eq!(gic.read_gicd(gicd::ISENABLER_OFFSET + 8), 0);
    gic.write_gicd(gicd::IPRIORITYR_OFFSET + 32, 0xffff_ffff);
    assert_eq!(gic.read_gicd(gicd::IPRIORITYR_OFFSET + 32), 0xf8f8_f8f8, "five bits are implemented");
    assert_eq!(gic.read_gicd(gicd::ICFGR_OFFSET), 0xaaaa_aaaa, "SGIs are edge-triggered");
    assert_eq!((gic.read_gicd(gicd::PIDR2_OFFSET) >> 4) & 0xf, 2);
    let report = gic.report(|gic| gic.write_gicd(0x40, 0));
    assert!(report.contains("no register is mapped"), "{report}");
}

#[test]
fn a_reset_of_either_region_is_one_of_the_controller() {
    let gic = Fixture::new();
    gic.set_line(UART, true);
    assert_eq!(gic.read_gicc(gicc::IAR_OFFSET), 33);
    gic.cpu_interface.reset();
    assert!(!gic.gic.is_enabled(UART) && !gic.gic.is_active(UART));
    assert_eq!((gic.read_gicd(gicd::CTLR_OFFSET), gic.read_gicc(gicc::RPR_OFFSET)), (0, 0xff));
    assert!(gic.gic.is_pending(UART), "the device still asserts the input");
}

#[test]
fn only_registers_with_a_byte_for_each_interrupt_answer_bytes() {
    let gic = Fixture::new();
    let at = |offset| gic.distributor.base().addr() + offset;
    assert_eq!(typed::read(at(gicd::IPRIORITYR_OFFSET + UART), Width::U8), Some(0x80));
    let report = gic.report(|_| assert!(typed::write(at(gicd::ISENABLER_OFFSET + 4), Width::U8, 2)));
    assert!(report.contains("gicd.isenabler[1]"), "{report}");
    let report = gic.report(|_| assert!(typed::read(at(gicd::IPRIORITYR_OFFSET + 2), Width::U16).is_none()));
    assert!(report.contains("gicd.ipriorityr[2]"), "{report}");
}

#[test]
#[should_panic(expected = "there are 64 interrupts, and none with ID 64")]
fn an_interrupt_that_is_not_there_has_no_input() {
    Fixture::new().set_line(64, true);
}

#[test]
fn sgis_are_made_pending_by_registers_of_their_own() {
    let gic = Fixture::new();
    let sgi = |offset: usize, cpus| assert!(typed::write(gic.distributor.base().addr() + offset + 3, Width::U8, cpus));
    gic.write_gicd(gicd::ISPENDR_OFFSET, 1 << 3 | 1 << 20);
    assert_eq!(gic.read_gicd(gicd::ISPENDR_OFFSET), 1 << 20, "not by the register of the others");
    sgi(gicd::SPENDSGIR_OFFSET, 0b10);
    assert!(!gic.gic.is_pending(3), "there is no second CPU that could have sent it");
    sgi(gicd::SPENDSGIR_OFFSET, 0b11);
    assert_eq!(gic.read_gicd(gicd::ICPENDR_OFFSET), 1 << 3 | 1 << 20);
    gic.write_gicd(gicd::ICPENDR_OFFSET, 1 << 3 | 1 << 20);
    assert_eq!(gic.read_gicd(gicd::ISPENDR_OFFSET), 1 << 3);
    sgi(gicd::CPENDSGIR_OFFSET, 0b1);
    assert!(!gic.gic.is_pending(3));
    gic.write_gicd(gicd::ITARGETSR_OFFSET + 32, 0x0101_0101);
    assert_eq!(gic.read_gicd(gicd::ITARGETSR_OFFSET + 32), 0, "nor one to choose");
}
