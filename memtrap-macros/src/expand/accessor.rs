//! The method that returns a register.

use super::{docs, types::literal};
use crate::{
    attributes::{AccessKind, Operation, WriteEffect},
    check::hex,
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

/// The windows of a register, as the last parameter of its access kind.
fn aliases(block: &Block, private: &TokenStream, register: &Register) -> Option<TokenStream> {
    let is_push = register.write.as_ref().is_some_and(|write| write.meaning == WriteEffect::Push);
    if block.aliases.is_empty() || !register.access.is_writable() || is_push {
        return None;
    }
    let access = quote!(#private::access);
    let window = |operation| {
        let alias = block.aliases.iter().find(|alias| alias.operation == operation);
        match alias.map(|alias| literal(alias.offset.value)) {
            Some(offset) => quote!(#access::At<#offset>),
            None => quote!(#access::Nowhere),
        }
    };
    let (set, clear, toggle) = (window(Operation::Set), window(Operation::Clear), window(Operation::Toggle));
    Some(quote!(#access::Aliases<#set, #clear, #toggle>))
}

/// The access kind of a register, of which others may have another one at the same time if it is shared.
fn kind(private: &TokenStream, register: &Register, aliases: Option<&TokenStream>, is_shared: bool) -> TokenStream {
    let access = quote!(#private::access);
    if register.read.is_none() && register.write.is_none() && aliases.is_none() && !is_shared {
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
        (
            true,
            Some(WriteEffect::Clear | WriteEffect::Set | WriteEffect::Once | WriteEffect::Push | WriteEffect::Key),
        ) => quote!(Acts),
    };
    let unaliased = quote!(#access::Unaliased);
    match (aliases, is_shared) {
        (None, false) => quote!(#access::Kind<#access::#read, #access::#write>),
        (Some(aliases), false) => quote!(#access::Kind<#access::#read, #access::#write, #aliases>),
        (aliases, true) => {
            let aliases = aliases.unwrap_or(&unaliased);
            quote!(#access::Kind<#access::#read, #access::#write, #aliases, #access::OneThread>)
        }
    }
}

/// The access kind of a register that has an owner.
pub(super) fn owned_kind(block: &Block, register: &Register) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let aliases = aliases(block, &private, register);
    kind(&private, register, aliases.as_ref(), false)
}

/// The accessor of the register at `index` in the order of declaration.
pub(super) fn expand(block: &Block, index: usize, register: &Register, owner: Owner) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let Register { name, visibility, value, array, .. } = register;
    let docs = docs::register(block, register);
    // Whoever has the data sheet, or a trace, searches for the offset.
    let alias = (owner == Owner::Handle).then(|| {
        let offset = hex(register.offset.value);
        quote!(#[doc(alias = #offset)])
    });
    let private = quote!(#runtime::private);
    let (receiver, lifetime) = match owner {
        Owner::Handle if register.is_shared || block.is_shared => (quote!(&self), quote!('_)),
        Owner::Handle => (quote!(&mut self), quote!('_)),
        Owner::Shared => (quote!(self), quote!('a)),
    };
    let aliases = aliases(block, &private, register);
    let access = match (owner, aliases) {
        (Owner::Handle, aliases) => kind(&private, register, aliases.as_ref(), block.is_shared),
        (Owner::Shared, None) => quote!(#private::access::ReadOnly),
        // Each write through a window acts on its own bits alone.
        (Owner::Shared, Some(aliases)) => {
            quote!(#private::access::Kind<#private::access::Pure, #private::access::NoWrite, #aliases>)
        }
    };
    // SAFETY of the expansion: the access kind is the declared one, and the receiver is as exclusive as that asks for.
    let (returned, body) = match array {
        None => (
            quote!(#private::Reg<#lifetime, #value, #access>),
            quote!(unsafe { self.0.register::<#module::Types, #index, #access>() }),
        ),
        Some(array) => {
            let count = &array.count;
            (
                quote!(#private::RegArray<#lifetime, #value, #access, { #count }>),
                quote!(unsafe { self.0.array::<#module::Types, #index, #access, { #count }>() }),
            )
        }
    };
    quote! {
        #docs
        #alias
        #[inline(always)]
        #visibility fn #name(#receiver) -> #returned {
            #body
        }
    }
}
