//! A worked block: banks that set and clear, and arrays of bytes, as a GICv2 has them.
//!
//! A bit that is one in a set bank sets the same bit of the state behind it, one in a clear bank clears it, and both banks
//! read as that state. A driver which takes a clear bank for memory and writes back what it has read clears everything; on
//! memory its test passes. Here `src/models/gicv2/block.rs` declares what the banks do, and the mistake is found, by a report or
//! by what it does. The model in `gicv2/model.rs` has the little that this takes; a complete one is
//! `memtrap::models::GicV2`.
//!
//! Run it with `cargo run --example gicv2`.

#[path = "gicv2/driver.rs"]
pub mod driver;
#[path = "gicv2/model.rs"]
pub mod model;

use driver::{Gic, Mistaken};
use memtrap::{
    MapError, Simulation, Violation, ViolationPolicy,
    models::gicv2::block::{Gic400, gic400},
};
use model::{Cpu, IRQ};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    sync::{Arc, Mutex},
};

/// Interrupt IDs.
const UART: usize = 33;
const TIMER: usize = 40;
const SPI: usize = 50;

fn main() -> Result<(), MapError> {
    priorities()?;
    mistake()
}

/// Two interrupts come at once: the handler gets the more urgent one first.
fn priorities() -> Result<(), MapError> {
    let sim = Gic400::simulate(Cpu)?;
    let mut gic = Gic::new(sim.regs());
    for (id, priority) in [(UART, 0x80), (TIMER, 0x40), (SPI, 0xa0)] {
        gic.set_priority(id, priority);
        gic.enable(id);
    }
    sim.bus().clear_trace();
    let handled = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&handled);
    sim.bus().on_interrupt(IRQ, move || {
        while let Some(id) = gic.acknowledge() {
            log.lock().expect("nobody panicked").push(id);
            gic.end(id);
        }
    });
    sim.stimulate(|cpu, regs, cx| cpu.assert_inputs(regs, cx, &[UART, TIMER]));
    println!("two interrupts at once: {:?}\n\n{}", handled.lock().expect("nobody panicked"), sim.trace());
    Ok(())
}

/// A driver that reads, modifies and writes the clear bank to disable one interrupt.
fn mistake() -> Result<(), MapError> {
    set_hook(Box::new(|_| {}));
    let sim = set_up()?;
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut mistaken = unsafe { Mistaken::new(sim.base()) };
    let report = catch_unwind(AssertUnwindSafe(|| driver::disable_by_mistake(&mut mistaken, TIMER)))
        .expect_err("a read-modify-write of a clear bank is a violation")
        .downcast::<String>()
        .expect("a report is a string");
    println!("a driver that takes the clear bank for memory:\n\n{report}\n");

    sim.set_violation_policy(Violation::ReadModifyWrite, ViolationPolicy::Allow);
    println!("what it does if nobody objects, and what the right driver does:\n");
    show("before", &sim);
    driver::disable_by_mistake(&mut mistaken, TIMER);
    show("by mistake", &sim);
    let sim = set_up()?;
    Gic::new(sim.regs()).disable(TIMER);
    show("rightly", &sim);
    Ok(())
}

/// A GIC on which three interrupts are enabled.
fn set_up() -> Result<Simulation<Gic400, Cpu>, MapError> {
    let sim = Gic400::simulate(Cpu)?;
    sim.state().distributor.isenabler[1] = bit(UART) | bit(TIMER) | bit(SPI);
    Ok(sim)
}

fn bit(id: usize) -> u32 {
    1 << (id % 32)
}

fn show(when: &str, sim: &Simulation<Gic400, Cpu>) {
    let state: gic400::State = sim.state().clone();
    let enabled: Vec<usize> = (0..64).filter(|id| state.distributor.isenabler[id / 32] & bit(*id) != 0).collect();
    println!("  {when:<11} enabled: {enabled:?}");
}
