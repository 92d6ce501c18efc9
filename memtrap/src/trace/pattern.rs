//! What a question, a script or a fault is about: accesses of one direction to one register, perhaps with some value.

use super::event::{AccessEvent, Direction, Event, EventKind, TracedRegion};
use crate::{
    map::RegisterMap,
    mmio::{RegisterBits as _, RegisterValue},
};
use std::{fmt, panic::Location};

/// A kind of access: its direction, its register, and perhaps its value.
///
/// Registers are named as the trace prints them: `dr` in any region, `uart.dr` in the region `uart`, `id` for any element
/// of an array and `id[2]` for one, `dr+2` for accesses that start inside a register, and `+0x18` or `timer+0x018` for an
/// offset, whether or not it has a name.
#[derive(Clone, Debug)]
pub struct Pattern {
    direction: Option<Direction>,
    /// `None` stands for every register.
    register: Option<String>,
    /// The bits of a value that count.
    mask: u64,
    value: u64,
    location: &'static Location<'static>,
}

/// Reads of the register with this name.
///
/// Takes the name as a string or as a value of a block's `Reg` enumeration.
#[track_caller]
pub fn read(register: impl AsRef<str>) -> Pattern {
    Pattern::new(Some(Direction::Read), Some(register.as_ref()))
}

/// Writes to the register with this name.
///
/// Takes the name as a string or as a value of a block's `Reg` enumeration.
#[track_caller]
pub fn write(register: impl AsRef<str>) -> Pattern {
    Pattern::new(Some(Direction::Write), Some(register.as_ref()))
}

/// Reads and writes of the register with this name.
#[track_caller]
pub fn access(register: impl AsRef<str>) -> Pattern {
    Pattern::new(None, Some(register.as_ref()))
}

/// Reads of every register of every region.
#[must_use]
#[track_caller]
pub fn any_read() -> Pattern {
    Pattern::new(Some(Direction::Read), None)
}

/// Writes to every register of every region.
#[must_use]
#[track_caller]
pub fn any_write() -> Pattern {
    Pattern::new(Some(Direction::Write), None)
}

/// All accesses to all regions.
#[must_use]
#[track_caller]
pub fn any_access() -> Pattern {
    Pattern::new(None, None)
}

/// A value to compare with: that of a register, or a literal.
pub trait IntoValue {
    /// The bits, zero-extended.
    fn into_value(self) -> u64;
}

impl<V: RegisterValue> IntoValue for V {
    fn into_value(self) -> u64 {
        self.into_bits().to_u64()
    }
}

/// For literals without a suffix.
impl IntoValue for i32 {
    /// # Panics
    ///
    /// If the number is negative.
    #[track_caller]
    fn into_value(self) -> u64 {
        u64::try_from(self).expect("memtrap: the value of a register is not negative")
    }
}

impl Pattern {
    #[track_caller]
    fn new(direction: Option<Direction>, register: Option<&str>) -> Self {
        let register = register.map(str::to_owned);
        Self { direction, register, mask: 0, value: 0, location: Location::caller() }
    }

    /// Only accesses that transferred `value`.
    ///
    /// # Panics
    ///
    /// If `value` is a negative literal.
    #[must_use]
    #[track_caller]
    pub fn of(self, value: impl IntoValue) -> Self {
        Self { mask: u64::MAX, value: value.into_value(), ..self }
    }

    /// Only accesses whose value has these bits under `mask`. May be given several times.
    #[must_use]
    pub fn with_bits(self, mask: u64, bits: u64) -> Self {
        Self { mask: self.mask | mask, value: self.value & !mask | bits & mask, ..self }
    }

    /// Only accesses whose value has all bits of `mask` set.
    #[must_use]
    pub fn with_set(self, mask: u64) -> Self {
        self.with_bits(mask, mask)
    }

    /// Only accesses whose value has no bit of `mask` set.
    #[must_use]
    pub fn with_clear(self, mask: u64) -> Self {
        self.with_bits(mask, 0)
    }

    /// Where the pattern was written.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Whether an event is an access that the pattern describes.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        match &event.kind {
            EventKind::Access(AccessEvent { direction, access, value, registers, .. }) => {
                self.matches_place(*direction, event.region, *registers, access.offset) && self.matches_value(*value)
            }
            _ => false,
        }
    }

    /// Whether the direction and the place of an access are those of the pattern.
    pub(crate) fn matches_place(
        &self,
        direction: Direction,
        region: &str,
        registers: Option<&RegisterMap>,
        offset: usize,
    ) -> bool {
        self.direction.is_none_or(|wanted| wanted == direction)
            && self.register.as_deref().is_none_or(|name| is_name_of(name, region, registers, offset))
    }

    /// Whether a value is one that the pattern wants.
    pub(crate) fn matches_value(&self, value: u64) -> bool {
        self.differing_bits(value) == 0
    }

    /// The bits in which a value differs from the one that the pattern wants.
    pub(crate) fn differing_bits(&self, value: u64) -> u64 {
        (value ^ self.value) & self.mask
    }

    /// Whether the value counts.
    pub(crate) fn asks_for_value(&self) -> bool {
        self.mask != 0
    }

    /// Whether the pattern names this very register in the same direction, whatever the value.
    pub(super) fn is_about(&self, event: &Event) -> bool {
        let any_value = Self { direction: None, mask: 0, ..self.clone() };
        self.register.is_some() && any_value.matches(event)
    }

    /// What is wrong with the name of the pattern's register, if none of the regions has it: a question about it would be
    /// answered by accident.
    pub(crate) fn unknown(&self, regions: &[TracedRegion]) -> Option<String> {
        let name = self.register.as_deref()?;
        if regions.is_empty() || regions.iter().any(|region| exists(name, region)) {
            return None;
        }
        let known = regions.iter().filter_map(|region| region.registers).flat_map(|map| map.registers);
        let mut known: Vec<_> = known.map(|register| register.name).collect();
        known.sort_unstable();
        known.dedup();
        let hint = match known.as_slice() {
            [] => "its devices do not name their registers; write an offset as `+0x18`".to_owned(),
            known => format!("there are {}", known.join(", ")),
        };
        Some(format!("no region of this bus has a register `{name}`: {hint}"))
    }

    /// `a write of ..`, `an access of ..`
    pub(super) fn with_article(&self) -> String {
        format!("{} {self}", if self.direction.is_some() { "a" } else { "an" })
    }
}

/// Panics if the name of a register is misspelt.
#[track_caller]
pub(crate) fn check<'p>(patterns: impl IntoIterator<Item = &'p Pattern>, regions: &[TracedRegion]) {
    for pattern in patterns {
        if let Some(mistake) = pattern.unknown(regions) {
            panic!("memtrap: {mistake} (asked for at {})", pattern.location);
        }
    }
}

/// What `name` says beside the name of the region, if it can be one of this region's: `.` in front of a register and `+`
/// in front of an offset are left out and kept, respectively.
fn parts<'n>(name: &'n str, region: &str) -> impl Iterator<Item = &'n str> {
    let rest = name.strip_prefix(region);
    let qualified = rest.and_then(|rest| rest.strip_prefix('.').or_else(|| rest.starts_with('+').then_some(rest)));
    std::iter::once(name).chain(qualified)
}

/// Whether `name` means the place at `offset`.
fn is_name_of(name: &str, region: &str, registers: Option<&RegisterMap>, offset: usize) -> bool {
    let place = registers.and_then(|map| Some((map, map.find(offset)?)));
    parts(name, region).any(|name| {
        if parse_offset(name) == Some(offset) {
            return true;
        }
        let Some((map, place)) = place else { return false };
        let register = map.registers[place.register].name;
        let Some(rest) = name.strip_prefix(register) else { return false };
        let (element, within) = split_index(rest);
        match (element, within) {
            (Some(Index::Wrong), _) => false,
            (element, "") => element.is_none_or(|index| index == Index::Element(place.element)),
            (element, within) => {
                element.is_none_or(|index| index == Index::Element(place.element))
                    && within.strip_prefix('+').and_then(|text| text.parse().ok()) == Some(place.within)
            }
        }
    })
}

/// Whether `name` means a place of the region.
fn exists(name: &str, region: &TracedRegion) -> bool {
    parts(name, region.name).any(|name| {
        let registers = region.registers.map_or(&[][..], |map| map.registers);
        parse_offset(name).is_some_and(|offset| offset < region.size)
            || registers.iter().any(|register| {
                let Some(rest) = name.strip_prefix(register.name) else { return false };
                let (element, within) = split_index(rest);
                let element = match element {
                    None => true,
                    Some(Index::Element(element)) => register.count.is_some_and(|count| element < count),
                    Some(Index::Wrong) => false,
                };
                element && (within.is_empty() || within.starts_with('+'))
            })
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Index {
    Element(usize),
    Wrong,
}

/// `[2]+1` as an element and the rest.
fn split_index(text: &str) -> (Option<Index>, &str) {
    let Some((index, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) else { return (None, text) };
    (Some(index.parse().map_or(Index::Wrong, Index::Element)), rest)
}

/// The number behind a `+` if it is in hexadecimal.
fn parse_offset(text: &str) -> Option<usize> {
    usize::from_str_radix(text.strip_prefix("+0x")?, 16).ok()
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direction {
            Some(direction) => direction.fmt(f)?,
            None => f.write_str("access")?,
        }
        match &self.register {
            Some(register) => write!(f, " of `{register}`")?,
            None => f.write_str(" of any register")?,
        }
        match self.mask {
            0 => Ok(()),
            u64::MAX => write!(f, " = {:#x}", self.value),
            mask => write!(f, " & {mask:#x} = {:#x}", self.value),
        }
    }
}

#[cfg(test)]
mod tests;
