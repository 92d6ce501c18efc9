//! Gathers and scatters: one access for each enabled lane, in ascending order.
#![forbid(unsafe_code)]

use super::{
    super::{
        execute::Bases,
        frame::Frame,
        memory::{self, Stop},
        plan::{Enable, VectorReplay},
        xstate::Image,
    },
    Extended, run,
};
use crate::bus::shape::Origin;

/// Distance of two lanes' elements in the buffer, in bytes.
const LANE: usize = 8;
/// Most lanes of an instruction.
const LANES: usize = 16;

#[repr(C, align(64))]
struct Buffer([u8; LANES * LANE]);

/// Carries out a gather or a scatter.
pub(in super::super) fn vector(
    plan: &VectorReplay,
    frame: &mut Frame,
    image: &mut Image<'_>,
    origin: Origin,
) -> Result<(), Stop> {
    let mut buffer = Buffer([0; LANES * LANE]);
    let element = usize::from(plan.element);
    let indices = image.vector(usize::from(plan.index));
    let address = |lane: usize| plan.address.evaluate(frame, plan.offset(&indices, lane), &Bases);
    // The mask register is cleared when the stub has run.
    let lanes = (0..usize::from(plan.lanes)).filter(|lane| enabled(plan, image, *lane));
    let lanes = lanes.fold(0_u64, |bits, lane| bits | 1 << lane);

    if !plan.scatter {
        // Memory first: if it faults, no device has been read, and the instruction can start over.
        for on_device in [false, true] {
            for lane in set_bits(lanes) {
                let address = address(lane);
                if memory::touches_device(address, element) == on_device {
                    memory::read(address, &mut buffer.0[lane * LANE..][..element], origin)?;
                }
            }
        }
    }
    let done = run_on(plan, &mut buffer, frame, image)?;
    if plan.scatter {
        for lane in set_bits(lanes) {
            let written = memory::write(address(lane), &buffer.0[lane * LANE..][..element], origin);
            if let Err(stop) = written {
                // As on a processor, the lanes that are done are disabled, and the instruction can be continued.
                if let Enable::Mask(register) = plan.enable {
                    image.set_mask_register(usize::from(register), lanes >> lane << lane);
                }
                return Err(stop);
            }
        }
    }
    done.commit(frame);
    Ok(())
}

/// The numbers of the bits that are set, ascending.
fn set_bits(bits: u64) -> impl Iterator<Item = usize> {
    (0..LANES).filter(move |bit| bits >> bit & 1 == 1)
}

/// Runs the stub with the index replaced by offsets into the buffer.
fn run_on(plan: &VectorReplay, buffer: &mut Buffer, frame: &Frame, image: &mut Image<'_>) -> Result<super::Done, Stop> {
    let substitute = usize::from(plan.substitute);
    let saved = image.vector(substitute);
    let mut offsets = [0; 64];
    for (lane, offset) in offsets.chunks_exact_mut(usize::from(plan.index_size)).enumerate() {
        let value = (lane % LANES * LANE) as u64;
        offset.copy_from_slice(&value.to_le_bytes()[..usize::from(plan.index_size)]);
    }
    image.set_vector(substitute, &offsets);
    let done = run(&plan.stub, buffer.0.as_mut_ptr(), frame, image, Extended::Keep);
    image.set_vector(substitute, &saved);
    done
}

fn enabled(plan: &VectorReplay, image: &Image<'_>, lane: usize) -> bool {
    match plan.enable {
        Enable::Mask(register) => image.mask_register(usize::from(register)) >> lane & 1 == 1,
        Enable::Signs(register) => {
            let signs = image.vector(usize::from(register));
            signs[(lane + 1) * usize::from(plan.element) - 1] & 0x80 != 0
        }
    }
}
