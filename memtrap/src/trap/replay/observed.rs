//! Stores of which only a trial run tells what they write: register images, and moves masked by an MMX register.
//!
//! The instruction runs twice, on buffers filled with opposite bytes. What agrees afterwards was written.
#![forbid(unsafe_code)]

use super::{
    super::{
        frame::Frame,
        memory::{self, Stop},
        plan::{Bytes, Code, Replay},
        xstate::{self, Image},
    },
    Extended,
    buffer::Buffer,
    run,
};
use crate::bus::shape::Origin;

/// Where `xsave` keeps its header, which it updates rather than overwrites.
const XSAVE_HEADER: std::ops::Range<usize> = 512..520;

/// Carries out a store whose written bytes are found out.
pub(super) fn replay(
    plan: &Replay,
    address: usize,
    frame: &mut Frame,
    image: &mut Image<'_>,
    origin: Origin,
) -> Result<(), Stop> {
    let size = if plan.size == 0 { xstate::image_size() } else { plan.size };
    let header = if plan.reads == Bytes::None { None } else { Some(XSAVE_HEADER) };
    let mut zeros = Buffer::new(address, size);
    let mut ones = Buffer::new(address, size);
    ones.bytes().fill(0xff);
    if let Some(header) = header {
        memory::read(address.wrapping_add(header.start), &mut zeros.bytes()[header.clone()], origin)?;
        ones.bytes()[header.clone()].copy_from_slice(&zeros.bytes()[header]);
    }

    let Code::Stub(stub) = &plan.code else {
        return Err(Stop::Refused("memtrap: the fixed set has no stores to observe".to_owned()));
    };
    run(stub, zeros.bytes().as_mut_ptr(), frame, image, Extended::Drop)?;
    let done = run(stub, ones.bytes().as_mut_ptr(), frame, image, Extended::Keep)?;

    let (zeros, ones) = (zeros.bytes(), ones.bytes());
    let mut at = 0;
    while at < size {
        let written = |at: &usize| zeros[*at] == ones[*at];
        let length = (at..size).take_while(written).count();
        if length == 0 {
            at += 1;
            continue;
        }
        memory::write(address.wrapping_add(at), &ones[at..at + length], origin)?;
        at += length;
    }
    done.commit(frame);
    Ok(())
}
