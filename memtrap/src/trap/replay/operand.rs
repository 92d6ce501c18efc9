//! Instructions with one memory operand.
#![forbid(unsafe_code)]

use super::{
    super::{
        execute::Bases,
        frame::Frame,
        memory::{self, Stop},
        plan::{Bytes, Code, Mask, Replay},
        xstate::{self, Image},
    },
    Done, Extended,
    buffer::Buffer,
    fixed, observed,
};
use crate::{
    bus::{shape::Origin, trapped},
    trace::Direction,
};
use std::ops::Range;

/// Carries out an instruction with one memory operand.
pub(in super::super) fn replay(
    plan: &Replay,
    locked: bool,
    frame: &mut Frame,
    image: &mut Image<'_>,
    origin: Origin,
) -> Result<(), Stop> {
    let displacement = plan.displacement(frame);
    let address = plan.address.evaluate(frame, displacement, &Bases);
    if plan.writes == Bytes::Observed {
        return observed::replay(plan, address, frame, image, origin);
    }
    let size = if plan.size == 0 { xstate::image_size() } else { plan.size };
    let mut buffer = Buffer::new(address, size);
    let operand = buffer.bytes();

    // A locked instruction holds the device for both its halves.
    if locked && let Some(mapping) = memory::region(address, size) {
        let offset = address - mapping.start();
        let held = mapping.with(|session| {
            trapped::read(session, offset, operand, origin);
            let done = run(&plan.code, base(operand, displacement), frame, image)?;
            // A refusal is kept as a report.
            let _ = trapped::write(session, offset, operand, origin);
            Ok(done)
        });
        match held {
            Ok(done) => done?.commit(frame),
            Err(closed) => {
                memory::refuse_closed(mapping, closed, address, size, Direction::Read, origin)?;
                operand.fill(0xff);
                run(&plan.code, base(operand, displacement), frame, image)?.commit(frame);
            }
        }
        return Ok(());
    }

    transfer(plan.reads, size, image, |range| {
        memory::read(address.wrapping_add(range.start), &mut operand[range], origin)
    })?;
    let done = run(&plan.code, base(operand, displacement), frame, image)?;
    transfer(plan.writes, size, image, |range| {
        memory::write(address.wrapping_add(range.start), &operand[range], origin)
    })?;
    done.commit(frame);
    Ok(())
}

/// Stores the bytes of `value` whose counterparts in `mask` have their sign bit set, of the low 16.
pub(in super::super) fn masked_store(
    address: usize,
    value: &[u8; 64],
    mask: &[u8; 64],
    origin: Origin,
) -> Result<(), Stop> {
    const SIZE: usize = 16;
    runs(signed(mask, 1, SIZE), SIZE)
        .try_for_each(|range| memory::write(address.wrapping_add(range.start), &value[range], origin))
}

/// Runs the instruction on the driver's state and the buffer at `operand`.
fn run(code: &Code, operand: *mut u8, frame: &Frame, image: &mut Image<'_>) -> Result<Done, Stop> {
    match code {
        Code::Stub(stub) => super::run(stub, operand, frame, image, Extended::Keep),
        Code::Fixed(fixed) => fixed::run(*fixed, operand, frame),
    }
}

/// What the stub's base register holds, so that the operand it addresses is the buffer.
fn base(operand: &mut [u8], displacement: u64) -> *mut u8 {
    operand.as_mut_ptr().wrapping_sub(displacement as usize)
}

/// Calls `work` for each run of bytes that are transferred, in ascending order.
fn transfer(
    bytes: Bytes,
    size: usize,
    image: &Image<'_>,
    mut work: impl FnMut(Range<usize>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let enabled = match bytes {
        Bytes::None | Bytes::Observed => return Ok(()),
        Bytes::All => return work(0..size),
        Bytes::Masked(mask) => masked(mask, image),
        Bytes::Packed(mask) => packed(mask, image),
        Bytes::Signed { vector, granule } => signed(&image.vector(usize::from(vector)), granule, size),
    };
    runs(enabled, size).try_for_each(work)
}

/// The runs of set bits among the low `size` bits, from the lowest.
fn runs(enabled: u64, size: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = enabled.checked_shr(at as u32).unwrap_or(0);
        if at >= size || rest == 0 {
            return None;
        }
        let start = at + rest.trailing_zeros() as usize;
        let end = size.min(start + (enabled >> start).trailing_ones() as usize);
        at = end;
        (start < size).then_some(start..end)
    })
}

/// One bit for each byte of the operand that the mask leaves.
fn masked(mask: Mask, image: &Image<'_>) -> u64 {
    let bits = image.mask_register(usize::from(mask.register));
    let elements = (0..mask.lanes).filter(|lane| bits >> lane & 1 == 1).map(|lane| lane % mask.elements);
    elements.fold(0, |enabled, element| enabled | low_bits(mask.granule) << (element * mask.granule))
}

/// One bit for each byte of as many elements as the mask leaves.
fn packed(mask: Mask, image: &Image<'_>) -> u64 {
    let bits = image.mask_register(usize::from(mask.register)) & low_bits(mask.lanes);
    low_bits(bits.count_ones() as u8 * mask.granule)
}

/// One bit for each byte of the elements whose sign bit is set in the vector.
fn signed(vector: &[u8; 64], granule: u8, size: usize) -> u64 {
    let elements = vector[..size].chunks_exact(usize::from(granule)).enumerate();
    elements
        .filter(|(_, element)| element.last().is_some_and(|byte| byte & 0x80 != 0))
        .fold(0, |enabled, (number, _)| enabled | low_bits(granule) << (number * usize::from(granule)))
}

fn low_bits(count: u8) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

#[cfg(test)]
mod tests {
    use super::{low_bits, runs, signed};

    #[test]
    fn runs_are_maximal_and_ascending() {
        let runs = |enabled, size| runs(enabled, size).map(|run| (run.start, run.end)).collect::<Vec<_>>();
        assert_eq!(runs(0, 64), []);
        assert_eq!(runs(u64::MAX, 64), [(0, 64)]);
        assert_eq!(runs(u64::MAX, 16), [(0, 16)]);
        assert_eq!(runs(0b1111_0000_0011, 12), [(0, 2), (8, 12)]);
        assert_eq!(runs(1 << 63, 64), [(63, 64)]);
        assert_eq!(runs(0xff00, 8), []);
    }

    #[test]
    fn sign_bits_enable_whole_elements() {
        let mut vector = [0; 64];
        vector[3] = 0x80;
        vector[15] = 0xff;
        assert_eq!(signed(&vector, 4, 16), 0xf00f);
        assert_eq!(signed(&vector, 8, 16), 0xff00);
        assert_eq!(low_bits(64), u64::MAX);
    }
}
