//! A worked block: windows that set, clear and invert the bits of a register in one write, as the RP2040 has them for all
//! its peripherals.
//!
//! They are there because a read-modify-write can be interrupted between the read and the write, and then undoes what the
//! handler has done to the same register. The example runs a driver with an interrupt at every point: the one that modifies
//! loses the handler's change at one of them, the one that uses the windows at none.
//!
//! Run it with `cargo run --example atomic_windows`.

#[path = "atomic_windows/block.rs"]
pub mod block;
#[path = "atomic_windows/driver.rs"]
pub mod driver;
#[path = "atomic_windows/model.rs"]
pub mod model;

use block::{Resets, resets};
use driver::{Careful, Careless, Peripheral, Subsystem};
use memtrap::{Bus, MapError, sweep_interrupts};
use model::Chip;
use std::panic::{catch_unwind, set_hook};

/// An interrupt whose handler resets the DMA controller.
const LINE: u32 = 11;

fn main() -> Result<(), MapError> {
    windows()?;
    set_hook(Box::new(|_| {}));
    let report = catch_unwind(sweep::<Careless>).expect_err("an update is lost").downcast::<String>();
    println!("modify, with an interrupt at each point:\n\n{}\n", report.expect("a report is a string"));
    println!("the windows, with an interrupt at each point: {} runs, and no update is lost", sweep::<Careful>());
    Ok(())
}

/// The driver takes a peripheral out of its reset, and waits until the chip says that it is.
fn windows() -> Result<(), MapError> {
    let sim = Resets::simulate(Chip::default())?;
    let mut resets = Careful::new(sim.regs());
    resets.release(Peripheral::Uart0);
    resets.release(Peripheral::Dma);
    resets.assert(Peripheral::Dma);
    println!("one write a change:\n\n{}", sim.trace());
    println!("  in reset now: {:?}\n", sim.state().reset);
    Ok(())
}

/// Runs the driver with an interrupt at each point of it. The driver releases the UART, the handler resets the DMA
/// controller, and both must be so afterwards.
fn sweep<S: Subsystem>() -> usize {
    sweep_interrupts(LINE, |bus: &Bus| {
        let sim = bus.simulate::<Resets, _>(Chip::default()).expect("there is address space for the block");
        sim.state().reset.set_dma(false);
        let base = sim.base().expose_provenance();
        bus.on_interrupt(LINE, move || {
            // SAFETY: The addresses of a simulation stay reserved until the process ends.
            S::new(unsafe { Resets::at(base) }).assert(Peripheral::Dma);
        });
        S::new(sim.regs()).release(Peripheral::Uart0);
        let handled = bus.interrupts_served(LINE) > 0;
        let state: resets::State = sim.state().clone();
        assert!(!state.reset.uart0(), "the UART is in reset, although the driver has released it");
        assert_eq!(state.reset.dma(), handled, "the DMA controller runs, although the handler has reset it");
    })
}
