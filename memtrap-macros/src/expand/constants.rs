//! Offsets and reset values as constants.

use crate::model::{Block, constant_case};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn expand(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let constants = block.registers.iter().enumerate().map(|(index, register)| {
        let name = register.plain_name();
        let prefix = constant_case(&name);
        let offset_name = Ident::new(&format!("{prefix}_OFFSET"), register.name.span());
        let reset_name = Ident::new(&format!("{prefix}_RESET"), register.name.span());
        let offset_doc = format!("Offset of `{name}` in bytes.");
        let reset_doc = format!("Bits of `{name}` after reset.");
        let types = quote!(<Types as #runtime::private::RegisterType<#index>>);
        quote! {
            #[doc = #offset_doc]
            pub const #offset_name: ::core::primitive::usize = #types::OFFSET;
            #[doc = #reset_doc]
            pub const #reset_name: ::core::primitive::u64 = #types::RESET;
        }
    });
    let parts = block.parts.iter().enumerate().map(|(index, part)| {
        let name = part.plain_name();
        let offset_name = Ident::new(&format!("{}_OFFSET", constant_case(&name)), part.name.span());
        let offset_doc = format!("Offset of `{name}` in bytes.");
        quote! {
            #[doc = #offset_doc]
            pub const #offset_name: ::core::primitive::usize =
                <Types as #runtime::private::PartType<#index>>::OFFSET;
        }
    });
    quote!(#(#constants)* #(#parts)*)
}
