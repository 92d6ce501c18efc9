//! `arm-gic`: the GICv2 driver, and the distributor of the GICv3 driver in the registers that both have.

use crate::traces;
use ::arm_gic::{
    IntId, InterruptGroup, Trigger,
    gicv2::{GicV2, SgiTarget, SgiTargetListFilter},
};
use memtrap::{
    Bus, Region,
    models::{self, GicCpuInterface},
    simulated,
};
use std::{
    ptr::NonNull,
    sync::{Arc, Mutex},
};

const IRQ: u32 = 0;
/// Interrupts of the shared kind, by their number among those.
const UART: u32 = 1;
const TIMER: u32 = 8;

/// The ID of a shared interrupt, as the model counts.
fn id(spi: u32) -> usize {
    32 + spi as usize
}

struct Gic {
    bus: Bus,
    model: models::GicV2,
    distributor: Region<models::GicDistributor>,
    cpu_interface: Region<GicCpuInterface>,
}

impl Gic {
    fn new() -> Self {
        let bus = Bus::new();
        let model = models::GicV2::new(64).with_irq(IRQ);
        // A GICv3's distributor has 64 KiB.
        let distributor = bus.map(0x1_0000, model.distributor()).unwrap();
        let cpu_interface = bus.map(0x2000, model.cpu_interface()).unwrap();
        Self { bus, model, distributor, cpu_interface }
    }

    fn driver(&self) -> GicV2<'static> {
        // SAFETY: Both are regions of this size, which trap every access.
        unsafe { GicV2::new(self.distributor.base().cast(), self.cpu_interface.base().cast()) }
    }

    fn set_line(&self, spi: u32, level: bool) {
        self.distributor.stimulate(|distributor, cx| distributor.set_line(id(spi), level, cx));
    }
}

#[test]
fn a_handler_takes_interrupts_in_the_order_of_their_priority() {
    let gic = Gic::new();
    let mut driver = gic.driver();
    assert_eq!((driver.typer().num_irqs(), driver.typer().cpu_count()), (64, 1));
    driver.setup();
    driver.set_priority_mask(0xf0);
    for (spi, priority) in [(UART, 0x80), (TIMER, 0x40)] {
        driver.set_interrupt_priority(IntId::spi(spi), priority);
        driver.set_trigger(IntId::spi(spi), Trigger::Edge);
        driver.enable_interrupt(IntId::spi(spi), true).unwrap();
    }
    gic.bus.mask_interrupts(true);
    gic.set_line(UART, true);
    gic.set_line(TIMER, true);

    let handled = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&handled);
    let mut driver = gic.driver();
    gic.bus.on_interrupt(IRQ, move || {
        assert!(driver.handle_interrupt(InterruptGroup::Group0, |id| log.lock().unwrap().push(id)));
    });
    gic.bus.mask_interrupts(false);

    assert_eq!(*handled.lock().unwrap(), [IntId::spi(TIMER), IntId::spi(UART)]);
    assert!(!gic.model.is_active(id(UART)) && !gic.model.is_pending(id(UART)));
    assert_eq!(gic.bus.interrupts_served(IRQ), 2);
    let mut driver = gic.driver();
    assert_eq!(driver.get_and_acknowledge_interrupt(InterruptGroup::Group0), None, "and no others");
    traces::keep(&gic.bus.trace());
}

#[test]
fn an_interrupt_that_is_not_there_cannot_be_enabled() {
    let gic = Gic::new();
    let mut driver = gic.driver();
    driver.setup();
    assert!(driver.enable_interrupt(IntId::spi(31), true).is_ok());
    assert!(driver.enable_interrupt(IntId::spi(32), true).is_err());
    driver.enable_interrupt(IntId::spi(31), false).unwrap();
    assert!(!gic.model.is_enabled(id(31)));
}

#[test]
fn software_interrupts_reach_this_cpu() {
    let gic = Gic::new();
    let mut driver = gic.driver();
    driver.setup();
    driver.enable_interrupt(IntId::sgi(3), true).unwrap();
    let others = SgiTargetListFilter::ForwardOthersOnly;
    driver.send_sgi(IntId::sgi(3), SgiTarget::List { target_list_filter: others, target_list: 0 });
    assert!(!gic.model.is_pending(3));
    driver.send_sgi(IntId::sgi(3), SgiTarget::All);
    let mut handled = None;
    driver.handle_interrupt(InterruptGroup::Group0, |id| handled = Some(id));
    assert_eq!(handled, Some(IntId::sgi(3)));
    traces::keep(&gic.bus.trace());
}

/// Enables four interrupts and disables one of them again. The distributor's set and clear banks both read as what is
/// enabled.
macro_rules! enable_four_and_disable_one {
    ($arm_gic:ident, $base:expr) => {{
        let registers = NonNull::new($base.cast()).unwrap();
        // SAFETY: A region of this size, which traps every access.
        let registers = unsafe { $arm_gic::UniqueMmioPointer::new(registers) };
        let mut distributor = $arm_gic::gicv3::GicDistributor::new(registers);
        for spi in [0, 1, 3, 4] {
            distributor.enable_interrupt($arm_gic::IntId::spi(spi), true).unwrap();
        }
        distributor.enable_interrupt($arm_gic::IntId::spi(3), false).unwrap();
    }};
}

/// What the driver needs of a distributor, declared: two windows on what is enabled.
#[simulated(size = 0x1_0000)]
pub struct Declared {
    #[reg(0x004, ro, reset = 1)]
    pub typer: u32,
    #[reg(0x100, rw, write = w1s, state = enabled)]
    pub isenabler: [u32; 32],
    #[reg(0x180, rw, write = w1c, state = enabled)]
    pub icenabler: [u32; 32],
    /// What is behind the windows: the driver knows of no register here.
    #[reg(0xf000, rw)]
    pub enabled: [u32; 32],
}

struct AsDeclared;
impl declared::Model for AsDeclared {}

/// A bug of `arm-gic` 0.8.1 that its own tests, on memory instead of a device, demanded: they expect the accumulated
/// value in the set bank, and so a read-modify-write, which in the clear bank disables all interrupts.
#[test]
fn release_0_8_1_disables_all_interrupts_instead_of_one() {
    let gic = Gic::new();
    enable_four_and_disable_one!(arm_gic_0_8, gic.distributor.base());
    assert_eq!([0, 1, 3, 4].map(|spi| gic.model.is_enabled(id(spi))), [false; 4]);
}

/// Three lines of declaration find it as well, without a model.
#[test]
fn a_declaration_is_enough_to_see_the_bug_and_its_fix() {
    let sim = Declared::simulate(AsDeclared).unwrap();
    enable_four_and_disable_one!(arm_gic_0_8, sim.base());
    assert_eq!(sim.state().enabled[1], 0, "0.8.1 disables all");

    let sim = Declared::simulate(AsDeclared).unwrap();
    enable_four_and_disable_one!(arm_gic, sim.base());
    assert_eq!(sim.state().enabled[1], 0b1_0011, "0.10 disables one");
}

#[test]
fn the_fixed_release_disables_one() {
    let gic = Gic::new();
    enable_four_and_disable_one!(arm_gic, gic.distributor.base());
    assert_eq!([0, 1, 3, 4].map(|spi| gic.model.is_enabled(id(spi))), [true, true, false, true]);
    traces::keep(&gic.bus.trace());
}

/// A bug of the current release: the priorities of four interrupts share a word, which is written as a whole.
#[test]
fn setting_a_priority_resets_those_of_three_neighbours() {
    let gic = Gic::new();
    let mut driver = gic.driver();
    driver.set_interrupt_priority(IntId::spi(0), 0x80);
    driver.set_interrupt_priority(IntId::spi(1), 0x40);
    assert_eq!([gic.model.priority(id(0)), gic.model.priority(id(1))], [0, 0x40], "arm-gic 0.10 has mended this");
}
