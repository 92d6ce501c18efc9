//! Carries out a plan: moves between the frame and the bus, and stubs on buffers.

use super::{
    frame::{Frame, RSP},
    memory::{self, Stop},
    plan::{Extend, Operation, Plan, Segment, SegmentBases, Value},
    replay,
    xstate::Image,
};
use crate::{bus::session::Origin, map::Width};

/// Carries out the instruction of `plan` on the driver's state. On success `frame.rip` is where the driver goes on.
///
/// # Errors
///
/// [`Stop`] if the instruction was not carried out; `frame` and `image` are as before.
pub(super) fn execute(plan: &Plan, frame: &mut Frame, image: &mut Image<'_>, origin: Origin) -> Result<(), Stop> {
    let mut next = plan.next as u64;
    match &plan.operation {
        Operation::Nothing => {}
        Operation::Load { from, width, to, extend } => {
            let value = load(from.evaluate(frame, 0, &Bases), *width, origin)?;
            let value = match extend {
                Extend::Zero => value,
                Extend::Sign => sign_extend(value, *width),
            };
            to.set(&mut frame.gpr, value);
        }
        Operation::Store { to, width, value } => {
            let value = match value {
                Value::Register(register) => register.get(&frame.gpr),
                Value::Constant(constant) => *constant,
            };
            store(to.evaluate(frame, 0, &Bases), *width, value, origin)?;
        }
        Operation::Push { from, width } => {
            let value = load(from.evaluate(frame, 0, &Bases), *width, origin)?;
            push(frame, *width, value, origin)?;
        }
        Operation::Pop { to, width } => {
            let stack = frame.gpr[RSP];
            let value = load(stack as usize, *width, origin)?;
            // An operand that is addressed by rsp is computed after the increment (Intel SDM, POP).
            let after = if to.uses(RSP) { width.bytes() as u64 } else { 0 };
            store(to.evaluate(frame, after, &Bases), *width, value, origin)?;
            frame.gpr[RSP] = stack.wrapping_add(width.bytes() as u64);
        }
        Operation::Jump { to, call } => {
            let target = load(to.evaluate(frame, 0, &Bases), Width::U64, origin)?;
            if *call {
                push(frame, Width::U64, next, origin)?;
            }
            next = target;
        }
        Operation::Replay(plan_) => replay::replay(plan_, plan.locked, frame, image, origin)?,
        Operation::Vector(_) | Operation::String(_) => unreachable!("no plan is made of these yet"),
    }
    frame.rip = next;
    Ok(())
}

fn load(address: usize, width: Width, origin: Origin) -> Result<u64, Stop> {
    let mut bytes = [0; 8];
    memory::read(address, &mut bytes[..width.bytes()], origin)?;
    Ok(u64::from_le_bytes(bytes))
}

fn store(address: usize, width: Width, value: u64, origin: Origin) -> Result<(), Stop> {
    memory::write(address, &value.to_le_bytes()[..width.bytes()], origin)
}

fn push(frame: &mut Frame, width: Width, value: u64, origin: Origin) -> Result<(), Stop> {
    let stack = frame.gpr[RSP].wrapping_sub(width.bytes() as u64);
    store(stack as usize, width, value, origin)?;
    frame.gpr[RSP] = stack;
    Ok(())
}

fn sign_extend(value: u64, width: Width) -> u64 {
    let unused = 64 - width.bits();
    ((value << unused).cast_signed() >> unused).cast_unsigned()
}

/// The segment bases of the current thread.
pub(super) struct Bases;

impl SegmentBases for Bases {
    fn base(&self, segment: Segment) -> u64 {
        match segment {
            Segment::None => 0,
            Segment::Fs => super::signal::segment_base(super::signal::SegmentBase::Fs),
            Segment::Gs => super::signal::segment_base(super::signal::SegmentBase::Gs),
        }
    }
}
