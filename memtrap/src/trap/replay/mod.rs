//! Native replay: a re-encoded instruction runs on the driver's registers and on a buffer that stands for the device.

mod buffer;
mod fixed;
mod observed;
mod operand;
mod string;
mod vector;

pub(super) use operand::{masked_store, replay};
pub(super) use string::{Progress, string};
pub(super) use vector::vector;

use super::{
    asm::{Routines, StubRun},
    frame::{Frame, RSP, TRAP_FLAG},
    memory::Stop,
    pending,
    plan::Stub,
    xstate::Image,
};
use std::ptr;

/// The general registers after a stub has run, not yet the driver's.
struct Done {
    gpr: [u64; 16],
    rflags: u64,
}

impl Done {
    fn commit(self, frame: &mut Frame) {
        frame.gpr = self.gpr;
        frame.rflags = self.rflags;
    }
}

/// What happens to the extended state that a stub leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extended {
    /// It becomes the driver's.
    Keep,
    /// It is dropped: the stub runs again.
    Drop,
}

/// Runs a stub on the driver's registers, with its base register at `operand`.
fn run(stub: &Stub, operand: *mut u8, frame: &Frame, image: &mut Image<'_>, extended: Extended) -> Result<Done, Stop> {
    let (base, rsp_as) = (usize::from(stub.base), stub.stack_pointer.map(usize::from));
    let mut registers = *frame;
    registers.gpr[base] = operand.expose_provenance() as u64;
    if let Some(register) = rsp_as {
        registers.gpr[register] = frame.gpr[RSP];
    }
    let image = stub.extended.then_some(image);
    let mut done = run_code(stub.code, registers, image, extended)?;
    done.gpr[base] = frame.gpr[base];
    if let Some(register) = rsp_as {
        done.gpr[RSP] = done.gpr[register];
        done.gpr[register] = frame.gpr[register];
    } else {
        done.gpr[RSP] = frame.gpr[RSP];
    }
    Ok(done)
}

/// Runs the stub at `code` on `registers`, and on the extended state in `image` if it uses that.
fn run_code(code: usize, registers: Frame, image: Option<&mut Image<'_>>, extended: Extended) -> Result<Done, Stop> {
    // A debugger steps over the driver's instruction, not through the engine.
    let trap_flag = registers.rflags & TRAP_FLAG;
    let with_x87 = image.as_ref().is_some_and(|image| image.has_x87());
    let routines = image.as_ref().map_or_else(Routines::image, |image| image.routines());
    let mut run = StubRun {
        frame: Frame { rip: code as u64, rflags: registers.rflags & !TRAP_FLAG, ..registers },
        xstate: image.map_or(ptr::null_mut(), Image::as_mut_ptr),
        keep_xstate: u32::from(extended == Extended::Keep),
        with_x87: u32::from(with_x87),
        routines,
    };
    // SAFETY: The stub was made by `plan::lower`: it accesses what its address registers point to, which is a buffer of
    // the caller, and ends in a jump to the exit. The image is the one that the entry has saved, and its routines load it.
    if unsafe { run.run() }.is_err() {
        return Err(match pending::take_engine_fault() {
            Some(fault) => Stop::Native(fault),
            None => Stop::Refused("memtrap: an instruction failed without a fault".to_owned()),
        });
    }
    Ok(Done { gpr: run.frame.gpr, rflags: run.frame.rflags | trap_flag })
}
