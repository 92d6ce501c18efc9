//! Where a memory operand is.

use super::{super::frame::Frame, Part, Register};
use iced_x86::{Instruction, Register as Iced};

/// A memory operand without vector index: `segment:[base + index * scale + displacement]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    base: Option<u8>,
    index: Option<(Register, u8)>,
    displacement: u64,
    segment: Segment,
    /// The offset wraps at 32 bits (address-size prefix).
    narrow: bool,
}

/// A segment whose base is not zero in 64-bit mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    None,
    Fs,
    Gs,
}

/// The bases of the two segments that have one; asked only when an operand names one of them.
pub(crate) trait SegmentBases {
    fn base(&self, segment: Segment) -> u64;
}

impl Address {
    /// The memory operand of `instruction`; a vector index is left out.
    pub(super) fn of(instruction: &Instruction) -> Self {
        let base = instruction.memory_base();
        let index = instruction.memory_index();
        let without_general = base == Iced::None && !index.is_gpr64();
        let narrow = base.is_gpr32()
            || index.is_gpr32()
            || base == Iced::EIP
            || without_general && instruction.memory_displ_size() == 4;
        Self {
            base: general(base),
            index: general(index).map(|number| (Register { number, part: Part::All }, scale(instruction))),
            displacement: instruction.memory_displacement64(),
            segment: segment(instruction.memory_segment()),
            narrow,
        }
    }

    /// `segment:[register]`.
    pub(super) fn at_register(register: Iced, segment_register: Iced) -> Self {
        Self {
            base: general(register),
            index: None,
            displacement: 0,
            segment: segment(segment_register),
            narrow: register.is_gpr32(),
        }
    }

    /// The same operand, displaced by the value of `index`.
    pub(super) fn plus(self, index: Register) -> Self {
        Self { index: Some((index, 1)), ..self }
    }

    /// The linear address, `extra` bytes behind the operand's start.
    pub(crate) fn evaluate(&self, frame: &Frame, extra: u64, segments: &impl SegmentBases) -> usize {
        let base = match self.segment {
            Segment::None => 0,
            segment => segments.base(segment),
        };
        self.offset(frame, extra).wrapping_add(base) as usize
    }

    /// The offset in the segment, `extra` bytes behind the operand's start.
    pub(crate) fn offset(&self, frame: &Frame, extra: u64) -> u64 {
        let mut offset = self.displacement.wrapping_add(extra);
        if let Some(base) = self.base {
            offset = offset.wrapping_add(frame.gpr[usize::from(base)]);
        }
        if let Some((index, scale)) = self.index {
            offset = offset.wrapping_add(index.get(&frame.gpr).wrapping_mul(u64::from(scale)));
        }
        if self.narrow {
            offset &= u64::from(u32::MAX);
        }
        offset
    }
}

fn scale(instruction: &Instruction) -> u8 {
    instruction.memory_index_scale() as u8
}

fn segment(register: Iced) -> Segment {
    match register {
        Iced::FS => Segment::Fs,
        Iced::GS => Segment::Gs,
        _ => Segment::None,
    }
}

/// The number of a general register of 32 or 64 bits; `None` for everything else, `rip` included (its operands have
/// their displacements resolved by the decoder).
pub(super) fn general(register: Iced) -> Option<u8> {
    (register.is_gpr32() || register.is_gpr64()).then(|| register.number() as u8)
}
