//! Accesses that are not of exactly one register: what they cover, and whether they are permitted.

use crate::{
    bus::{Access, CodeLocation, Context, ViolationPolicy},
    error::BusError,
    map::{Effects, Place, Policy, Register, RegisterMap},
    trace::Direction,
};

/// A run of bytes of an access that lie in one element of a register, or in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where the first byte lies.
    pub(super) place: Option<Place>,
    /// Distance of the first byte from the start of the access.
    at: usize,
    bytes: usize,
}

impl Part {
    /// The bits of the register's value that the part covers.
    pub(super) fn lanes(self) -> u64 {
        self.mask() << self.shift()
    }

    /// The bits that the part takes from a value of the register, where they are in a value of the access.
    pub(super) fn to_access(self, register: u64) -> u64 {
        (register >> self.shift() & self.mask()) << (8 * self.at)
    }

    /// The bits that the part takes from a value of the access, where they are in a value of the register.
    pub(super) fn to_register(self, access: u64) -> u64 {
        (access >> (8 * self.at) & self.mask()) << self.shift()
    }

    fn mask(self) -> u64 {
        u64::MAX >> (64 - 8 * self.bytes)
    }

    fn shift(self) -> usize {
        8 * self.place.map_or(0, |place| place.within)
    }
}

/// The parts of an access in ascending order.
pub(super) fn parts(map: &RegisterMap, access: Access) -> impl Iterator<Item = Part> {
    let length = access.width.bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == length {
            return None;
        }
        let place = map.find(access.offset + at);
        let bytes = place.map_or(1, |place| map.registers[place.register].width.bytes() - place.within);
        let part = Part { place, at, bytes: bytes.min(length - at) };
        at += part.bytes;
        Some(part)
    })
}

/// Whether the access may be carried out.
///
/// # Errors
///
/// The first violation that the test does not permit.
pub(super) fn check(
    map: &RegisterMap,
    access: Access,
    direction: Direction,
    value: u64,
    cx: &mut Context<'_>,
) -> Result<(), BusError> {
    let violations = violations(map, access, direction, value);
    if let Some(error) = violations.iter().find(|error| cx.policy(error) == ViolationPolicy::Error) {
        return Err(error.clone());
    }
    for error in &violations {
        cx.permits(error);
    }
    Ok(())
}

/// The rules that the access breaks, each once.
fn violations(map: &RegisterMap, access: Access, direction: Direction, value: u64) -> Vec<BusError> {
    let mut found = Vec::new();
    let mut add = |error| {
        if !found.contains(&error) {
            found.push(error);
        }
    };
    let mut touched = false;
    for part in parts(map, access) {
        let Some(place) = part.place else { continue };
        touched = true;
        let register = &map.registers[place.register];
        if !register.access.permits(direction) {
            add(match direction {
                Direction::Read => BusError::WriteOnly,
                Direction::Write => BusError::ReadOnly,
            });
        }
        let is_whole = place.within == 0 && access.width == register.width;
        if !is_whole && !register.widths.contains(&access.width) {
            add(BusError::Width { expected: register.width });
        }
        if direction == Direction::Write {
            let value = part.to_register(value);
            if is_harmful(register, access, value, part.lanes()) {
                add(BusError::ReadModifyWrite);
            }
            let broken = register.reserved.broken_by(value, place.alias.map(|alias| alias.operation), part.lanes());
            if register.access.is_writable() && !broken.is_empty() {
                add(BusError::ReservedBits { ones: broken.zero, zeros: broken.one });
            }
        }
    }
    if !touched {
        add(BusError::Unmapped);
    }
    found
}

/// Whether an access of this kind can be [harmful](is_harmful) to `register`.
#[inline(always)]
pub(super) fn may_harm(register: &Register, access: &Access, direction: Direction) -> bool {
    let acts = || match access.location {
        CodeLocation::Instruction(_) => access.locked && (register.policy != Policy::RW || !register.fields.is_empty()),
        CodeLocation::Source(_) => register.policy != Policy::RW,
    };
    access.read_modify_write && direction == Direction::Write && acts()
}

/// Whether a write to `register` is half of a read-modify-write, and has bits act that were meant to be left as they are.
///
/// That is certain of two operations, which are the same in every build of the driver. A `LOCK`ed instruction is what an
/// atomic operation was compiled to. `Reg::modify` of a handle that does not know what the register does is one call; the
/// register's own handle has no `modify` if writes act on all its bits, and masks those of fields. An instruction that is
/// not `LOCK`ed may be what an optimiser made of a read and a write, and of those nobody can say whether the second
/// acknowledges what the first has seen, as it should be.
fn is_harmful(register: &Register, access: Access, value: u64, lanes: u64) -> bool {
    if !may_harm(register, &access, Direction::Write) {
        return false;
    }
    let fields = match access.location {
        CodeLocation::Instruction(_) => register.fields,
        // The bits of fields were masked, unless the driver named them.
        CodeLocation::Source(_) => &[],
    };
    Effects::new(register.policy, fields).writing_back_acts(value) & lanes != 0
}
