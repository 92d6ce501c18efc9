//! How the block's module learns the types of the registers.

use crate::{
    attributes::Reset,
    model::{Block, Register, camel_case},
};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

/// Name of a register's value type in the module `value`, and of its variant of `Reg`.
pub(super) fn camel(register: &Register) -> Ident {
    Ident::new(&camel_case(&register.plain_name()), Span::call_site())
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
        let reset = match &register.reset {
            None => quote!(0),
            Some(Reset { value: Some(value), .. }) => literal(*value).to_token_stream(),
            // The conversion is not needed if the constant has 64 bits already.
            Some(reset) => quote!((#reset) as ::core::primitive::u64),
        };
        quote! {
            impl #runtime::private::RegisterType<#index> for #module::Types {
                type Value = #ty;
                const OFFSET: ::core::primitive::usize = #offset;
                const COUNT: ::core::primitive::usize = #count;
                const STRIDE: ::core::option::Option<::core::primitive::usize> = #stride;
                const RESET: ::core::primitive::u64 = #reset;
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
