//! The stored values of a simulated block.

use super::types::camel;
use crate::model::{Block, Register};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(super) fn expand(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let names = block.registers.iter().map(|register| register.plain_name());
    let definitions = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        let alias = camel(register);
        let doc = format!("Stored value of `{}`.", register.plain_name());
        let ty = match &register.array {
            None => quote!(value::#alias),
            Some(array) => {
                let count = array.known_count.map_or_else(
                    || quote!({ <Types as #private::RegisterType<#index>>::COUNT }),
                    |count| super::types::literal(count).to_token_stream(),
                );
                quote!([value::#alias; #count])
            }
        };
        quote!(#[doc = #doc] pub #name: #ty)
    });
    let resets = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        let value = quote!(#private::reset_of::<Types, #index>());
        match &register.array {
            None => quote!(#name: #value),
            Some(_) => quote!(#name: ::core::array::from_fn(|_| #value)),
        }
    });
    let clones = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        let copied = quote!(#private::copied::<Types, #index>);
        match &register.array {
            None => quote!(#name: #copied(&self.#name)),
            Some(_) => quote!(#name: ::core::array::from_fn(|index| #copied(&self.#name[index]))),
        }
    });
    let equal = block.registers.iter().enumerate().map(|(index, register)| {
        let one = slice(&quote!(self), register);
        let other = slice(&quote!(other), register);
        quote!(#private::same_bits::<Types, #index>(#one, #other))
    });
    let shown = block.registers.iter().enumerate().map(|(index, register)| {
        let name = &register.name;
        match (&register.array, register.value.bytes) {
            (None, Some(_)) => quote!(&#private::Bits::<Types, #index>(&self.#name)),
            (None, None) => quote!(&(&#private::Shown::<Types, #index>(&self.#name)).shown()),
            (Some(_), Some(_)) => quote!(&#private::AllBits::<Types, #index>(&self.#name)),
            (Some(_), None) => quote!(&(&#private::ShownAll::<Types, #index>(&self.#name)).shown()),
        }
    });
    quote! {
        /// The stored values of the registers; the default values are those after reset.
        #[non_exhaustive]
        pub struct State {
            #(#definitions,)*
        }

        impl ::core::default::Default for State {
            fn default() -> Self {
                Self { #(#resets,)* }
            }
        }

        impl ::core::clone::Clone for State {
            fn clone(&self) -> Self {
                Self { #(#clones,)* }
            }
        }

        impl ::core::cmp::PartialEq for State {
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                let _ = other;
                true #(&& #equal)*
            }
        }

        impl ::core::cmp::Eq for State {}

        impl ::core::fmt::Debug for State {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #[allow(unused_imports, reason = "only values of the user's own types need them")]
                use #private::{ShownByBits as _, ShownByDebug as _};
                f.debug_struct("State") #(.field(#names, #shown))* .finish()
            }
        }
    }
}

/// The values of a register as a slice.
fn slice(owner: &TokenStream, register: &Register) -> TokenStream {
    let name = &register.name;
    match &register.array {
        None => quote!(::core::slice::from_ref(&#owner.#name)),
        Some(_) => quote!(&#owner.#name),
    }
}
