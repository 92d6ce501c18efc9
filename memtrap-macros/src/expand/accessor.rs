//! The method that returns a register.

use super::docs;
use crate::{
    attributes::AccessKind,
    model::{Block, Register},
};
use proc_macro2::TokenStream;
use quote::quote;

/// Whose method it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The handle: all accesses that are declared.
    Handle,
    /// The shared view: reads.
    Shared,
}

/// The accessor of the register at `index` in the order of declaration.
pub(super) fn expand(block: &Block, index: usize, register: &Register, owner: Owner) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let Register { name, visibility, value, array, .. } = register;
    let docs = docs::register(register);
    let private = quote!(#runtime::private);
    let (receiver, lifetime) = match owner {
        Owner::Handle if register.is_shared => (quote!(&self), quote!('_)),
        Owner::Handle => (quote!(&mut self), quote!('_)),
        Owner::Shared => (quote!(self), quote!('a)),
    };
    let kind = match register.access {
        _ if owner == Owner::Shared => quote!(ReadOnly),
        AccessKind::ReadOnly => quote!(ReadOnly),
        AccessKind::ReadWrite => quote!(ReadWrite),
        AccessKind::WriteOnly => quote!(WriteOnly),
    };
    let access = quote!(#private::access::#kind);
    // The shared pointer has no parameter for the access.
    let access_argument = (owner == Owner::Handle).then(|| quote!(#access,));
    let (returned, body) = match array {
        None => (
            quote!(#private::Reg<#lifetime, #value, #access>),
            quote!(self.0.register::<#module::Types, #index, #access_argument>()),
        ),
        Some(array) => {
            let count = &array.count;
            (
                quote!(#private::RegArray<#lifetime, #value, #access, { #count }>),
                quote!(self.0.array::<#module::Types, #index, #access_argument { #count }>()),
            )
        }
    };
    quote! {
        #docs
        #[inline(always)]
        #visibility fn #name(#receiver) -> #returned {
            #body
        }
    }
}
