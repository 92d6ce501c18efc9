//! String instructions, one element at a time.
#![forbid(unsafe_code)]

use super::{
    super::{
        execute::Bases,
        frame::{DIRECTION_FLAG, Frame, ZERO_FLAG},
        memory::{self, Stop},
        plan::{Repeat, StringReplay},
        xstate::Image,
    },
    Extended,
    buffer::Buffer,
    run_code,
};
use crate::bus::shape::Origin;

const RCX: usize = 1;
const RSI: usize = 6;
const RDI: usize = 7;

/// What the instruction pointer is after a string instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Progress {
    /// Behind the instruction.
    Finished,
    /// Still at it: the operands have left the devices, and the processor does the rest.
    LeftDevice,
}

/// Carries out a string instruction as far as it touches a device.
///
/// The registers are the driver's after each element, as on a processor: if an access stops the instruction, the
/// elements before it are done.
pub(in super::super) fn string(
    plan: &StringReplay,
    frame: &mut Frame,
    _image: &mut Image<'_>,
    origin: Origin,
) -> Result<Progress, Stop> {
    let size = usize::from(plan.size);
    loop {
        if plan.repeat != Repeat::Once && count(plan, frame) == 0 {
            return Ok(Progress::Finished);
        }
        let source = plan.source.map(|address| address.evaluate(frame, 0, &Bases));
        let destination = plan.destination.map(|(address, _)| address.evaluate(frame, 0, &Bases));
        let on_device = |address: Option<usize>| address.is_some_and(|address| memory::touches_device(address, size));
        if plan.repeat != Repeat::Once && !on_device(source) && !on_device(destination) {
            return Ok(Progress::LeftDevice);
        }
        element(plan, source, destination, frame, origin)?;
        let equal = frame.rflags & ZERO_FLAG != 0;
        let go_on = match plan.repeat {
            Repeat::Once => false,
            Repeat::Count => true,
            Repeat::WhileEqual => equal,
            Repeat::WhileNotEqual => !equal,
        };
        if !go_on {
            return Ok(Progress::Finished);
        }
    }
}

/// Carries out the instruction for one element and moves the registers on.
fn element(
    plan: &StringReplay,
    source: Option<usize>,
    destination: Option<usize>,
    frame: &mut Frame,
    origin: Origin,
) -> Result<(), Stop> {
    let size = usize::from(plan.size);
    let written = plan.destination.is_some_and(|(_, written)| written);
    let mut from = Buffer::new(source.unwrap_or(0), size);
    let mut to = Buffer::new(destination.unwrap_or(0), size);
    if let Some(source) = source {
        memory::read(source, from.bytes(), origin)?;
    }
    if let Some(destination) = destination
        && !written
    {
        memory::read(destination, to.bytes(), origin)?;
    }

    let mut registers = *frame;
    if source.is_some() {
        registers.gpr[RSI] = from.bytes().as_mut_ptr().expose_provenance() as u64;
    }
    if destination.is_some() {
        registers.gpr[RDI] = to.bytes().as_mut_ptr().expose_provenance() as u64;
    }
    let mut done = run_code(plan.stub, registers, None, Extended::Keep)?;
    if let Some(destination) = destination
        && written
    {
        memory::write(destination, to.bytes(), origin)?;
    }

    done.gpr[super::RSP] = frame.gpr[super::RSP];
    let step = if frame.rflags & DIRECTION_FLAG == 0 { size as u64 } else { (size as u64).wrapping_neg() };
    let narrow = |value: u64| if plan.narrow { value & u64::from(u32::MAX) } else { value };
    for (register, used) in [(RSI, source.is_some()), (RDI, destination.is_some())] {
        done.gpr[register] = if used { narrow(frame.gpr[register].wrapping_add(step)) } else { frame.gpr[register] };
    }
    if plan.repeat != Repeat::Once {
        done.gpr[RCX] = narrow(frame.gpr[RCX].wrapping_sub(1));
    }
    done.commit(frame);
    Ok(())
}

fn count(plan: &StringReplay, frame: &Frame) -> u64 {
    if plan.narrow { frame.gpr[RCX] & u64::from(u32::MAX) } else { frame.gpr[RCX] }
}
