//! What a question, a script or a fault is about: accesses of one direction to one register, perhaps with some value.

use super::{
    event::{AccessEvent, Direction, Event, EventKind, TracedRegion},
    naming::{exists, is_name_of, named, without_indices},
};
use crate::{
    map::RegisterMap,
    mmio::{RegisterBits as _, RegisterValue},
};
use std::{fmt, panic::Location};

/// A kind of access: its direction, its register, and perhaps its value.
///
/// Registers are named as the trace prints them: `dr` in any region, `uart.dr` in the region `uart`, `id` for any element
/// of an array and `id[2]` for one, `channel[1].control` for a register of a nested block and `channel.control` for that of each, `dr+2` for accesses that start inside a register, and `+0x18` or `timer+0x018` for an
/// offset, whether or not it has a name. `control.set` is the register in the window of a block's `alias(set = ..)`, and
/// `control` only the register itself.
#[derive(Clone, Debug)]
pub struct Pattern {
    direction: Option<Direction>,
    /// `None` stands for every register.
    register: Option<String>,
    /// The bits of a value that count.
    mask: u64,
    value: u64,
    /// Fields by name, and their values.
    fields: Vec<(String, u64)>,
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

/// For fields of one bit.
impl IntoValue for bool {
    fn into_value(self) -> u64 {
        self.into()
    }
}

impl Pattern {
    #[track_caller]
    fn new(direction: Option<Direction>, register: Option<&str>) -> Self {
        let register = register.map(str::to_owned);
        Self { direction, register, mask: 0, value: 0, fields: Vec::new(), location: Location::caller() }
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

    /// Only accesses to the whole register in which the field with this name has this value, given as an integer. May be
    /// called several times.
    ///
    /// # Panics
    ///
    /// If `value` is a negative literal.
    #[must_use]
    #[track_caller]
    pub fn with_field(mut self, field: impl AsRef<str>, value: impl IntoValue) -> Self {
        self.fields.push((field.as_ref().to_owned(), value.into_value()));
        self
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
                self.matches_place(*direction, event.region, *registers, access.offset)
                    && self.matches_value(*value, *registers, access.offset)
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
    pub(crate) fn matches_value(&self, value: u64, registers: Option<&RegisterMap>, offset: usize) -> bool {
        self.wanted(registers, offset).is_some_and(|(mask, wanted)| (value ^ wanted) & mask == 0)
    }

    /// The bits that count at this place, and what they must be; `None` if the place does not have a field that is asked
    /// for.
    pub(crate) fn wanted(&self, registers: Option<&RegisterMap>, offset: usize) -> Option<(u64, u64)> {
        let (mut mask, mut wanted) = (self.mask, self.value);
        for (name, value) in &self.fields {
            let map = registers?;
            let whole = map.places(offset).filter(|place| place.within == 0);
            let field =
                whole.flat_map(|place| map.registers[place.register].fields).find(|field| field.name == name)?;
            mask |= field.mask();
            wanted = wanted & !field.mask() | value << field.lsb & field.mask();
        }
        Some((mask, wanted))
    }

    /// Whether the value counts.
    pub(crate) fn asks_for_value(&self) -> bool {
        self.mask != 0 || !self.fields.is_empty()
    }

    /// Whether the pattern names this very register in the same direction, whatever the value.
    pub(super) fn is_about(&self, event: &Event) -> bool {
        let any_value = Self { direction: None, mask: 0, fields: Vec::new(), ..self.clone() };
        self.register.is_some() && any_value.matches(event)
    }

    /// What is wrong with the name of the pattern's register, if none of the regions has it: a question about it would be
    /// answered by accident.
    pub(crate) fn unknown(&self, regions: &[TracedRegion]) -> Option<String> {
        if regions.is_empty() {
            return None;
        }
        let Some(name) = self.register.as_deref() else { return self.unknown_field(regions) };
        if regions.iter().any(|region| exists(name, region)) {
            return self.unknown_field(regions);
        }
        let known = regions.iter().filter_map(|region| region.registers).flat_map(|map| map.registers);
        let mut known: Vec<_> = known.map(|register| without_indices(register.name)).collect();
        known.sort_unstable();
        known.dedup();
        let hint = match known.as_slice() {
            [] => "its devices do not name their registers; write an offset as `+0x18`".to_owned(),
            known => format!("there are {}", known.join(", ")),
        };
        Some(format!("no region of this bus has a register `{name}`: {hint}"))
    }

    /// What is wrong with the name of a field.
    fn unknown_field(&self, regions: &[TracedRegion]) -> Option<String> {
        let meant = |region| match &self.register {
            Some(name) => named(name, region).collect::<Vec<_>>(),
            None => region.registers.map_or(Vec::new(), |map| map.registers.iter().collect()),
        };
        let known: Vec<_> = regions.iter().flat_map(meant).flat_map(|register| register.fields).collect();
        let (unknown, _) = self.fields.iter().find(|(name, _)| known.iter().all(|field| field.name != name))?;
        let names = known.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        let hint = if names.is_empty() { "it declares none".to_owned() } else { format!("there are {names}") };
        Some(format!("no {self} can have a field `{unknown}`: {hint}"))
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
            0 => {}
            u64::MAX => write!(f, " = {:#x}", self.value)?,
            mask => write!(f, " & {mask:#x} = {:#x}", self.value)?,
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| format!("{name}={value:#x}")).collect();
        write!(f, " {{{}}}", fields.join(" "))
    }
}

#[cfg(test)]
mod tests;
