//! Names of values, and what may be written.

use super::{
    super::{
        description::{Constraint, Permits},
        limits, pool,
    },
    derive::{Index, Item},
    properties::flag,
    source::{Result, Source, child, child_text, children},
};
use crate::map::NamedValue;

/// The values of a field of `mask` that have names, of all its lists; the default value, which fits what no other does,
/// comes last.
pub(super) fn named<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    field: &Item<'d>,
    mask: u64,
) -> Result<&'static [NamedValue]> {
    let mut values = Vec::new();
    let mut defaults = Vec::new();
    for list in field.children("enumeratedValues") {
        let list = Item::new(source, index, list)?;
        let (read, write) = match list.text("usage") {
            None | Some("read-write") => (true, true),
            Some("read") => (true, false),
            Some("write") => (false, true),
            Some(_) => {
                source.warn(list.element(), "has a `usage` that is not read, write or read-write: it is for both");
                (true, true)
            }
        };
        for element in list.children("enumeratedValue") {
            source.visit(element)?;
            let Some(name) = child_text(element, "name").filter(|name| name.len() <= limits::NAME) else {
                source.warn(element, "has no name: it is ignored");
                continue;
            };
            let mut value = NamedValue { read, write, ..NamedValue::new(pool::text(name), 0) };
            if flag(element, "isDefault") {
                value.mask = 0;
                defaults.push(value);
                continue;
            }
            let Some(number) = child(element, "value") else {
                source.warn(element, "has no value: it is ignored");
                continue;
            };
            let number = source.number(number)?;
            if number.value & !mask != 0 {
                source.warn(element, format!("is {:#x}, which the field cannot hold: it is ignored", number.value));
                continue;
            }
            value.value = number.value;
            value.mask = number.mask;
            values.push(value);
        }
    }
    values.append(&mut defaults);
    Ok(pool::values(&values))
}

/// The `writeConstraint` of a field or a register of the bits `mask` from `lsb` on.
pub(super) fn constraint<'d>(
    source: &Source<'d>,
    item: &Item<'d>,
    (field, lsb, mask): (&'static str, u32, u64),
    values: &'static [NamedValue],
) -> Result<Option<Constraint>> {
    let Some(element) = item.child("writeConstraint") else { return Ok(None) };
    let permits = if flag(element, "writeAsRead") {
        Permits::AsRead
    } else if flag(element, "useEnumeratedValues") {
        if values.iter().all(|value| !value.write) {
            source.warn(item.element(), "may only be written with named values, but has none: it takes every value");
            return Ok(None);
        }
        Permits::Named(values)
    } else if let Some(range) = children(element, "range").next() {
        let minimum = source.child_number(range, "minimum")?.unwrap_or(0);
        let maximum = source.child_number(range, "maximum")?.unwrap_or(u64::MAX);
        if minimum > maximum {
            return source
                .error(item.element(), format!("may be written from {minimum:#x} to {maximum:#x}: no value is"));
        }
        // A range that the field cannot leave says nothing.
        if minimum == 0 && maximum >= mask {
            return Ok(None);
        }
        Permits::Range(minimum, maximum)
    } else {
        return Ok(None);
    };
    Ok(Some(Constraint { field, lsb, mask, permits }))
}
