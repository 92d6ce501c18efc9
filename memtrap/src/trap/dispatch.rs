//! What the entry thunk calls: in ordinary context, on the driver's stack.

use super::{
    driver_stack, execute,
    frame::Frame,
    memory::Stop,
    pending::{self, Pending},
    signal,
    site::Site,
    xstate::{self, Image},
};
use crate::bus::{CodeLocation, report, session::Origin, trapped};
use std::{
    io::Write as _,
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

    // Device models are kept from unwinding by the bus. A panic that arrives here is the engine's own, and there is no
    // sound way on.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: The thunk is entered for an instruction that has just faulted on a data access.
        let site = unsafe { Site::find(frame.rip as usize) };
        carry_out(site, frame, &mut image)
    }));
    match outcome {
        Ok(Ok(())) => trapped::complete(),
        Ok(Err(Stop::Refused(report))) => {
            // Not through the test harness's capture: the process is about to end.
            let _ = writeln!(std::io::stderr(), "{report}");
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
    driver_stack::leave_if_failed();
    signal::set_errno(errno);
}

fn carry_out(site: &Site, frame: &mut Frame, image: &mut Image<'_>) -> Result<(), Stop> {
    let location = CodeLocation::Instruction(frame.rip as usize);
    match &site.plan {
        Ok(plan) => {
            let origin = Origin { location, read_modify_write: plan.is_read_modify_write(), locked: plan.locked };
            execute::execute(plan, frame, image, origin)
        }
        Err(reason) => Err(Stop::Refused(report::not_carried_out(reason, location))),
    }
}
