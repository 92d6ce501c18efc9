//! Peripherals and their interrupts.

use super::{
    super::{
        description::{Described, Interrupt, Peripheral},
        limits,
    },
    block,
    derive::{Index, Item},
    dim::Elements,
    properties::Properties,
    register::Place,
    source::{Element, Result, Source, child_text},
};
use std::collections::HashSet;

/// What was read so far.
#[derive(Default)]
pub(super) struct Found {
    pub(super) peripherals: Vec<Peripheral>,
    pub(super) interrupts: Vec<Interrupt>,
    names: HashSet<String>,
}

const PAGE: usize = 4096;

/// Reads a peripheral, or an array of them.
pub(super) fn read<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    element: Element<'d>,
    properties: Properties,
    into: &mut Found,
) -> Result<()> {
    let item = Item::new(source, index, element)?;
    let elements = Elements::new(source, &item)?;
    let base = item.required(source, "baseAddress")?;
    let properties = properties.within(source, &item)?;
    let mut blocks = blocks(source, &item)?;
    let mut registers = Vec::new();
    if let Some(list) = item.child("registers") {
        let place = Place { prefix: String::new(), offset: 0, properties };
        block::read(source, index, list, &place, 0, &mut registers)?;
    }
    cover(source, element, &registers, &mut blocks);
    for (number, (name, distance)) in elements.each().enumerate() {
        source.visit(element)?;
        if name.len() > limits::NAME {
            return source.error(element, format!("has a name of more than {} bytes", limits::NAME));
        }
        let Some(base) = base.checked_add(distance) else {
            return source.error(element, "lies at the end of the address space");
        };
        if !into.names.insert(name.clone().into_owned()) {
            source.warn(element, "has the name of another peripheral");
        }
        if into.peripherals.len() >= limits::PERIPHERALS {
            return source.error(element, format!("is more than the {}th peripheral", limits::PERIPHERALS));
        }
        // Each element has its own; those of the first are counted already.
        if number > 0 {
            registers.iter().try_for_each(|_| source.count_register(element))?;
        }
        into.peripherals.push(Peripheral {
            name: name.into_owned(),
            base,
            blocks: blocks.clone(),
            registers: registers.clone(),
        });
    }
    let first = elements.each().next().map(|(name, _)| name.into_owned()).unwrap_or_default();
    for element in item.children("interrupt") {
        into.interrupts.extend(interrupt(source, element, &first)?);
    }
    Ok(())
}

/// Extends the address blocks so that all registers are in one.
fn cover<'d>(source: &Source<'d>, element: Element<'d>, registers: &[Described], blocks: &mut Vec<(u64, u64)>) {
    let ends = registers.iter().map(|described| described.register.end() as u64);
    if blocks.is_empty() {
        if let (Some(end), Some(start)) =
            (ends.max(), registers.iter().map(|described| described.register.offset).min())
        {
            // From the base on, unless that is far away.
            let start = if start < PAGE { 0 } else { start as u64 };
            blocks.push((start, end.next_multiple_of(4) - start));
        }
        return;
    }
    let mut outside: Option<(u64, u64, &str)> = None;
    for described in registers {
        let (start, end) = (described.register.offset as u64, described.register.end() as u64);
        let is_inside = blocks.iter().any(|(offset, size)| *offset <= start && end <= offset + size);
        if !is_inside {
            let (first, last, name) = outside.unwrap_or((start, end, described.register.name));
            outside = Some((first.min(start), last.max(end), name));
        }
    }
    if let Some((start, end, name)) = outside {
        source.warn(element, format!("has no `addressBlock` for its register `{name}`: one is added"));
        blocks.push((start, end - start));
    }
}

/// The address blocks: offset from the base and size in bytes.
fn blocks<'d>(source: &Source<'d>, item: &Item<'d>) -> Result<Vec<(u64, u64)>> {
    let mut blocks = Vec::new();
    for element in item.children("addressBlock") {
        source.visit(element)?;
        let offset = source.child_number(element, "offset")?.unwrap_or(0);
        match source.child_number(element, "size")? {
            None | Some(0) => source.warn(item.element(), "has an `addressBlock` without a size: it is ignored"),
            Some(size) if offset.checked_add(size).is_none_or(|end| end > 1 << 48) => {
                return source.error(
                    item.element(),
                    format!(
                        "has an `addressBlock` of {size:#x} bytes at {offset:#x}, which no address space has room for"
                    ),
                );
            }
            Some(size) => blocks.push((offset, size)),
        }
    }
    Ok(blocks)
}

fn interrupt<'d>(source: &Source<'d>, element: Element<'d>, peripheral: &str) -> Result<Option<Interrupt>> {
    source.visit(element)?;
    let Some(name) = child_text(element, "name").filter(|name| name.len() <= limits::NAME) else {
        source.warn(element, "has no name: it is ignored");
        return Ok(None);
    };
    let Some(number) = source.child_number(element, "value")? else {
        source.warn(element, "has no number: it is ignored");
        return Ok(None);
    };
    let Ok(number) = u32::try_from(number) else {
        return source.error(element, format!("has the number {number:#x}; there are not so many lines"));
    };
    Ok(Some(Interrupt { name: name.to_owned(), number, peripheral: peripheral.to_owned() }))
}
