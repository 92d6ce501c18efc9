//! Registers.

use super::{
    super::{description::Described, limits, pool},
    derive::{Index, Item},
    dim::Elements,
    field::{self, Around},
    properties::{self, Access, Properties},
    source::{Element, Result, Source},
    values,
};
use crate::map::{AccessKind, Effects, Register, Width};

/// Bits of a register that is not read as an array of words.
const WIDEST: u64 = 64;
/// Bits of the largest register.
const LARGEST: u64 = 32_768;

/// Where registers lie: in a peripheral, or in a cluster.
#[derive(Clone)]
pub(super) struct Place {
    /// What is put in front of the names: `CH[2].`.
    pub(super) prefix: String,
    /// Distance from the base of the peripheral, in bytes.
    pub(super) offset: u64,
    pub(super) properties: Properties,
}

impl Place {
    /// The full name of what is in this place, made permanent.
    pub(super) fn name<'d>(&self, source: &Source<'d>, element: Element<'d>, name: &str) -> Result<String> {
        let name = format!("{}{name}", self.prefix);
        if name.len() > limits::NAME {
            return source.error(element, format!("has a name of more than {} bytes", limits::NAME));
        }
        Ok(name)
    }

    /// The distance from the base of the peripheral of what lies `offset` bytes into this place.
    pub(super) fn at<'d>(&self, source: &Source<'d>, element: Element<'d>, offset: u64) -> Result<u64> {
        match self.offset.checked_add(offset).filter(|offset| *offset <= u64::from(u32::MAX) << 8) {
            Some(offset) => Ok(offset),
            None => source
                .error(element, format!("lies {offset:#x} bytes into its block, which no block is large enough for")),
        }
    }
}

/// Reads a register, or an array of them.
pub(super) fn read<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    element: Element<'d>,
    place: &Place,
    into: &mut Vec<Described>,
) -> Result<()> {
    let item = Item::new(source, index, element)?;
    let elements = Elements::new(source, &item)?;
    let offset = item.required(source, "addressOffset")?;
    let properties = place.properties.within(source, &item)?;
    let size = properties.size.unwrap_or_else(|| {
        source.warn(element, "has no `size`: it has 32 bits");
        32
    });
    if size == 0 || size > LARGEST {
        return source.error(element, format!("has {size} bits; `size` is from 1 to {LARGEST}"));
    }
    let common = common(source, index, &item, properties, size)?;
    let width = common.register.width;

    let mut push = |name: String, offset: u64, array: Option<(u64, u64)>| {
        source.count_register(element)?;
        let offset = place.at(source, element, offset)?;
        let mut described = common.clone();
        described.register.name = pool::text(&name);
        described.register.offset = usize_of(offset);
        if let Some((count, stride)) = array {
            // So that the last element has an offset too.
            place.at(source, element, count.saturating_mul(stride))?;
            described.register = described.register.array(usize_of(count), usize_of(stride));
        }
        into.push(described);
        Ok(())
    };
    // Larger than any access: an array of words.
    if size > WIDEST {
        source.warn(element, format!("has {size} bits: it is read as an array of words"));
        for (name, distance) in elements.each() {
            let offset = offset.saturating_add(distance);
            let words = size.div_ceil(u64::from(width.bits()));
            push(place.name(source, element, &name)?, offset, Some((words, width.bytes() as u64)))?;
        }
        return Ok(());
    }
    match elements.as_array() {
        Some((name, count, stride)) if stride >= width.bytes() as u64 || count == 1 => {
            push(place.name(source, element, name)?, offset, Some((count, stride.max(width.bytes() as u64))))
        }
        array => {
            if array.is_some() {
                source.warn(element, "is an array whose elements overlap");
            }
            elements.each().try_for_each(|(name, distance)| {
                push(place.name(source, element, &name)?, offset.saturating_add(distance), None)
            })
        }
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What all elements of a register have in common.
fn common<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    item: &Item<'d>,
    properties: Properties,
    size: u64,
) -> Result<Described> {
    let element = item.element();
    let width = match size {
        0..=8 => Width::U8,
        9..=16 => Width::U16,
        33..=64 => Width::U64,
        _ => Width::U32,
    };
    let bits = u32::try_from(size.min(u64::from(width.bits()))).expect("at most 64");
    if size <= WIDEST && bits != width.bits() {
        source.warn(element, format!("has {size} bits: it is accessed as one of {}", width.bits()));
    }
    let mask = u64::MAX >> (64 - bits);
    let reset = properties.reset.unwrap_or(0);
    if reset & !mask != 0 && size <= WIDEST {
        source.warn(element, format!("has {bits} bits, but `resetValue` is {reset:#x}: the rest is ignored"));
    }

    let read = properties::read_action(source, item)?;
    let write = properties::modified_write_values(source, item)?;
    let declared = properties.access.unwrap_or(Access::ReadWrite);
    let policy = field::policy(declared, read, write);
    let fields = match size <= WIDEST {
        true => field::read_all(source, index, item, Around { access: declared, policy, bits })?,
        false => None,
    };
    let (mut readable, mut writable) = (declared.is_readable(), declared.is_writable());
    let mut register = Register::new("", 0, width, AccessKind::ReadWrite, reset & mask);
    let (effects, mut constraints) = match fields {
        Some(fields) => {
            if properties.access.is_none() {
                (readable, writable) = (fields.readable, fields.writable);
            } else if fields.readable && !readable || fields.writable && !writable {
                source.warn(element, "permits less than its fields: what they permit is taken");
                (readable, writable) = (readable || fields.readable, writable || fields.writable);
            }
            register = register.with_fields(fields.fields);
            (fields.effects, fields.constraints)
        }
        None => (Effects::new(policy, &[]), Vec::new()),
    };
    register.access = match (readable, writable) {
        (true, false) => AccessKind::ReadOnly,
        (false, true) => AccessKind::WriteOnly,
        _ => AccessKind::ReadWrite,
    };
    constraints.extend(values::constraint(source, item, ("", 0, mask), &[])?);
    Ok(Described { register, reset_mask: properties.reset_mask.unwrap_or(u64::MAX) & mask, effects, constraints })
}
