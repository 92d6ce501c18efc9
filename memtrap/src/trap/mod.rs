//! The trap engine for Linux on x86-64.
//!
//! A region is a range of pages that are never accessible. The path of an access to one:
//!
//! 1. `signal`: the fault's handler makes sure that it is a data access to a region, writes the instruction's address
//!    below the red zone of the driver's stack, and returns to the entry thunk instead of the instruction.
//! 2. `asm`: the thunk runs as if the driver had called it; it saves the registers and calls `dispatch`.
//! 3. `site`, `decode`, `plan`: the instruction's bytes become a plan, once.
//! 4. `execute`, `replay`, `memory`: the plan is carried out on the saved registers and on the bus.
//! 5. The thunk restores the registers and returns behind the instruction.
//!
//! Beside this path: `stackless` serves instructions whose stack pointer cannot carry the thunk, `driver_stack` ends a
//! driver whose access has failed, `lineage` knows which thread has started which, `port` carries out port I/O, and `ram` maps
//! memory that driver and device share. `promote` has sites that keep trapping come to step 3 without a signal.
//!
//! Only `decode` and `plan` name the decoder; only `pages`, `lineage` and `signal` name the operating system.

mod asm;
mod decode;
mod dispatch;
pub(crate) mod driver_stack;
mod execute;
mod frame;
pub(crate) mod lineage;
mod memory;
pub(crate) mod pages;
mod pending;
mod plan;
mod port;
pub(crate) mod promote;
pub(crate) mod ram;
mod replay;
mod signal;
mod site;
mod stack;
mod stackless;
mod stub;
mod xstate;

use std::{
    io,
    sync::{Mutex, PoisonError},
};

/// Makes the process ready for traps; does nothing the second time.
fn install() -> io::Result<()> {
    static DONE: Mutex<bool> = Mutex::new(false);
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*done {
        xstate::initialise().map_err(|reason| io::Error::new(io::ErrorKind::Unsupported, reason))?;
        promote::initialise();
        signal::install()?;
        *done = true;
    }
    Ok(())
}
