//! The sentences that tell a register's facts.

use crate::{
    attributes::{AccessKind, ReadEffect, WriteEffect},
    check::hex,
    model::{Block, Part, Register, Storage},
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The user's documentation of a register, followed by its facts.
pub(super) fn register(block: &Block, register: &Register) -> TokenStream {
    let attributes = &register.attributes;
    let has_docs = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    let facts = facts(block, register);
    let name = register.plain_name();
    if has_docs {
        quote!(#(#attributes)* #[doc = ""] #[doc = #facts])
    } else {
        let title = format!("Register `{name}`.");
        quote!(#(#attributes)* #[doc = #title] #[doc = ""] #[doc = #facts])
    }
}

/// The user's documentation of a nested block, followed by its facts.
pub(super) fn part(part: &Part) -> TokenStream {
    let Part { attributes, ty, .. } = part;
    let mut facts = format!("Offset `{}`", hex(part.offset.value));
    if let Some(array) = &part.array {
        facts += &format!(", {} elements", array.count.to_token_stream());
        if let Some(stride) = &array.stride {
            facts += &format!(" every {:#x} bytes", stride.value);
        }
    }
    facts += &format!(", each a [`{}`].", ty.to_token_stream());
    let title = if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
        TokenStream::new()
    } else {
        let title = format!("Registers `{}`.", part.plain_name());
        quote!(#[doc = #title])
    };
    quote!(#(#attributes)* #title #[doc = ""] #[doc = #facts])
}

/// Offset, width, access and reset value, as one sentence.
fn facts(block: &Block, register: &Register) -> String {
    let mut facts = format!("Offset `{}`", hex(register.offset.value));
    if let Some(array) = &register.array {
        facts += &format!(", {} elements", array.count.to_token_stream());
        if let Some(stride) = &array.stride {
            facts += &format!(" every {:#x} bytes", stride.value);
        }
    }
    if let Some(bytes) = register.value.bytes {
        facts += &format!(", {} bits", 8 * bytes);
    }
    if let [first, others @ ..] = register.widths.as_slice() {
        let others: String = others.iter().map(|width| format!(" or {}", width.value)).collect();
        facts += &format!(", accesses of {}{others} bits", first.value);
    }
    facts += match register.access {
        AccessKind::ReadOnly => ", read-only",
        AccessKind::ReadWrite => ", read and write",
        AccessKind::WriteOnly => ", write-only",
    };
    match register.storage {
        Storage::Own | Storage::Fifo => facts += &format!(", `{}` after reset.", reset(register)),
        Storage::View(position) => {
            facts += &format!(", a view of the value of `{}`.", block.registers[position].plain_name());
        }
        Storage::Computed(..) => facts += ", computed by the device.",
        Storage::Constant(_) => facts += ", constant.",
    }
    if let Some(when) = &register.when {
        let opposite = if when.value { "set" } else { "clear" };
        facts += &format!(" There only while `{}.{}` is {opposite}.", when.register, when.field);
    }
    let read = register.read.as_ref().map(|read| read_effect(read.meaning));
    let write = register.write.as_ref().map(|write| write_effect(write.meaning));
    for effect in read.into_iter().chain(write) {
        facts += &format!(" {effect}");
    }
    facts
}

fn read_effect(effect: ReadEffect) -> &'static str {
    match effect {
        ReadEffect::Pop => "A read takes a value out of a FIFO.",
        ReadEffect::Clear => "A read clears the register.",
        ReadEffect::Set => "A read sets all bits of the register.",
        ReadEffect::Fields => "A read changes some of its fields.",
    }
}

fn write_effect(effect: WriteEffect) -> &'static str {
    match effect {
        WriteEffect::Push => "A write puts a value into a FIFO.",
        WriteEffect::Clear => "Any write clears the register.",
        WriteEffect::Set => "Any write sets all bits of the register.",
        WriteEffect::OneClears => "Writing one to a bit clears it.",
        WriteEffect::OneSets => "Writing one to a bit sets it.",
        WriteEffect::OneToggles => "Writing one to a bit inverts it.",
        WriteEffect::ZeroClears => "Writing zero to a bit clears it.",
        WriteEffect::ZeroSets => "Writing zero to a bit sets it.",
        WriteEffect::ZeroToggles => "Writing zero to a bit inverts it.",
        WriteEffect::Once => "Only the first write after reset counts.",
        WriteEffect::Key => "One value unlocks other registers, any other locks them.",
    }
}

fn reset(register: &Register) -> String {
    match &register.reset {
        None if matches!(register.storage, Storage::Own | Storage::Fifo) => "0".to_owned(),
        None => String::new(),
        Some(reset) if reset.is_undefined => "undefined".to_owned(),
        Some(reset) => {
            reset.value.map_or_else(|| reset.expression.to_token_stream().to_string(), |value| format!("{value:#x}"))
        }
    }
}

/// A table of the registers, for the documentation of the handle.
pub(super) fn table(block: &Block) -> String {
    let mut rows = Vec::new();
    for (_, register) in block.by_offset() {
        let access = match register.access {
            AccessKind::ReadOnly => "ro",
            AccessKind::ReadWrite => "rw",
            AccessKind::WriteOnly => "wo",
        };
        let count =
            register.array.as_ref().map(|array| format!("[{}]", array.count.to_token_stream())).unwrap_or_default();
        let offset = hex(register.offset.value);
        let reset = reset(register);
        let reset = if reset.is_empty() { reset } else { format!("`{reset}`") };
        let row = format!("| `{offset}` | `{}{count}` | {access} | {reset} |\n", register.plain_name());
        rows.push((register.offset.value, row));
    }
    for part in &block.parts {
        let count = part.array.as_ref().map(|array| format!("[{}]", array.count.to_token_stream())).unwrap_or_default();
        let (offset, ty) = (hex(part.offset.value), part.ty.to_token_stream());
        rows.push((part.offset.value, format!("| `{offset}` | `{}{count}` | [`{ty}`] | |\n", part.plain_name())));
    }
    rows.sort_by_key(|(offset, _)| *offset);
    let head = "| offset | register | access | reset |\n| --- | --- | --- | --- |\n".to_owned();
    head + &rows.into_iter().map(|(_, row)| row).collect::<String>()
}
