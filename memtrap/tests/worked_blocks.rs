//! The worked blocks of the book and the examples do what is said of them. The PL011 has tests of its own.

/// The example `gicv2`.
#[path = "../examples/gicv2"]
pub mod gicv2 {
    pub mod driver;
    pub mod model;
}

/// The example `atomic_windows`.
#[path = "../examples/atomic_windows"]
pub mod atomic_windows {
    pub mod block;
    pub mod driver;
    pub mod model;
}

use atomic_windows::{
    block::Resets,
    driver::{Careful, Careless, Peripheral, Subsystem},
    model::Chip,
};
use gicv2::{
    driver::{Gic, Mistaken, disable_by_mistake},
    model::{Cpu, IRQ},
};
use memtrap::{
    Simulation, Violation, ViolationPolicy, Width,
    models::gicv2::block::Gic400,
    sweep_interrupts,
    trace::{Direction, read},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const UART: usize = 33;
const TIMER: usize = 40;

fn gic() -> (Simulation<Gic400, Cpu>, Gic) {
    let sim = Gic400::simulate(Cpu).unwrap();
    let gic = Gic::new(sim.regs());
    (sim, gic)
}

#[test]
fn the_more_urgent_interrupt_is_acknowledged_first() {
    let (sim, mut gic) = gic();
    for (id, priority) in [(UART, 0x80), (TIMER, 0x40)] {
        gic.set_priority(id, priority);
        gic.enable(id);
    }
    sim.bus().mask_interrupts(true);
    sim.stimulate(|cpu, regs, cx| cpu.assert_inputs(regs, cx, &[UART, TIMER]));
    assert!(sim.bus().is_interrupt_pending(IRQ));
    assert_eq!(gic.acknowledge(), Some(TIMER));
    assert!(!sim.bus().is_interrupt_pending(IRQ), "the UART waits until the timer has been handled");
    assert_eq!(gic.acknowledge(), None);
    gic.end(TIMER);
    assert_eq!(gic.acknowledge(), Some(UART));
    gic.end(UART);
    assert_eq!(gic.acknowledge(), None);
    assert_eq!(sim.state().distributor.isactiver, [0; 32]);
}

#[test]
fn an_interrupt_that_is_disabled_does_not_reach_the_cpu() {
    let (sim, mut gic) = gic();
    gic.enable(UART);
    gic.enable(TIMER);
    gic.disable(UART);
    sim.bus().mask_interrupts(true);
    sim.stimulate(|cpu, regs, cx| cpu.assert_inputs(regs, cx, &[UART]));
    assert_eq!(gic.acknowledge(), None);
    gic.enable(UART);
    assert_eq!(gic.acknowledge(), Some(UART));
    assert_eq!(sim.trace().count(read("distributor.isenabler")), 0, "nothing is read to enable or disable");
}

#[test]
fn a_priority_is_one_byte() {
    let (sim, mut gic) = gic();
    gic.set_priority(TIMER, 0x40);
    gic.set_priority(TIMER + 1, 0x80);
    assert_eq!(sim.state().distributor.ipriorityr[TIMER..TIMER + 3], [0x40, 0x80, 0]);
    let trace = sim.trace();
    let priorities = trace.accesses().filter(|access| access.register() == Some("distributor.ipriorityr"));
    let accesses: Vec<_> = priorities.map(|access| (access.direction, access.access.width)).collect();
    assert_eq!(accesses, [(Direction::Write, Width::U8); 2]);
}

#[test]
fn an_end_without_a_beginning_fails_the_test() {
    let (_sim, mut gic) = gic();
    let panic = catch_unwind(AssertUnwindSafe(|| gic.end(TIMER))).unwrap_err();
    let report = panic.downcast::<String>().unwrap();
    assert!(report.contains("the driver ended interrupt 40, which is not active"), "{report}");
}

#[test]
fn the_mistake_is_reported_and_can_be_seen() {
    let (sim, gic) = gic();
    gic.enable(UART);
    gic.enable(TIMER);
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut mistaken = unsafe { Mistaken::new(sim.base()) };
    let panic = catch_unwind(AssertUnwindSafe(|| disable_by_mistake(&mut mistaken, TIMER))).unwrap_err();
    let report = panic.downcast::<String>().unwrap();
    assert!(report.starts_with("memtrap: write of gic400.distributor.icenabler[1] refused"), "{report}");
    assert!(report.contains("gicv2/driver.rs"), "it names the driver's line:\n{report}");
    sim.set_violation_policy(Violation::ReadModifyWrite, ViolationPolicy::Allow);
    disable_by_mistake(&mut mistaken, TIMER);
    assert_eq!(sim.state().distributor.isenabler, [0; 32]);
}

#[test]
fn a_peripheral_comes_out_of_its_reset_after_a_while() {
    let sim = Resets::simulate(Chip::default()).unwrap();
    let mut resets = Careful::new(sim.regs());
    resets.release(Peripheral::Uart0);
    assert!(sim.bus().clock().now() >= std::time::Duration::from_micros(2));
    assert!(
        sim.trace().to_string().starts_with("#1     W resets.reset.clear  0x00400000  {uart0}\n"),
        "{}",
        sim.trace()
    );
    resets.assert(Peripheral::Uart0);
    let state = sim.state();
    assert!(state.reset.uart0() && !state.reset_done.uart0());
}

/// With an interrupt at each point, whose handler resets the DMA controller.
fn sweep<S: Subsystem>() -> usize {
    sweep_interrupts(11, |bus| {
        let sim = bus.simulate::<Resets, _>(Chip::default()).unwrap();
        sim.state().reset.set_dma(false);
        let base = sim.base().expose_provenance();
        bus.on_interrupt(11, move || {
            // SAFETY: The addresses of a simulation stay reserved until the process ends.
            S::new(unsafe { Resets::at(base) }).assert(Peripheral::Dma);
        });
        S::new(sim.regs()).release(Peripheral::Uart0);
        let handled = bus.interrupts_served(11) > 0;
        assert_eq!(sim.state().reset.dma(), handled, "an update is lost");
    })
}

#[test]
fn an_interrupted_modify_loses_an_update_and_the_windows_do_not() {
    let panic = catch_unwind(sweep::<Careless>).unwrap_err();
    let report = panic.downcast::<String>().unwrap();
    assert!(report.contains("fails with 1 of"), "{report}");
    assert!(report.contains("after #1 read of resets.reset\n"), "{report}");
    assert!(sweep::<Careful>() > 2);
}
