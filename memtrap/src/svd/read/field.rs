//! Fields.

use super::{
    super::{description::Constraint, limits, pool},
    derive::{Index, Item},
    dim::Elements,
    number,
    properties::{self, Access},
    source::{Result, Source, text},
    values,
};
use crate::map::{Effects, Field, Policy, ReadEffect, WriteEffect};

/// What the register says about its fields.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) access: Access,
    pub(super) policy: Policy,
    /// Number of its bits.
    pub(super) bits: u32,
}

/// What accesses with these properties do.
pub(super) fn policy(access: Access, read: Option<ReadEffect>, write: Option<WriteEffect>) -> Policy {
    let read = if access.is_readable() { read.unwrap_or(ReadEffect::Pure) } else { ReadEffect::Unreadable };
    let write = match (access, write) {
        (access, _) if !access.is_writable() => WriteEffect::Ignored,
        (access, None | Some(WriteEffect::Store)) if access.is_once() => WriteEffect::Once,
        (_, write) => write.unwrap_or(WriteEffect::Store),
    };
    Policy { read, write }
}

/// The fields of a register.
pub(super) struct Fields {
    pub(super) fields: &'static [Field],
    pub(super) effects: Effects,
    pub(super) constraints: Vec<Constraint>,
    /// Whether any can be read, and whether any can be written.
    pub(super) readable: bool,
    pub(super) writable: bool,
}

/// Reads the fields of a register; `None` if it has none.
pub(super) fn read_all<'d>(
    source: &Source<'d>,
    index: &Index<'d>,
    register: &Item<'d>,
    around: Around,
) -> Result<Option<Fields>> {
    let Some(list) = register.child("fields") else { return Ok(None) };
    let mut fields: Vec<Field> = Vec::new();
    let mut constraints = Vec::new();
    let (mut readable, mut writable) = (false, false);
    let (mut effects, mut covered) = (Effects::default(), 0);
    for element in super::source::children(list, "field") {
        let item = Item::new(source, index, element)?;
        let Some((lsb, bits)) = place(source, &item)? else { continue };
        let access = item.child("access").map(|element| properties::access(source, element)).transpose()?.flatten();
        let access = access.unwrap_or(around.access);
        let read = properties::read_action(source, &item)?.or(Some(around.policy.read));
        let read = read.filter(|read| *read != ReadEffect::Unreadable);
        let write = properties::modified_write_values(source, &item)?;
        let write = write
            .or((!matches!(around.policy.write, WriteEffect::Ignored | WriteEffect::Once))
                .then_some(around.policy.write));
        let policy = policy(access, read, write);
        let elements = Elements::new(source, &item)?;
        for (name, distance) in elements.each() {
            source.visit(element)?;
            let first = u64::from(lsb).saturating_add(distance);
            let room = u64::from(around.bits).saturating_sub(first);
            if room == 0 {
                source.warn(element, format!("begins at bit {first} of a register of {}: it is ignored", around.bits));
                continue;
            }
            let bits = if u64::from(bits) > room {
                source.warn(element, format!("ends behind bit {} of its register: it is cut", around.bits - 1));
                u32::try_from(room).expect("no more than the register has")
            } else {
                bits
            };
            let lsb = u32::try_from(first).expect("inside the register");
            if name.len() > limits::NAME {
                return source.error(element, format!("has a name of more than {} bytes", limits::NAME));
            }
            let name = pool::text(&name);
            let field = Field::new(name, lsb, bits, (policy != around.policy).then_some(policy));
            let mask = field.mask() >> lsb;
            let values = values::named(source, index, &item, mask)?;
            constraints.extend(values::constraint(source, &item, (name, lsb, mask), values)?);
            if covered & field.mask() != 0 {
                source.warn(element, "overlaps another field: the first decides what accesses do to the bits");
            }
            effects = effects.with(policy, field.mask() & !covered);
            covered |= field.mask();
            readable |= access.is_readable();
            writable |= access.is_writable();
            fields.push(field.with_values(values));
        }
    }
    if fields.is_empty() {
        return Ok(None);
    }
    fields.sort_by_key(|field| field.lsb);
    // Bits that belong to no field keep their reset value.
    let effects = effects.with(Policy::RO, !covered);
    Ok(Some(Fields { fields: pool::fields(&fields), effects, constraints, readable, writable }))
}

/// The first bit of a field and the number of its bits; `None` if it has none, which is a mistake that does no harm.
fn place<'d>(source: &Source<'d>, item: &Item<'d>) -> Result<Option<(u32, u32)>> {
    let element = item.element();
    let (lsb, msb) = if let Some(range) = item.child("bitRange") {
        let text = text(range);
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if inner.len() == text.len() {
            source.warn(
                element,
                format!("`bitRange` is not in brackets: `{}`", text.chars().take(40).collect::<String>()),
            );
        }
        let (msb, lsb) = inner.split_once(':').unwrap_or((inner, inner));
        match (number::parse(msb.trim()), number::parse(lsb.trim())) {
            (Some(msb), Some(lsb)) => (lsb.value, msb.value),
            _ => {
                let shown: String = text.chars().take(40).collect();
                return source.error(element, format!("`bitRange` is not `[msb:lsb]`: `{shown}`"));
            }
        }
    } else if let Some(lsb) = item.number(source, "lsb")? {
        (lsb, item.number(source, "msb")?.unwrap_or(lsb))
    } else if let Some(lsb) = item.number(source, "bitOffset")? {
        let bits = item.number(source, "bitWidth")?.unwrap_or_else(|| {
            source.warn(element, "has no `bitWidth`: it is one bit");
            1
        });
        if bits == 0 {
            source.warn(element, "has no bits: it is ignored");
            return Ok(None);
        }
        (lsb, lsb.saturating_add(bits - 1))
    } else {
        return source.error(element, "does not say which bits it has");
    };
    let (lsb, msb) = if lsb > msb {
        source.warn(element, format!("has its bits in the wrong order: {msb} is below {lsb}"));
        (msb, lsb)
    } else {
        (lsb, msb)
    };
    let number = |bit: u64| u32::try_from(bit.min(1 << 20)).expect("at most 2^20");
    Ok(Some((number(lsb), number(msb) - number(lsb) + 1)))
}
