//! What the entry thunk calls: in ordinary context, on the driver's stack.

use super::{
    asm, driver_stack, execute,
    frame::{Frame, RSP},
    memory::Stop,
    pending::{self, Pending},
    promote::{self, Record},
    signal,
    site::Site,
    xstate::{self, Image},
};
use crate::{
    bus::{CodeLocation, report, shape::Origin, trapped},
    run,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process, slice,
    sync::atomic::Ordering,
};

/// Carries out the driver's instruction.
///
/// # Safety
///
/// Called by the entry thunk only, with the frame and the extended state it has saved.
pub(super) unsafe extern "C" fn dispatch(frame: *mut Frame, image: *mut u8) {
    // The driver does not expect a load or store to change `errno`.
    let errno = signal::errno();
    // SAFETY: The thunk passes its frame, which nobody else refers to.
    let frame = unsafe { &mut *frame };
    // SAFETY: The thunk passes the image it has saved, of this size, which nobody else refers to.
    let bytes = unsafe { slice::from_raw_parts_mut(image, xstate::SIZE.load(Ordering::Relaxed)) };
    let mut image = Image::new(bytes);

    // SAFETY: The thunk is entered for an instruction that has just faulted on a data access, or for a promoted site.
    let site = unsafe { Site::find(frame.rip as usize) };
    let promoted = site.record();
    if promoted.is_some() && !execute::touches_device(site, frame) {
        leave_to_original(promoted, frame);
    } else if carry_out(site, frame, &mut image) {
        promoted.inspect(|record| record.count());
        promote::note(site, image.has_x87_values());
    }
    driver_stack::leave_if_failed();
    signal::set_errno(errno);
}

/// What [`dispatch`] is to the entry thunk, for the promoted entry. Whether the driver goes on behind its instruction, with
/// no other flags changed than those that `sahf` sets, and with its stack pointer as it was.
///
/// # Safety
///
/// Called by the promoted entry only, with the frame, the registers it has saved, and the record of the pad that it was
/// called by.
pub(super) unsafe extern "C" fn dispatch_promoted(
    frame: *mut Frame,
    vectors: *mut [u8; xstate::VECTORS_SIZE],
    record: *const Record,
) -> u32 {
    let errno = signal::errno();
    // SAFETY: The entry passes its frame, which nobody else refers to.
    let frame = unsafe { &mut *frame };
    // SAFETY: The entry passes what it has saved, of this size, which nobody else refers to.
    let mut image = Image::vectors(unsafe { &mut *vectors });
    // SAFETY: A pad passes its own record; records are never freed.
    let record: &'static Record = unsafe { &*record };
    let (rflags, stack) = (frame.rflags, frame.gpr[RSP]);
    let site = record.site();
    record.count();
    if execute::move_piece(site, frame) {
        trapped::complete();
    } else if execute::touches_device(site, frame) {
        carry_out(site, frame, &mut image);
    } else {
        leave_to_original(Some(record), frame);
    }
    driver_stack::leave_if_failed();
    signal::set_errno(errno);
    let same = (rflags ^ frame.rflags) & !asm::ARITHMETIC_FLAGS == 0 && stack == frame.gpr[RSP];
    u32::from(same && frame.rip as usize == site.next())
}

/// Has the driver execute its instruction's copy in the pad, because no device is concerned.
#[cold]
fn leave_to_original(record: Option<&'static Record>, frame: &mut Frame) {
    if let Some(record) = record {
        frame.rip = record.original() as u64;
        promote::passed_for_memory(record);
    }
}

/// Carries out the driver's instruction; whether it was.
fn carry_out(site: &Site, frame: &mut Frame, image: &mut Image<'_>) -> bool {
    let rip = frame.rip;
    // Device models are kept from unwinding by the bus. A panic that arrives here is the engine's own, and there is no
    // sound way on.
    let outcome = catch_unwind(AssertUnwindSafe(|| execute(site, frame, image)));
    let done = matches!(outcome, Ok(Ok(())));
    match outcome {
        Ok(Ok(())) => trapped::complete(),
        Ok(Err(Stop::Refused(report))) => {
            run::print(&report);
            pending::set(frame.rip as usize, Pending::Refused);
        }
        Ok(Err(Stop::Native(fault))) => {
            if let Some(float) = pending::take_engine_float() {
                image.set_float(&float);
            }
            pending::set(frame.rip as usize, Pending::Native(fault));
        }
        Err(_) => process::abort(),
    }
    // The driver shall execute the instruction itself: to fault, or because the rest of a string is no device's. At the
    // site there may be a jump that leads back here.
    if frame.rip == rip
        && let Some(record) = site.record()
    {
        frame.rip = record.original() as u64;
    }
    done
}

fn execute(site: &Site, frame: &mut Frame, image: &mut Image<'_>) -> Result<(), Stop> {
    let location = CodeLocation::Instruction(frame.rip as usize);
    match &site.plan {
        Ok(plan) => {
            let origin = Origin::new(location).read_modify_write(plan.is_read_modify_write()).locked(plan.locked);
            execute::execute(plan, frame, image, origin)
        }
        Err(reason) => Err(Stop::Refused(report::not_carried_out(reason, location))),
    }
}
