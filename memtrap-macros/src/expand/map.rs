//! The register map as a constant.

use super::types::literal;
use crate::{
    attributes::AccessKind,
    model::{Block, plain},
};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let registers = block.by_offset().into_iter().map(|(index, register)| {
        let text = register.plain_name();
        let access = match register.access {
            AccessKind::ReadOnly => quote!(ReadOnly),
            AccessKind::ReadWrite => quote!(ReadWrite),
            AccessKind::WriteOnly => quote!(WriteOnly),
        };
        let types = quote!(<#module::Types as #private::RegisterType<#index>>);
        let array = register
            .array
            .as_ref()
            .map(|_| quote!(.array(#types::COUNT, #private::stride_of::<#module::Types, #index>())));
        quote! {
            #private::Register::new(
                #text,
                #types::OFFSET,
                #private::width_of::<#module::Types, #index>(),
                #private::AccessKind::#access,
                #types::RESET,
            )
            .with_policy(#types::POLICY)
            .with_fields(#private::fields_of::<#module::Types, #index>())
            #array
        }
    });
    let text = plain(module);
    let size = literal(block.size.value);
    let width = match block.width.bits {
        8 => quote!(U8),
        16 => quote!(U16),
        32 => quote!(U32),
        _ => quote!(U64),
    };
    quote! {
        impl #private::Block for #name {
            const MAP: &'static #private::RegisterMap =
                &#private::RegisterMap::new(#text, #size, #private::Width::#width, &[#(#registers),*]);

            #[inline(always)]
            fn from_block_ptr(pointer: #private::BlockPtr<Self>) -> Self {
                Self(pointer)
            }
        }
    }
}
