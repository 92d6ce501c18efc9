//! The fields of a register lie inside it, do not share bits, and their types hold them.

use crate::{
    attributes::is_bitwise,
    model::{BitField, Bitfield, FieldType},
    report::Report,
};

/// Applies every rule to a value type.
pub(crate) fn check(value: &Bitfield, report: &mut Report) {
    let fields: Vec<_> = value.fields.iter().filter(|field| !field.faulty).collect();
    let mut inside = Vec::new();
    for field in fields {
        if lies_inside(value, field, report) {
            holds_its_bits(field, report);
            policy_fits(field, report);
            inside.push(field);
        }
    }
    let (aliases, own): (Vec<_>, Vec<_>) = inside.into_iter().partition(|field| field.is_alias);
    overlap(&own, report);
    for alias in aliases {
        has_owners(value, alias, report);
    }
    if let Some(deny) = &value.deny_reserved
        && report.is_empty()
    {
        reserved(value, deny, report);
    }
}

fn last(field: &BitField) -> u64 {
    field.range.lsb.saturating_add(field.range.bits) - 1
}

fn range(first: u64, last: u64) -> String {
    if first == last { format!("bit {first}") } else { format!("bits {first}..={last}") }
}

fn place(field: &BitField) -> String {
    range(field.range.lsb, last(field))
}

fn lies_inside(value: &Bitfield, field: &BitField, report: &mut Report) -> bool {
    let is_inside = last(field) < value.bits;
    if !is_inside {
        report.error(
            &field.range,
            format!(
                "`{}` ({}) lies outside the register, whose highest bit is {}: correct the bits, or the width in \
                 `#[register({})]`",
                field.plain_name(),
                place(field),
                value.bits - 1,
                value.integer
            ),
        );
    }
    is_inside
}

fn holds_its_bits(field: &BitField, report: &mut Report) {
    let bits = field.range.bits;
    let name = field.plain_name();
    match &field.ty {
        FieldType::Bool(ty) if bits > 1 => report.error(
            ty,
            format!("`{name}` has {bits} bits and a `bool` has one: use an unsigned integer or a `FieldEnum`"),
        ),
        FieldType::Integer(ty, width) if bits > *width => report.error(
            ty,
            format!("`{name}` has {bits} bits, more than its type holds: use `u{}`", bits.next_power_of_two()),
        ),
        _ => {}
    }
}

/// A policy that gives each one or zero a meaning makes no sense for a value of several bits.
fn policy_fits(field: &BitField, report: &mut Report) {
    let Some(policy) = &field.policy else { return };
    if is_bitwise(&policy.to_string()) && field.range.bits > 1 && matches!(field.ty, FieldType::Other(_)) {
        report.error(
            policy,
            format!(
                "`{policy}` acts on single bits, and `{}` is one value of {} bits: use an integer, or a `bool` for each bit",
                field.plain_name(),
                field.range.bits
            ),
        );
    }
}

fn overlap(fields: &[&BitField], report: &mut Report) {
    for (index, second) in fields.iter().enumerate() {
        for first in &fields[..index] {
            if first.range.lsb <= last(second) && second.range.lsb <= last(first) {
                report.error(
                    &second.range,
                    format!(
                        "`{}` ({}) shares bits with `{}` ({}): correct one of them, or declare one as another view, \
                         `#[bits(.., alias)]`",
                        second.plain_name(),
                        place(second),
                        first.plain_name(),
                        place(first)
                    ),
                );
                report.error(&first.range, format!("`{}` is declared here", first.plain_name()));
            }
        }
    }
}

/// An alias shows bits that others have: what no field has, has no policy.
fn has_owners(value: &Bitfield, alias: &BitField, report: &mut Report) {
    if let Some(list) = without_owner(value, alias.range.lsb, last(alias)) {
        let name = alias.plain_name();
        report.error(
            &alias.range,
            format!("`{name}` is an `alias`, and no other field has {list}: declare a field, or remove `alias`"),
        );
    }
}

fn reserved(value: &Bitfield, deny: &proc_macro2::Ident, report: &mut Report) {
    if let Some(list) = without_owner(value, 0, value.bits - 1) {
        report.error(deny, format!("no field has {list}: declare them, or remove `reserved = deny`"));
    }
}

/// The bits from `first` to `last` that no field has, as a text.
fn without_owner(value: &Bitfield, first: u64, last: u64) -> Option<String> {
    let own = || value.fields.iter().filter(|field| !field.is_alias);
    let covered = |bit| own().any(|field| (field.range.lsb..=self::last(field)).contains(&bit));
    let mut missing: Vec<(u64, u64)> = Vec::new();
    for bit in (first..=last).filter(|bit| !covered(*bit)) {
        match missing.last_mut() {
            Some((_, end)) if *end + 1 == bit => *end = bit,
            _ => missing.push((bit, bit)),
        }
    }
    let list = missing.iter().map(|(first, last)| range(*first, *last)).collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then_some(list)
}
