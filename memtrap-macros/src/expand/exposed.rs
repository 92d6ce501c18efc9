//! What everybody can name has a type that everybody can name.
//!
//! The compiler has a lint for that, which does not look at what an attribute has made. So the expansion has a struct that nobody
//! uses, with the fields as the user wrote them: the lint finds them there, and says of them what it says of any struct.

use crate::model::{Bitfield, Block, FieldType, plain};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Visibility;

/// A field: its visibility, name and type.
type Field<'a> = (&'a Visibility, &'a Ident, TokenStream);

/// The registers and nested blocks of a handle.
pub(super) fn registers(block: &Block) -> TokenStream {
    let registers = block.registers.iter().filter(|register| register.value.bytes.is_none());
    let registers = registers.map(|register| (&register.visibility, &register.name, register.value.to_token_stream()));
    let parts = block.parts.iter().map(|part| (&part.visibility, &part.name, part.ty.to_token_stream()));
    expand(&block.visibility, &block.name, registers.chain(parts))
}

/// The fields of a register.
pub(super) fn fields(value: &Bitfield) -> TokenStream {
    let fields = value.fields.iter().filter(|field| matches!(field.ty, FieldType::Other(_)));
    let fields = fields.map(|field| (&field.visibility, &field.name, field.ty.to_token_stream()));
    expand(&value.visibility, &value.name, fields)
}

fn expand<'a>(visibility: &Visibility, owner: &Ident, fields: impl Iterator<Item = Field<'a>>) -> TokenStream {
    let fields: Vec<_> = fields
        .filter(|(visibility, ..)| !matches!(visibility, Visibility::Inherited))
        .map(|(visibility, name, ty)| quote!(#visibility #name: #ty))
        .collect();
    if fields.is_empty() {
        return TokenStream::new();
    }
    let name = format_ident!("__{}", plain(owner));
    quote! {
        #[doc(hidden)]
        #[allow(
            dead_code, missing_docs, missing_debug_implementations, nonstandard_style,
            reason = "there are no values of this type"
        )]
        #visibility struct #name {
            #(#fields,)*
        }
    }
}
