//! What registers inherit from what they are in: `size`, `access`, `resetValue` and `resetMask`.

use super::{
    derive::Item,
    number,
    source::{Element, Result, Source, child, text},
};
use crate::map::{ReadEffect, WriteEffect};

/// `access`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    ReadOnly,
    WriteOnly,
    ReadWrite,
    WriteOnce,
    ReadWriteOnce,
}

impl Access {
    pub(super) fn is_readable(self) -> bool {
        matches!(self, Self::ReadOnly | Self::ReadWrite | Self::ReadWriteOnce)
    }

    pub(super) fn is_writable(self) -> bool {
        self != Self::ReadOnly
    }

    pub(super) fn is_once(self) -> bool {
        matches!(self, Self::WriteOnce | Self::ReadWriteOnce)
    }
}

/// The properties that hold for an element unless it says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Properties {
    /// In bits.
    pub(super) size: Option<u64>,
    pub(super) access: Option<Access>,
    pub(super) reset: Option<u64>,
    pub(super) reset_mask: Option<u64>,
}

impl Properties {
    /// Those of a device, which derives from nothing.
    pub(super) fn of_device<'d>(source: &Source<'d>, device: Element<'d>) -> Result<Self> {
        Ok(Self {
            size: source.child_number(device, "size")?,
            access: child(device, "access").map(|element| access(source, element)).transpose()?.flatten(),
            reset: source.child_number(device, "resetValue")?,
            reset_mask: source.child_number(device, "resetMask")?,
        })
    }

    /// Those that hold in an element.
    pub(super) fn within<'d>(self, source: &Source<'d>, item: &Item<'d>) -> Result<Self> {
        let own_access = item.child("access").map(|element| access(source, element)).transpose()?.flatten();
        Ok(Self {
            size: item.number(source, "size")?.or(self.size),
            access: own_access.or(self.access),
            reset: item.number(source, "resetValue")?.or(self.reset),
            reset_mask: item.number(source, "resetMask")?.or(self.reset_mask),
        })
    }
}

/// The access in an element.
pub(super) fn access<'d>(source: &Source<'d>, element: Element<'d>) -> Result<Option<Access>> {
    const KEYWORDS: [(&str, Access); 5] = [
        ("read-only", Access::ReadOnly),
        ("write-only", Access::WriteOnly),
        ("read-write", Access::ReadWrite),
        ("writeOnce", Access::WriteOnce),
        ("read-writeOnce", Access::ReadWriteOnce),
    ];
    // What vendors write instead.
    const ALIASES: [(&str, Access); 8] = [
        ("read", Access::ReadOnly),
        ("readonly", Access::ReadOnly),
        ("r", Access::ReadOnly),
        ("write", Access::WriteOnly),
        ("writeonly", Access::WriteOnly),
        ("w", Access::WriteOnly),
        ("readwrite", Access::ReadWrite),
        ("rw", Access::ReadWrite),
    ];
    keyword(source, element, &KEYWORDS, &ALIASES)
}

/// `readAction` of an element. What changes a device in a way that is not said has no effect here.
pub(super) fn read_action<'d>(source: &Source<'d>, item: &Item<'d>) -> Result<Option<ReadEffect>> {
    const KEYWORDS: [(&str, ReadEffect); 4] = [
        ("clear", ReadEffect::Clear),
        ("set", ReadEffect::Set),
        ("modify", ReadEffect::Pure),
        ("modifyExternal", ReadEffect::Pure),
    ];
    Ok(item.child("readAction").map(|element| keyword(source, element, &KEYWORDS, &[])).transpose()?.flatten())
}

/// `modifiedWriteValues` of an element.
pub(super) fn modified_write_values<'d>(source: &Source<'d>, item: &Item<'d>) -> Result<Option<WriteEffect>> {
    const KEYWORDS: [(&str, WriteEffect); 9] = [
        ("oneToClear", WriteEffect::OneClears),
        ("oneToSet", WriteEffect::OneSets),
        ("oneToToggle", WriteEffect::OneToggles),
        ("zeroToClear", WriteEffect::ZeroClears),
        ("zeroToSet", WriteEffect::ZeroSets),
        ("zeroToToggle", WriteEffect::ZeroToggles),
        ("clear", WriteEffect::Clear),
        ("set", WriteEffect::Set),
        ("modify", WriteEffect::Store),
    ];
    Ok(item.child("modifiedWriteValues").map(|element| keyword(source, element, &KEYWORDS, &[])).transpose()?.flatten())
}

fn keyword<'d, T: Copy>(
    source: &Source<'d>,
    element: Element<'d>,
    keywords: &[(&str, T)],
    aliases: &[(&str, T)],
) -> Result<Option<T>> {
    let text = text(element);
    if let Some((_, meant)) = keywords.iter().find(|(keyword, _)| *keyword == text) {
        return Ok(Some(*meant));
    }
    let tag = element.tag_name().name();
    let parent = element.parent().unwrap_or(element);
    if text.is_empty() {
        source.warn(parent, format!("`{tag}` is empty: it is ignored"));
        return Ok(None);
    }
    let similar = keywords.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(text));
    let alias = aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(text));
    if let Some((_, meant)) = similar.or(alias) {
        source.warn(parent, format!("`{tag}` is not spelled like that: `{text}`"));
        return Ok(Some(*meant));
    }
    let known: Vec<_> = keywords.iter().map(|(keyword, _)| *keyword).collect();
    let shown: String = text.chars().take(40).collect();
    source.error(parent, format!("`{tag}` is `{shown}`, and not one of {}", known.join(", ")))
}

/// The child element with this tag, as a truth value.
pub(super) fn flag(element: Element<'_>, tag: &str) -> bool {
    child(element, tag).is_some_and(|element| number::is_true(text(element)))
}
