//! Native replay: a re-encoded instruction runs on the driver's registers and on a buffer that stands for the device.

use super::{
    asm::StubRun,
    execute::Bases,
    frame::{Frame, RSP, TRAP_FLAG},
    memory::{self, Stop},
    pending,
    plan::{Bytes, Mask, Replay, Stub},
    xstate::Image,
};
use crate::bus::{session::Origin, trapped};
use std::ptr;

/// The largest operand whose buffer is on the stack, in bytes.
const SMALL: usize = 64;
/// Buffers have the address of the operand modulo this, so that alignment faults come out as natively.
const ALIGN: usize = 64;

/// The buffer of a small operand.
#[repr(C, align(64))]
struct Buffer([u8; ALIGN + SMALL]);

/// Carries out an instruction with one memory operand.
pub(super) fn replay(
    plan: &Replay,
    locked: bool,
    frame: &mut Frame,
    image: &mut Image<'_>,
    origin: Origin,
) -> Result<(), Stop> {
    let displacement = plan.displacement(frame);
    let address = plan.address.evaluate(frame, displacement, &Bases);
    let mut buffer = Buffer([0; ALIGN + SMALL]);
    let start = address % ALIGN;
    let operand = &mut buffer.0[start..start + plan.size];

    // A locked instruction holds the device for both its halves.
    if locked && let Some(mapping) = memory::region(address, plan.size) {
        let offset = address - mapping.start();
        let held = mapping.with(|session| {
            trapped::read(session, offset, operand, origin);
            let done = run(&plan.stub, operand.as_mut_ptr(), displacement, frame, image, true)?;
            let _kept_as_report = trapped::write(session, offset, operand, origin);
            Ok(done)
        });
        match held {
            Ok(done) => done?.commit(frame),
            Err(closed) => {
                operand.fill(0xff);
                memory::refuse_closed(mapping, closed, address, plan.size, crate::trace::Direction::Read, origin)?;
                run(&plan.stub, operand.as_mut_ptr(), displacement, frame, image, true)?.commit(frame);
            }
        }
        return Ok(());
    }

    transfer(plan.reads, plan.size, image, |range| memory::read(address + range.start, &mut operand[range], origin))?;
    let done = run(&plan.stub, operand.as_mut_ptr(), displacement, frame, image, true)?;
    transfer(plan.writes, plan.size, image, |range| memory::write(address + range.start, &operand[range], origin))?;
    done.commit(frame);
    Ok(())
}

/// Calls `work` for each run of bytes that are transferred, in ascending order.
fn transfer(
    bytes: Bytes,
    size: usize,
    image: &Image<'_>,
    mut work: impl FnMut(std::ops::Range<usize>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let enabled = match bytes {
        Bytes::None => return Ok(()),
        Bytes::All => return work(0..size),
        Bytes::Observed => unreachable!("handled where the instruction is run twice"),
        Bytes::Masked(mask) => masked(mask, image),
        Bytes::Packed(mask) => {
            let count = (image.mask_register(usize::from(mask.register)) & low_bits(mask.lanes)).count_ones() as usize;
            return if count == 0 { Ok(()) } else { work(0..count * usize::from(mask.granule)) };
        }
        Bytes::Signed { vector, granule } => signed(&image.vector(usize::from(vector)), usize::from(granule), size),
    };
    let mut start = 0;
    while start < size {
        let on = enabled >> start & 1 == 1;
        let length = if on { (enabled >> start).trailing_ones() } else { (enabled >> start).trailing_zeros() };
        let end = size.min(start + length as usize);
        if on {
            work(start..end)?;
        }
        start = end;
    }
    Ok(())
}

/// One bit for each byte of the operand that the mask leaves.
fn masked(mask: Mask, image: &Image<'_>) -> u64 {
    let bits = image.mask_register(usize::from(mask.register));
    let granule = usize::from(mask.granule);
    (0..usize::from(mask.lanes))
        .filter(|lane| bits >> lane & 1 == 1)
        .fold(0, |enabled, lane| enabled | low_bits(mask.granule) << (lane % usize::from(mask.elements) * granule))
}

/// One bit for each byte of the elements whose sign bit is set.
fn signed(vector: &[u8; 64], granule: usize, size: usize) -> u64 {
    (0..size / granule)
        .filter(|lane| vector[lane * granule + granule - 1] & 0x80 != 0)
        .fold(0, |enabled, lane| enabled | low_bits(granule as u8) << (lane * granule))
}

fn low_bits(count: u8) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

/// The registers after a stub has run, not yet the driver's.
pub(super) struct Done {
    gpr: [u64; 16],
    rflags: u64,
}

impl Done {
    pub(super) fn commit(self, frame: &mut Frame) {
        frame.gpr = self.gpr;
        frame.rflags = self.rflags;
    }
}

/// Runs a stub on the driver's registers and the buffer at `operand`.
pub(super) fn run(
    stub: &Stub,
    operand: *mut u8,
    displacement: u64,
    frame: &Frame,
    image: &mut Image<'_>,
    keep_xstate: bool,
) -> Result<Done, Stop> {
    let (base, rsp_as) = (usize::from(stub.base), stub.stack_pointer.map(usize::from));
    let mut run = StubRun {
        frame: *frame,
        xstate: if stub.extended { image.as_mut_ptr() } else { ptr::null_mut() },
        keep_xstate: u32::from(keep_xstate),
    };
    let gpr = &mut run.frame.gpr;
    gpr[base] = (operand.expose_provenance() as u64).wrapping_sub(displacement);
    if let Some(register) = rsp_as {
        gpr[register] = frame.gpr[RSP];
    }
    run.frame.rip = stub.code as u64;
    // A debugger steps over the driver's instruction, not through the engine.
    let trap_flag = run.frame.rflags & TRAP_FLAG;
    run.frame.rflags &= !TRAP_FLAG;
    // SAFETY: The stub was made by `plan::lower`: it accesses what `base` points to, which is the buffer, and ends in a
    // jump to the exit. The image is the one that the entry thunk saved.
    if unsafe { run.run() }.is_err() {
        return Err(match pending::take_engine_fault() {
            Some(fault) => Stop::Native(fault),
            None => Stop::Refused("memtrap: an instruction failed without a fault".to_owned()),
        });
    }
    let mut gpr = run.frame.gpr;
    gpr[base] = frame.gpr[base];
    if let Some(register) = rsp_as {
        gpr[RSP] = gpr[register];
        gpr[register] = frame.gpr[register];
    }
    Ok(Done { gpr, rflags: run.frame.rflags | trap_flag })
}
