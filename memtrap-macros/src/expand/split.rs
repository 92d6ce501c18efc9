//! The handle in parts: each register, and each nested block, with an owner of its own.

use super::{accessor, docs};
use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

/// The struct, in the block's module.
pub(super) fn expand_struct(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let registers = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        let kind = accessor::owned_kind(block, register);
        let docs = docs::register(block, register);
        let value = quote!(<Types as #private::RegisterType<#index>>::Value);
        match &register.array {
            None => quote!(#docs pub #name: #private::Reg<'a, #value, #kind>),
            Some(_) => {
                let count = quote!({ <Types as #private::RegisterType<#index>>::COUNT });
                quote!(#docs pub #name: #private::RegArray<'a, #value, #kind, #count>)
            }
        }
    });
    let parts = block.parts.iter().enumerate().map(|(index, part)| {
        let (name, docs) = (&part.name, docs::part(part));
        let nested = quote!(<Types as #private::PartType<#index>>::Block);
        match &part.array {
            None => quote!(#docs pub #name: <#nested as #private::Block>::Exclusive<'a>),
            Some(_) => {
                let count = quote!({ <Types as #private::PartType<#index>>::COUNT });
                quote!(#docs pub #name: #private::BlockArray<'a, #nested, #count>)
            }
        }
    });
    let doc = format!("The registers of a [`{0}`](super::{0}), each to be given to an owner of its own.", block.name);
    quote! {
        #[doc = #doc]
        #[allow(missing_debug_implementations, reason = "a driver takes it apart at once")]
        pub struct Split<'a> {
            #(#registers,)*
            #(#parts,)*
            /// Keeps the lifetime of a block without registers.
            #[doc(hidden)]
            pub __handle: ::core::marker::PhantomData<&'a ()>,
        }
    }
}

/// The methods of the handle and of its exclusive borrow.
pub(super) fn expand_methods(block: &Block) -> TokenStream {
    let Block { name, visibility, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let (_, marker) = block.marker();
    // SAFETY of the expansion: each register and each nested block is taken once, with its access kind, and the pointer is dropped.
    let registers = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        let kind = accessor::owned_kind(block, register);
        match &register.array {
            None => quote!(#name: unsafe { self.0.take_register::<#module::Types, #index, #kind>() }),
            Some(_) => {
                let count = quote!({ <#module::Types as #private::RegisterType<#index>>::COUNT });
                quote!(#name: unsafe { self.0.take_array::<#module::Types, #index, #kind, #count>() })
            }
        }
    });
    let parts = block.parts.iter().enumerate().map(|(index, part)| {
        let name = &part.name;
        match &part.array {
            None => quote!(#name: unsafe { self.0.take_part::<#module::Types, #index>() }),
            Some(_) => {
                let count = quote!({ <#module::Types as #private::PartType<#index>>::COUNT });
                quote!(#name: unsafe { self.0.take_parts::<#module::Types, #index, #count>() })
            }
        }
    });
    quote! {
        #[allow(dead_code, reason = "a driver need not split its device")]
        impl #name {
            /// Splits the device: each register, and each nested block, gets an owner of its own.
            #[inline(always)]
            #[must_use]
            #visibility fn split(self) -> #module::Split<'static> {
                #module::Exclusive(self.0.into_exclusive() #marker).split()
            }
        }

        #[allow(dead_code, reason = "a driver need not split its device")]
        impl<'a> #module::Exclusive<'a> {
            /// Splits the block for as long as it is borrowed: each register, and each nested block, gets an owner of its
            /// own.
            #[inline(always)]
            #[must_use]
            #visibility fn split(self) -> #module::Split<'a> {
                #module::Split {
                    #(#registers,)*
                    #(#parts,)*
                    __handle: ::core::marker::PhantomData,
                }
            }
        }
    }
}
