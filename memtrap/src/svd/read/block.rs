//! What is in a peripheral or in a cluster: registers and further clusters.

use super::{
    super::{description::Described, limits},
    derive::{Index, Item},
    dim::Elements,
    register::{self, Place},
    source::{Element, Result, Source},
};

/// Reads the registers and clusters in `list`.
pub(super) fn read<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    list: Element<'d>,
    place: &Place,
    depth: usize,
    into: &mut Vec<Described>,
) -> Result<()> {
    for element in list.children().filter(Element::is_element) {
        match element.tag_name().name() {
            "register" => register::read(source, index, element, place, into)?,
            "cluster" => cluster(source, index, element, place, depth, into)?,
            _ => {}
        }
    }
    Ok(())
}

fn cluster<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    element: Element<'d>,
    place: &Place,
    depth: usize,
    into: &mut Vec<Described>,
) -> Result<()> {
    if depth >= limits::NESTING {
        return source.error(element, format!("lies in {} other clusters", limits::NESTING));
    }
    let item = Item::new(source, index, element)?;
    let elements = Elements::new(source, &item)?;
    let offset = item.required(source, "addressOffset")?;
    let properties = place.properties.within(source, &item)?;
    // A cluster has its registers among its own children, beside its name.
    let Some(list) = item.with_any(&["register", "cluster"]) else {
        source.warn(element, "is empty");
        return Ok(());
    };
    for (name, distance) in elements.each() {
        source.visit(element)?;
        let offset = place.at(source, element, offset.saturating_add(distance))?;
        let prefix = format!("{}.", place.name(source, element, &name)?);
        read(source, index, list, &Place { prefix, offset, properties }, depth + 1, into)?;
    }
    Ok(())
}
