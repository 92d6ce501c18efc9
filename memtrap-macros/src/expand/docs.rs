//! The sentences that tell a register's facts.

use crate::{
    attributes::AccessKind,
    check::hex,
    model::{Block, Register},
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The user's documentation of a register, followed by its facts.
pub(super) fn register(register: &Register) -> TokenStream {
    let attributes = &register.attributes;
    let has_docs = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    let facts = facts(register);
    let name = register.plain_name();
    if has_docs {
        quote!(#(#attributes)* #[doc = ""] #[doc = #facts])
    } else {
        let title = format!("Register `{name}`.");
        quote!(#(#attributes)* #[doc = #title] #[doc = ""] #[doc = #facts])
    }
}

/// Offset, width, access and reset value, as one sentence.
fn facts(register: &Register) -> String {
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
    facts += match register.access {
        AccessKind::ReadOnly => ", read-only",
        AccessKind::ReadWrite => ", read and write",
        AccessKind::WriteOnly => ", write-only",
    };
    facts += &format!(", `{}` after reset.", reset(register));
    facts
}

fn reset(register: &Register) -> String {
    match &register.reset {
        None => "0".to_owned(),
        Some(reset) => {
            reset.value.map_or_else(|| reset.expression.to_token_stream().to_string(), |value| format!("{value:#x}"))
        }
    }
}

/// A table of the registers, for the documentation of the handle.
pub(super) fn table(block: &Block) -> String {
    let mut table = "| offset | register | access | reset |\n| --- | --- | --- | --- |\n".to_owned();
    for (_, register) in block.by_offset() {
        let access = match register.access {
            AccessKind::ReadOnly => "ro",
            AccessKind::ReadWrite => "rw",
            AccessKind::WriteOnly => "wo",
        };
        let count =
            register.array.as_ref().map(|array| format!("[{}]", array.count.to_token_stream())).unwrap_or_default();
        let offset = hex(register.offset.value);
        table += &format!("| `{offset}` | `{}{count}` | {access} | `{}` |\n", register.plain_name(), reset(register));
    }
    table
}
