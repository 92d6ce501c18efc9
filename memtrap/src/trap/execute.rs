//! Carries out a plan: moves between the frame and the bus, and stubs on buffers.

use super::{
    frame::Frame,
    memory::{self, Stop},
    plan::{Code, Extend, Operation, Plan, Segment, SegmentBases, VectorMove},
    port, replay,
    site::Site,
    stack,
    xstate::{self, Image},
};
use crate::{
    bus::{CodeLocation, shape::Origin, trapped},
    map::Width,
};

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
            to.set(&mut frame.gpr, extend.fill(value, *width));
        }
        Operation::Store { to, width, value } => {
            store(to.evaluate(frame, 0, &Bases), *width, value.get(&frame.gpr), origin)?;
        }
        Operation::VectorMove(plan) => vector_move(plan, frame, image, origin)?,
        Operation::MaskedStore { to, value, mask } => {
            let (value, mask) = (image.vector((*value).into()), image.vector((*mask).into()));
            replay::masked_store(to.evaluate(frame, 0, &Bases), &value, &mask, origin)?;
        }
        Operation::Push { from, width } => {
            let value = load(from.evaluate(frame, 0, &Bases), *width, origin)?;
            stack::push(frame, *width, value, origin)?;
        }
        Operation::Pop { to, width } => {
            let mut inner = *frame;
            let value = stack::pop(&mut inner, *width, origin)?;
            // An operand that is addressed by rsp is computed after the increment (Intel SDM, POP).
            store(to.evaluate(&inner, 0, &Bases), *width, value, origin)?;
            *frame = inner;
        }
        Operation::Jump { to, width, call } => {
            let target = load(to.evaluate(frame, 0, &Bases), *width, origin)?;
            if *call {
                stack::push(frame, *width, next, origin)?;
            }
            next = target;
        }
        Operation::Stack(operation) => next = stack::stack(*operation, next, frame, origin)?,
        Operation::FarJump { to, offset, call } => {
            next = far_jump(to.evaluate(frame, 0, &Bases), *offset, *call, next, frame, origin)?;
        }
        Operation::Move64 { from, to } => {
            let mut bytes = [0; 64];
            memory::read(from.evaluate(frame, 0, &Bases), &mut bytes, origin)?;
            memory::write(to.evaluate(frame, 0, &Bases), &bytes, origin)?;
        }
        Operation::Clear64 { to } => {
            let address = to.evaluate(frame, 0, &Bases);
            memory::write(address - address % 64, &[0; 64], origin)?;
        }
        Operation::Port { port, width, output } => port::port(*port, *width, *output, frame, origin)?,
        Operation::PortString { width, memory, output, repeats, narrow } => {
            let string = port::PortString { width: *width, memory: *memory, output: *output, narrow: *narrow };
            string.carry_out(*repeats, frame, origin)?;
        }
        Operation::Replay(operand) => {
            replay::replay(operand, plan.locked, frame, image, origin)?;
            if let (Some(opcode), Code::Stub(stub)) = (plan.x87_opcode, &operand.code) {
                image.attribute_x87(stub.code, frame.rip, operand.address.offset(frame, 0), opcode);
            }
        }
        Operation::Vector(vector) => replay::vector(vector, frame, image, origin)?,
        Operation::String(string) => {
            if replay::string(string, frame, image, origin)? == replay::Progress::LeftDevice {
                next = frame.rip;
            }
        }
    }
    frame.rip = next;
    Ok(())
}

/// Carries out the instruction of `site` if it moves one piece between a register and a device, as nearly all do.
#[inline]
pub(super) fn move_piece(site: &Site, frame: &mut Frame) -> bool {
    let Ok(plan) = &site.plan else { return false };
    let origin = Origin::new(CodeLocation::Instruction(site.rip));
    match &plan.operation {
        Operation::Load { from, width, to, extend } => {
            let Some(value) = trapped::read_piece(from.evaluate(frame, 0, &Bases), *width, origin) else {
                return false;
            };
            to.set(&mut frame.gpr, extend.fill(value, *width));
        }
        Operation::Store { to, width, value } => {
            let address = to.evaluate(frame, 0, &Bases);
            if !trapped::write_piece(address, *width, value.get(&frame.gpr), origin) {
                return false;
            }
        }
        _ => return false,
    }
    frame.rip = plan.next as u64;
    true
}

/// Whether the instruction of `site` may touch a device. Certain for the instructions that drivers use most; the others
/// are carried out on memory as well.
pub(super) fn touches_device(site: &Site, frame: &Frame) -> bool {
    let Ok(plan) = &site.plan else { return true };
    let (address, size) = match &plan.operation {
        Operation::Load { from: at, width, .. } | Operation::Store { to: at, width, .. } => {
            (at.evaluate(frame, 0, &Bases), width.bytes())
        }
        Operation::MaskedStore { to, .. } => (to.evaluate(frame, 0, &Bases), 16),
        Operation::Replay(operand) | Operation::VectorMove(VectorMove { replay: operand, .. }) => {
            let address = operand.address.evaluate(frame, operand.displacement(frame), &Bases);
            let size = if operand.size == 0 { xstate::image_size() } else { operand.size };
            (address, size)
        }
        _ => return true,
    };
    memory::touches_device(address, size)
}

/// Moves a vector register.
fn vector_move(plan: &VectorMove, frame: &mut Frame, image: &mut Image<'_>, origin: Origin) -> Result<(), Stop> {
    let address = plan.replay.address.evaluate(frame, 0, &Bases);
    let size = plan.replay.size;
    if !address.is_multiple_of(size) {
        return replay::replay(&plan.replay, false, frame, image, origin);
    }
    if plan.load {
        let mut bytes = [0; 64];
        memory::read(address, &mut bytes[..size], origin)?;
        image.load_vector(plan.register.into(), &bytes, size, plan.clears);
        Ok(())
    } else {
        memory::write(address, &image.vector(plan.register.into())[..size], origin)
    }
}

/// Jumps to `offset:selector` at `address`, or calls it; the address of the next instruction.
fn far_jump(
    address: usize,
    offset: Width,
    call: Option<Width>,
    next: u64,
    frame: &mut Frame,
    origin: Origin,
) -> Result<u64, Stop> {
    let mut bytes = [0; 10];
    let length = offset.bytes() + 2;
    memory::read(address, &mut bytes[..length], origin)?;
    let selector = stack::same_segment(u16::from_le_bytes([bytes[length - 2], bytes[length - 1]]))?;
    if let Some(width) = call {
        let mut inner = *frame;
        stack::push(&mut inner, width, u64::from(selector), origin)?;
        stack::push(&mut inner, width, next, origin)?;
        *frame = inner;
    }
    let mut target = [0; 8];
    target.copy_from_slice(&bytes[..8]);
    Ok(u64::from_le_bytes(target) & offset.mask())
}

#[inline]
pub(super) fn load(address: usize, width: Width, origin: Origin) -> Result<u64, Stop> {
    if let Some(value) = trapped::read_piece(address, width, origin) {
        return Ok(value);
    }
    let mut bytes = [0; 8];
    memory::read(address, &mut bytes[..width.bytes()], origin)?;
    Ok(u64::from_le_bytes(bytes))
}

#[inline]
pub(super) fn store(address: usize, width: Width, value: u64, origin: Origin) -> Result<(), Stop> {
    if trapped::write_piece(address, width, value, origin) {
        return Ok(());
    }
    memory::write(address, &value.to_le_bytes()[..width.bytes()], origin)
}

impl Extend {
    /// The value of all bits of the register.
    fn fill(self, value: u64, width: Width) -> u64 {
        let unused = 64 - width.bits();
        match self {
            Self::Zero => value,
            Self::Sign => ((value << unused).cast_signed() >> unused).cast_unsigned(),
        }
    }
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
