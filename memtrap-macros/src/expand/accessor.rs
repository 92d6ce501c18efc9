//! The method that returns a register.

use super::docs;
use crate::{
    attributes::{AccessKind, WriteEffect},
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

/// The access kind of a register.
fn kind(private: &TokenStream, register: &Register) -> TokenStream {
    let access = quote!(#private::access);
    if register.read.is_none() && register.write.is_none() {
        return match register.access {
            AccessKind::ReadOnly => quote!(#access::ReadOnly),
            AccessKind::ReadWrite => quote!(#access::ReadWrite),
            AccessKind::WriteOnly => quote!(#access::WriteOnly),
        };
    }
    let read = match (register.access.is_readable(), &register.read) {
        (false, _) => quote!(NoRead),
        (true, None) => quote!(Pure),
        (true, Some(_)) => quote!(Effect),
    };
    let write = match (register.access.is_writable(), register.write.as_ref().map(|write| write.meaning)) {
        (false, _) => quote!(NoWrite),
        (true, None) => quote!(Stores),
        (true, Some(WriteEffect::OneClears)) => quote!(OneClears),
        (true, Some(WriteEffect::OneSets)) => quote!(OneSets),
        (true, Some(WriteEffect::OneToggles)) => quote!(OneToggles),
        (true, Some(WriteEffect::ZeroClears | WriteEffect::ZeroSets | WriteEffect::ZeroToggles)) => quote!(ZeroActs),
        (true, Some(WriteEffect::Clear | WriteEffect::Set | WriteEffect::Once | WriteEffect::Push)) => quote!(Acts),
    };
    quote!(#access::Kind<#access::#read, #access::#write>)
}

/// The accessor of the register at `index` in the order of declaration.
pub(super) fn expand(block: &Block, index: usize, register: &Register, owner: Owner) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let Register { name, visibility, value, array, .. } = register;
    let docs = docs::register(block, register);
    let private = quote!(#runtime::private);
    let (receiver, lifetime) = match owner {
        Owner::Handle if register.is_shared => (quote!(&self), quote!('_)),
        Owner::Handle => (quote!(&mut self), quote!('_)),
        Owner::Shared => (quote!(self), quote!('a)),
    };
    let access = if owner == Owner::Shared { quote!(#private::access::ReadOnly) } else { kind(&private, register) };
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
