//! What everybody can name has a type that everybody can name.
//!
//! The compiler checks that where code is written, but does not lint what an attribute has made of it. The type of an associated
//! item it checks everywhere.

use super::place;
use crate::model::{Bitfield, Block, FieldType};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Visibility;

/// The registers and nested blocks of a handle.
pub(super) fn registers(block: &Block) -> TokenStream {
    let registers = block.registers.iter().filter(|register| register.value.bytes.is_none());
    let registers = registers.map(|register| (&register.visibility, register.value.to_token_stream()));
    let parts = block.parts.iter().map(|part| (&part.visibility, part.ty.to_token_stream()));
    expand(&block.runtime, &block.name, registers.chain(parts))
}

/// The fields of a register.
pub(super) fn fields(value: &Bitfield) -> TokenStream {
    let fields = value.fields.iter().filter(|field| matches!(field.ty, FieldType::Other(_)));
    expand(&value.runtime, &value.name, fields.map(|field| (&field.visibility, field.ty.to_token_stream())))
}

fn expand<'a>(
    runtime: &TokenStream,
    owner: &Ident,
    items: impl Iterator<Item = (&'a Visibility, TokenStream)>,
) -> TokenStream {
    let public = items.filter(|(visibility, _)| matches!(visibility, Visibility::Public(_)));
    public
        .enumerate()
        .map(|(index, (_, ty))| {
            let item = place::at(&ty, quote!(type Type = #ty;));
            quote!(impl #runtime::private::Exposes<#index> for #owner { #item })
        })
        .collect()
}
