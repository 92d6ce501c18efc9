//! Random accesses of a driver, and what comes of them through a door.

use crate::{
    block::Block,
    doors::{Door, outcome},
    oracle::Oracle,
    random::Numbers,
    subject::Subject,
};
use memtrap::{Violation, ViolationPolicy, Width};

/// What one sequence does with violations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policies([ViolationPolicy; Violation::ALL.len()]);

impl Policies {
    pub(crate) fn random(numbers: &mut Numbers) -> Self {
        use ViolationPolicy::{Allow, Error, Log};
        // A third of all sequences break no rule that anybody minds.
        let strict = numbers.below(3) > 0;
        Self(Violation::ALL.map(|violation| match (violation, numbers.below(6)) {
            (Violation::ReadModifyWrite, _) => Allow,
            (_, 0..2) if strict => Error,
            (_, 2) => Log,
            _ => Allow,
        }))
    }

    pub(crate) fn of(&self, violation: Violation) -> ViolationPolicy {
        let index = Violation::ALL.iter().position(|other| *other == violation);
        self.0[index.expect("all are there")]
    }

    fn permit_all(&self) -> bool {
        !self.0.contains(&ViolationPolicy::Error)
    }
}

/// One operation of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Read { offset: usize, width: Width },
    Write { offset: usize, width: Width, value: u64 },
    SetBits { offset: usize, bits: u32 },
}

impl Operation {
    pub(crate) fn random(block: &Block, policies: &Policies, numbers: &mut Numbers) -> Self {
        let register = &block.registers[numbers.below(block.registers.len())];
        let start = register.offset + numbers.below(register.len()) * register.stride;
        // Most accesses are of whole registers; the others are of any width and anywhere.
        let (offset, bytes) = if numbers.below(5) < 3 {
            (start, register.bytes)
        } else {
            let bytes = 1 << numbers.below(4);
            let at = if numbers.below(2) == 0 { start } else { numbers.below(block.size) };
            let at = if numbers.below(4) > 0 { at - at % bytes } else { at };
            (at.min(block.size - bytes), bytes)
        };
        let width = Width::from_bytes(bytes).expect("a power of two");
        // Many zeros and many ones, as drivers write them.
        let value = match numbers.below(4) {
            0 => 1 << numbers.below(64),
            1 => !(1 << numbers.below(64)),
            _ => numbers.next(),
        };
        match numbers.below(16) {
            0..7 => Self::Read { offset, width },
            15 if policies.permit_all() => Self::SetBits { offset: offset - offset % 4, bits: value as u32 },
            _ => Self::Write { offset, width, value },
        }
    }

    /// What should come of it: the value that is read, or that it is refused.
    pub(crate) fn expected(self, oracle: &mut Oracle<'_>) -> Option<u64> {
        match self {
            Self::Read { offset, width } => oracle.read(offset, width.bytes()),
            Self::Write { offset, width, value } => oracle.write(offset, width.bytes(), value).map(|()| 0),
            Self::SetBits { offset, bits } => {
                let value = oracle.read(offset, 4)?;
                oracle.write(offset, 4, value | u64::from(bits)).map(|()| 0)
            }
        }
    }

    /// What comes of it through a door: the value that is read, or the first line of the report.
    pub(crate) fn outcome(self, door: Door, subject: &dyn Subject) -> Result<u64, String> {
        let base = subject.base();
        outcome(&subject.bus(), || match self {
            Self::Read { offset, width } => read(door, base, offset, width),
            Self::Write { offset, width, value } => {
                write(door, base, offset, width, value);
                0
            }
            Self::SetBits { offset, bits } => {
                door.set_bits(base, offset, bits);
                0
            }
        })
    }
}

/// An accessor cannot be misaligned: a driver that goes through the typed door makes several accesses.
fn aligned(door: Door, offset: usize, width: Width) -> Vec<(usize, Width)> {
    if door != Door::Typed || offset.is_multiple_of(width.bytes()) {
        return vec![(offset, width)];
    }
    let (mut at, end) = (offset, offset + width.bytes());
    let mut pieces = Vec::new();
    while at < end {
        let widths = [8, 4, 2, 1].into_iter();
        let bytes = widths.filter(|bytes| at.is_multiple_of(*bytes) && at + bytes <= end).max().expect("a byte fits");
        pieces.push((at, Width::from_bytes(bytes).expect("a power of two")));
        at += bytes;
    }
    pieces
}

fn read(door: Door, base: *mut u8, offset: usize, width: Width) -> u64 {
    let pieces = aligned(door, offset, width).into_iter();
    pieces.fold(0, |value, (at, width)| value | door.read(base, at, width) << (8 * (at - offset)))
}

fn write(door: Door, base: *mut u8, offset: usize, width: Width, value: u64) {
    for (at, width) in aligned(door, offset, width) {
        door.write(base, at, width, value >> (8 * (at - offset)));
    }
}
