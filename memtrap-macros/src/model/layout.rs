//! The offsets of the registers and the size of the block.

use super::value::ValueType;
use crate::{
    attributes::{self, BlockOptions, Facts, Field, Layout, Number, PartOptions, RegOptions},
    report::Report,
};
use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Type, Visibility};

/// The fields that are registers or nested blocks, each with an offset unless it is faulty, and the size of the block.
pub(super) struct Resolved {
    pub(super) registers: Vec<(Declared, RegOptions)>,
    pub(super) parts: Vec<(Declared, PartOptions)>,
    pub(super) size: Number,
}

/// A field without its facts.
pub(super) struct Declared {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// Takes the offsets from where the block says they are.
pub(super) fn resolve(options: &BlockOptions, fields: Vec<Field>, report: &mut Report) -> Resolved {
    match options.layout {
        Layout::Explicit => {
            // A missing size was reported; without it no register lies outside.
            let missing = || Number::placeholder(u64::from(u32::MAX), TokenStream::new());
            let mut resolved = Resolved {
                registers: Vec::new(),
                parts: Vec::new(),
                size: options.size.clone().unwrap_or_else(missing),
            };
            for field in fields {
                match split(field) {
                    (field, Facts::Register(facts)) => resolved.registers.push((field, *facts)),
                    (field, Facts::Part(facts)) => resolved.parts.push((field, facts)),
                    (_, Facts::Gap) => {}
                }
            }
            resolved
        }
        Layout::FieldOrder => field_order(options, fields, report),
    }
}

fn split(field: Field) -> (Declared, Facts) {
    let Field { attributes, visibility, name, ty, facts } = field;
    (Declared { attributes, visibility, name, ty }, facts)
}

/// Offsets as C lays out a struct: each field at the next multiple of its alignment, which is the width of an element.
fn field_order(options: &BlockOptions, fields: Vec<Field>, report: &mut Report) -> Resolved {
    let errors = report.len();
    let (mut end, mut align, mut registers) = (0u64, 1u64, Vec::new());
    for field in fields {
        let (field, facts) = split(field);
        let (is_gap, facts) = match facts {
            Facts::Register(facts) => (false, Some(*facts)),
            Facts::Gap => (true, None),
            Facts::Part(_) => {
                report.error(
                    &field.name,
                    "a block that contains other blocks declares its offsets: remove `repr(C)`, and give each register its \
                     offset",
                );
                (false, None)
            }
        };
        let (bytes, count) = shape(&field, is_gap, options.width.bits / 8, report);
        let offset = end.next_multiple_of(bytes);
        end = offset.saturating_add(bytes.saturating_mul(count));
        align = align.max(bytes);
        let Some(mut facts) = facts else { continue };
        // After a faulty field the offsets are not known.
        let is_known = report.len() == errors && !facts.faulty;
        if let Some(declared) = facts.offset.as_ref().filter(|declared| declared.value != offset && is_known) {
            report.error(declared, misplaced(&field, declared.value, offset));
            facts.faulty = true;
        }
        facts.faulty |= !is_known;
        if let Some(stride) = facts.stride.take() {
            report.error(
                stride,
                "the elements of a C array follow each other: remove `stride`, or declare explicit offsets",
            );
        }
        facts.offset = Some(Number::placeholder(offset, &field.name));
        registers.push((field, facts));
    }
    let total = end.next_multiple_of(align);
    let size = match &options.size {
        Some(declared) if declared.value != total && report.len() == errors => {
            report.error(
                declared,
                format!(
                    "the fields take {total:#x} bytes and the block is to have {:#x}: correct a gap, or add one at the end \
                     such as `_end: [u8; {:#x}]`",
                    declared.value,
                    declared.value.saturating_sub(total)
                ),
            );
            declared.clone()
        }
        Some(declared) => declared.clone(),
        None => Number::placeholder(total, TokenStream::new()),
    };
    Resolved { registers, parts: Vec::new(), size }
}

fn misplaced(field: &Declared, declared: u64, offset: u64) -> String {
    let (name, is_short) = (&field.name, declared > offset);
    let difference = declared.abs_diff(offset);
    let remedy = if is_short { "add a gap of" } else { "shorten what lies before it by" };
    format!(
        "`{name}` is declared at {declared:#05x}, and the fields before it end at {offset:#05x}: {remedy} {difference} bytes"
    )
}

/// Width of an element in bytes, and number of elements. A type that is no integer is taken to be as wide as the bus,
/// which a constant in the expansion checks.
fn shape(field: &Declared, is_gap: bool, bus: u64, report: &mut Report) -> (u64, u64) {
    let (element, count) = match &field.ty {
        Type::Array(array) => {
            let count = attributes::literal(&array.len);
            if count.is_none() {
                report.error(
                    &array.len,
                    "write the number of elements as a literal: the offsets of the fields behind depend on it",
                );
            }
            ((*array.elem).clone(), count.unwrap_or(1))
        }
        other => (other.clone(), 1),
    };
    let bytes = ValueType::new(element).bytes;
    if bytes.is_none() && is_gap {
        report.error(&field.ty, "a gap has a known size: an unsigned integer, or an array of them such as `[u32; 5]`");
    }
    (bytes.unwrap_or(bus), count)
}
