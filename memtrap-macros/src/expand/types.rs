//! How the block's module learns the types of the registers.

use crate::{
    attributes::{self, ReadEffect, Reset, WriteEffect},
    model::{Block, Register, Storage, camel_case},
};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

/// Name of a register's value type in the module `value`, and of its variant of `Reg`. As all names that are made of a field's, it
/// is where that is: an editor that looks for its definition finds the field.
pub(super) fn camel(register: &Register) -> Ident {
    Ident::new(&camel_case(&register.plain_name()), register.name.span())
}

/// The implementations beside the handle, where the user's types resolve.
pub(super) fn expand_impls(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let registers = block.registers.iter().enumerate().map(|(index, register)| {
        let ty = &register.value;
        let offset = literal(register.offset.value);
        let count = register.count();
        let stride = match register.array.as_ref().and_then(|array| array.stride.as_ref()) {
            Some(stride) => {
                let stride = literal(stride.value);
                quote!(::core::option::Option::Some(#stride))
            }
            None => quote!(::core::option::Option::None),
        };
        let policy = policy(&block.runtime, register);
        let constant: Vec<_> = match &register.storage {
            Storage::Constant(values) => values.iter().map(bits).collect(),
            _ => Vec::new(),
        };
        let reset = match &register.reset {
            // A single constant is what the register holds after reset, too.
            None if register.array.is_none() && !constant.is_empty() => constant[0].clone(),
            None => quote!(0),
            Some(Reset { expression, .. }) => bits(expression),
        };
        let key = register.key.as_ref().map_or_else(|| quote!(0), |key| bits(&key.value));
        let is_undefined = register.reset.as_ref().is_some_and(|reset| reset.is_undefined);
        quote! {
            impl #runtime::private::RegisterType<#index> for #module::Types {
                type Value = #ty;
                const OFFSET: ::core::primitive::usize = #offset;
                const COUNT: ::core::primitive::usize = #count;
                const STRIDE: ::core::option::Option<::core::primitive::usize> = #stride;
                const RESET: ::core::primitive::u64 = #reset;
                const KEY: ::core::primitive::u64 = #key;
                const IS_UNDEFINED: ::core::primitive::bool = #is_undefined;
                const POLICY: #runtime::private::Policy = #policy;
                const CONSTANT: &'static [::core::primitive::u64] = &[#(#constant),*];
            }
        }
    });
    quote! {
        impl #runtime::private::BlockTypes for #module::Types {
            type Handle = #name;
        }
        #(#registers)*
    }
}

/// A constant as 64 bits.
fn bits(expression: &Expr) -> TokenStream {
    match attributes::literal(expression) {
        Some(value) => literal(value).to_token_stream(),
        None => quote!((#expression) as ::core::primitive::u64),
    }
}

/// The policy of the bits that have none of their own.
fn policy(runtime: &TokenStream, register: &Register) -> TokenStream {
    let private = quote!(#runtime::private);
    let read = match register.read.as_ref().map(|read| read.meaning) {
        _ if !register.access.is_readable() => quote!(Unreadable),
        Some(ReadEffect::Clear) => quote!(Clear),
        Some(ReadEffect::Set) => quote!(Set),
        Some(ReadEffect::Pop | ReadEffect::Fields) | None => quote!(Pure),
    };
    let write = match register.write.as_ref().map(|write| write.meaning) {
        _ if !register.access.is_writable() => quote!(Ignored),
        Some(WriteEffect::Clear) => quote!(Clear),
        Some(WriteEffect::Set) => quote!(Set),
        Some(WriteEffect::OneClears) => quote!(OneClears),
        Some(WriteEffect::OneSets) => quote!(OneSets),
        Some(WriteEffect::OneToggles) => quote!(OneToggles),
        Some(WriteEffect::ZeroClears) => quote!(ZeroClears),
        Some(WriteEffect::ZeroSets) => quote!(ZeroSets),
        Some(WriteEffect::ZeroToggles) => quote!(ZeroToggles),
        Some(WriteEffect::Once) => quote!(Once),
        Some(WriteEffect::Key) => quote!(Ignored),
        Some(WriteEffect::Push) | None => quote!(Store),
    };
    quote!(#private::Policy { read: #private::ReadEffect::#read, write: #private::WriteEffect::#write })
}

/// A number as a literal without a suffix.
pub(super) fn literal(value: u64) -> Literal {
    Literal::u64_unsuffixed(value)
}

/// The marker type and the aliases in the module.
pub(super) fn expand_module(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let aliases = block.registers.iter().enumerate().map(|(index, register)| {
        let alias = camel(register);
        let doc = format!("Value type of `{}`.", register.plain_name());
        quote! {
            #[doc = #doc]
            pub type #alias = <super::Types as #runtime::private::RegisterType<#index>>::Value;
        }
    });
    quote! {
        /// Carries the types of the registers into this module.
        #[doc(hidden)]
        #[allow(missing_debug_implementations, reason = "there are no values of this type")]
        pub(super) enum Types {}

        /// The value types of the registers.
        pub mod value {
            #(#aliases)*
        }
    }
}
