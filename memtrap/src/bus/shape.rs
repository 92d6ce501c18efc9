//! What kind of access it is, and where in the driver's code it was made: a word each, so that they stay in registers on the
//! way from a door to the record.

use super::{
    access::{Access, CodeLocation},
    meter::nanoseconds,
};
use crate::{map::Width, mmio::PackedLocation, trace::Direction};
use std::time::Duration;

/// What kind of access it is, as the bits that its record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Shape(u8);

impl Shape {
    /// Number of bits in use.
    pub(crate) const BITS: u32 = 6;

    const WIDTH: u8 = 0b11;
    const WRITE: u8 = 1 << 2;
    const READ_MODIFY_WRITE: u8 = 1 << 3;
    const LOCKED: u8 = 1 << 4;
    const FAILED: u8 = 1 << 5;

    /// That of a read or write of its own.
    #[inline(always)]
    pub(crate) const fn new(direction: Direction, width: Width) -> Self {
        let direction = match direction {
            Direction::Read => 0,
            Direction::Write => Self::WRITE,
        };
        Self(width as u8 | direction)
    }

    /// The same, of half of a read-modify-write.
    #[inline(always)]
    pub(crate) const fn half(self) -> Self {
        self.with(Self::READ_MODIFY_WRITE, true)
    }

    const fn with(self, bit: u8, on: bool) -> Self {
        Self(self.0 | if on { bit } else { 0 })
    }

    #[inline(always)]
    pub(crate) const fn has_failed(self) -> bool {
        self.0 & Self::FAILED != 0
    }

    #[inline(always)]
    pub(crate) const fn is_read_modify_write(self) -> bool {
        self.0 & Self::READ_MODIFY_WRITE != 0
    }

    #[inline(always)]
    pub(crate) const fn is_locked(self) -> bool {
        self.0 & Self::LOCKED != 0
    }

    #[inline(always)]
    pub(crate) const fn direction(self) -> Direction {
        if self.0 & Self::WRITE == 0 { Direction::Read } else { Direction::Write }
    }

    #[inline(always)]
    pub(crate) const fn width(self) -> Width {
        match self.0 & Self::WIDTH {
            0 => Width::U8,
            1 => Width::U16,
            2 => Width::U32,
            _ => Width::U64,
        }
    }
}

/// How the driver made an access; the same for all pieces of one instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    location: PackedLocation,
    /// No width, no direction.
    common: Shape,
}

impl Origin {
    /// An access that stands alone.
    #[inline(always)]
    pub(crate) fn new(location: CodeLocation) -> Self {
        Self { location: location.into(), common: Shape::default() }
    }

    /// The same, if `is_half`, of half of a read-modify-write.
    #[inline(always)]
    pub(crate) fn read_modify_write(self, is_half: bool) -> Self {
        Self { common: self.common.with(Shape::READ_MODIFY_WRITE, is_half), ..self }
    }

    /// The same, if `is_locked`, of a `LOCK`ed instruction.
    #[cfg(any(trap, test))]
    #[inline(always)]
    pub(crate) fn locked(self, is_locked: bool) -> Self {
        Self { common: self.common.with(Shape::LOCKED, is_locked), ..self }
    }

    /// That of an access of this shape.
    pub(crate) fn of(shape: Shape, location: PackedLocation) -> Self {
        Self { location, common: Shape(shape.0 & (Shape::READ_MODIFY_WRITE | Shape::LOCKED)) }
    }

    #[inline(always)]
    pub(crate) fn packed(self) -> PackedLocation {
        self.location
    }

    pub(crate) fn location(self) -> CodeLocation {
        self.location.unpack()
    }

    /// The shape of a piece.
    #[inline(always)]
    pub(crate) fn shape(self, direction: Direction, width: Width) -> Shape {
        Shape(self.common.0 | Shape::new(direction, width).0)
    }
}

/// An access that a device has been asked for.
///
/// Whole words: one that is written in parts cannot be read back at once by a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) head: Head,
    /// Bytes from the start of the region.
    pub(crate) offset: usize,
    /// Nanoseconds since the bus was made.
    pub(crate) time: u64,
    pub(crate) location: PackedLocation,
}

/// The number of an access, the fields that conditions of the block name as they were, and the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head(pub(crate) u64);

impl Head {
    /// Bits of the fields: four at most.
    const BANK: u32 = 4;
    const FLAGS: u32 = Shape::BITS + Self::BANK;

    #[inline(always)]
    pub(crate) const fn new(sequence: u64, bank: u8, shape: Shape) -> Self {
        Self(sequence << Self::FLAGS | (bank as u64) << Shape::BITS | shape.0 as u64)
    }

    /// The same access, if it has `failed`.
    pub(crate) fn failed(self, failed: bool) -> Self {
        Self(self.0 | u64::from(Shape::default().with(Shape::FAILED, failed).0))
    }

    #[inline(always)]
    pub(crate) const fn sequence(self) -> u64 {
        self.0 >> Self::FLAGS
    }

    /// That of an access which is just like this one, and the next of the bus.
    #[inline(always)]
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + (1 << Self::FLAGS))
    }

    /// Whether two accesses at one offset are of one place, in one direction and of one width, and both or neither failed.
    #[inline(always)]
    pub(crate) const fn is_alike(self, other: Self) -> bool {
        const SHAPE: u8 = Shape::WIDTH | Shape::WRITE | Shape::FAILED;
        const MASK: u64 = ((1 << Head::BANK) - 1) << Shape::BITS | SHAPE as u64;
        (self.0 ^ other.0) & MASK == 0
    }

    #[inline(always)]
    pub(crate) const fn shape(self) -> Shape {
        Shape(self.0 as u8 & ((1 << Shape::BITS) - 1))
    }

    /// The fields that conditions of the block name, as they were: less than 16.
    #[inline(always)]
    pub(crate) const fn bank(self) -> u8 {
        (self.0 >> Shape::BITS) as u8 & ((1 << Self::BANK) - 1)
    }
}

impl Asked {
    #[inline(always)]
    pub(crate) const fn sequence(&self) -> u64 {
        self.head.sequence()
    }

    #[inline(always)]
    pub(crate) const fn shape(&self) -> Shape {
        self.head.shape()
    }

    /// The inverse of [`access`](Self::access).
    pub(crate) fn of(access: &Access, direction: Direction) -> Self {
        let Access { offset, width, read_modify_write, locked, sequence, time, location } = *access;
        let origin = Origin::new(location).read_modify_write(read_modify_write);
        let shape = origin.shape(direction, width).with(Shape::LOCKED, locked);
        Self { head: Head::new(sequence, 0, shape), offset, time: nanoseconds(time), location: origin.packed() }
    }

    /// As the device model is told of it.
    #[inline(always)]
    pub(crate) fn access(&self) -> Access {
        let Self { head, offset, time, location } = *self;
        let (sequence, shape) = (head.sequence(), head.shape());
        Access {
            offset,
            width: shape.width(),
            read_modify_write: shape.is_read_modify_write(),
            locked: shape.is_locked(),
            sequence,
            time: Duration::from_nanos(time),
            location: location.unpack(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_what_it_was_made_of() {
        for direction in [Direction::Read, Direction::Write] {
            for width in [Width::U8, Width::U16, Width::U32, Width::U64] {
                let here = CodeLocation::Instruction(0x1234);
                let origin = Origin::new(here).read_modify_write(true).locked(direction == Direction::Read);
                let shape = origin.shape(direction, width);
                assert_eq!((shape.direction(), shape.width(), shape.has_failed()), (direction, width, false));
                let head = Head::new(1 << 50, 15, shape);
                assert_eq!((head.sequence(), head.bank(), head.shape()), (1 << 50, 15, shape));
                assert_eq!(head.failed(false), head);
                let failed = head.failed(true);
                assert_eq!((failed.sequence(), failed.bank(), failed.shape().has_failed()), (1 << 50, 15, true));
                let asked = Asked { head: Head::new(7, 0, shape), offset: 0x18, time: 300, location: origin.packed() };
                let access = asked.access();
                assert_eq!((access.width, access.location, access.sequence), (width, here, 7));
                assert_eq!((access.offset, access.time), (0x18, Duration::from_nanos(300)));
                assert_eq!((access.read_modify_write, access.locked), (true, direction == Direction::Read));
                assert_eq!(Asked::of(&access, direction), asked);
            }
        }
    }
}
