//! The names that tests give to registers.

use super::event::TracedRegion;
use crate::map::{Alias, Place, Register, RegisterMap};
use std::borrow::Cow;

/// What `name` says beside the name of the region, if it can be one of this region's: `.` in front of a register and `+`
/// in front of an offset are left out and kept, respectively.
fn parts<'n>(name: &'n str, region: &str) -> impl Iterator<Item = &'n str> {
    let rest = name.strip_prefix(region);
    let qualified = rest.and_then(|rest| rest.strip_prefix('.').or_else(|| rest.starts_with('+').then_some(rest)));
    std::iter::once(name).chain(qualified)
}

/// Whether `name` means the place at `offset`.
pub(super) fn is_name_of(name: &str, region: &str, registers: Option<&RegisterMap>, offset: usize) -> bool {
    parts(name, region).any(|name| {
        // Of several registers at one place, each has its name.
        parse_offset(name) == Some(offset)
            || registers.is_some_and(|map| map.places(offset).any(|place| is_name_of_place(name, map, place)))
    })
}

fn is_name_of_place(name: &str, map: &RegisterMap, place: Place) -> bool {
    let Some(name) = itself(name, place.alias) else { return false };
    let Some(rest) = behind(&name, map.registers[place.register].name) else { return false };
    let (element, within) = split_index(rest);
    match (element, within) {
        (Some(Index::Wrong), _) => false,
        (element, "") => element.is_none_or(|index| index == Index::Element(place.element)),
        (element, within) => {
            element.is_none_or(|index| index == Index::Element(place.element))
                && within.strip_prefix('+').and_then(|text| text.parse().ok()) == Some(place.within)
        }
    }
}

/// Whether `name` means a place of the region.
pub(super) fn exists(name: &str, region: &TracedRegion) -> bool {
    parts(name, region.name).any(|name| parse_offset(name).is_some_and(|offset| offset < region.size))
        || named(name, region).next().is_some()
}

/// The registers of the region that `name` means.
pub(super) fn named(name: &str, region: &TracedRegion) -> impl Iterator<Item = &'static Register> {
    let (registers, aliases) = region.registers.map_or((&[][..], &[][..]), |map| (map.registers, map.aliases));
    registers.iter().filter(move |register| {
        parts(name, region.name).any(|name| {
            let name = aliases.iter().find_map(|alias| itself(name, Some(*alias))).unwrap_or(Cow::Borrowed(name));
            let Some(rest) = behind(&name, register.name) else { return false };
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

/// The name without that of the window: `control.set+1` as `control+1`. `None` if it is not that of this window.
fn itself(name: &str, alias: Option<Alias>) -> Option<Cow<'_, str>> {
    let Some(alias) = alias else { return Some(Cow::Borrowed(name)) };
    let (name, within) = name.split_at(name.find('+').unwrap_or(name.len()));
    let name = name.strip_suffix(alias.operation.name())?.strip_suffix('.')?;
    Some(if within.is_empty() { Cow::Borrowed(name) } else { Cow::Owned(format!("{name}{within}")) })
}

/// What follows the register's name in `name`. The index of a nested block may be left out: it stands for every element.
fn behind<'n>(mut name: &'n str, mut register: &str) -> Option<&'n str> {
    loop {
        let (plain, indexed) = register.split_once('[').unwrap_or((register, ""));
        name = name.strip_prefix(plain)?;
        if indexed.is_empty() {
            return Some(name);
        }
        let (index, rest) = indexed.split_once(']')?;
        if let Some(given) = name.strip_prefix('[') {
            name = given.strip_prefix(index)?.strip_prefix(']')?;
        }
        register = rest;
    }
}

/// The name of a register without the indices of the blocks it is in.
pub(super) fn without_indices(register: &str) -> Cow<'_, str> {
    if !register.contains('[') {
        return Cow::Borrowed(register);
    }
    let parts = register.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    Cow::Owned(parts.collect())
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
