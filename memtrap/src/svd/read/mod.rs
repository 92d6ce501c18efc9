//! From the text of a file to the description of a chip.
//!
//! The format is "CMSIS-SVD" (Arm, CMSIS 6, "System View Description", schema 1.3.10). Data flow one way: `source` has the
//! tree and the warnings; `derive` finds what an element takes from others; `dim` makes several elements of one; the other
//! files read one kind of element each.

mod block;
mod derive;
mod dim;
mod field;
mod number;
mod peripheral;
mod properties;
mod register;
mod source;
mod values;

use super::{
    description::Device,
    finding::{LoadError, Warning},
    limits,
};
use crate::map::Width;
use peripheral::Found;
use properties::Properties;
use roxmltree::{Document, ParsingOptions};
use source::{Source, child, child_text, children};

/// Reads the text of a file.
pub(super) fn device(text: &str) -> Result<(Device, Vec<Warning>), LoadError> {
    if text.len() as u64 > limits::FILE {
        return Err(unusable(1, format!("the file has more than {} MiB", limits::FILE >> 20)));
    }
    let options = ParsingOptions { nodes_limit: limits::NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| unusable(error.pos().row as usize, format!("this is not XML: {error}")))?;
    let source = Source::new(&document);
    let device = read_device(&source)?;
    Ok((device, source.into_warnings()))
}

fn unusable(line: usize, text: String) -> LoadError {
    LoadError::Invalid { file: None, line, element: "the file".to_owned(), text }
}

fn read_device(source: &Source<'_>) -> Result<Device, LoadError> {
    let root = source.root();
    if root.tag_name().name() != "device" {
        return source.error(root, "this is not a CMSIS-SVD file, whose outermost element is `device`");
    }
    let name = child_text(root, "name").unwrap_or_else(|| {
        source.warn(root, "has no name");
        "chip"
    });
    let unit = source.child_number(root, "addressUnitBits")?.unwrap_or(8);
    if unit != 8 {
        return source
            .error(root, format!("`addressUnitBits` is {unit}: an address of this chip is not that of a byte"));
    }
    let width = match source.child_number(root, "width")? {
        Some(8) => Width::U8,
        Some(16) => Width::U16,
        Some(64) => Width::U64,
        Some(32) | None => Width::U32,
        Some(other) => {
            source.warn(root, format!("`width` is {other}: the bus has 32 bits"));
            Width::U32
        }
    };
    if child(root, "cpu")
        .and_then(|cpu| child_text(cpu, "endian"))
        .is_some_and(|endian| endian.eq_ignore_ascii_case("big"))
    {
        source.warn(root, "is big-endian: the simulation is little-endian, as the driver that runs here");
    }
    let Some(list) = child(root, "peripherals") else {
        return source.error(root, "has no `peripherals`");
    };
    let properties = Properties::of_device(source, root)?;
    let index = derive::Index::new(source);
    let name = name.chars().take(limits::NAME).collect();
    let mut found = Found::default();
    for element in children(list, "peripheral") {
        peripheral::read(source, &index, element, properties, &mut found)?;
    }
    if found.peripherals.is_empty() {
        return source.error(list, "there is no peripheral");
    }
    Ok(Device { name, width, peripherals: found.peripherals, interrupts: found.interrupts })
}
