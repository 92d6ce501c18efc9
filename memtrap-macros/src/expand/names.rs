//! The enumeration of the registers.

use super::types::camel;
use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(block: &Block) -> TokenStream {
    let registers = || block.by_offset().into_iter().map(|(_, register)| register);
    let variants: Vec<_> = registers().map(camel).collect();
    let names: Vec<_> = registers().map(|register| register.plain_name()).collect();
    let offsets: Vec<_> = registers().map(|register| register.offset.value).collect();
    let docs = names.iter().map(|name| format!("The register `{name}`."));
    let doc = format!("The registers of `{}` by name, in ascending order of their offsets.", block.name);
    quote! {
        #[doc = #doc]
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        pub enum Reg {
            #(#[doc = #docs] #variants,)*
        }

        impl Reg {
            /// All registers, in ascending order of their offsets.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The name as it is declared.
            #[must_use]
            pub const fn name(self) -> &'static ::core::primitive::str {
                match self {
                    #(Self::#variants => #names,)*
                }
            }

            /// Offset from the start of the block in bytes; of an array, that of its first element.
            #[must_use]
            pub const fn offset(self) -> ::core::primitive::usize {
                match self {
                    #(Self::#variants => #offsets as ::core::primitive::usize,)*
                }
            }
        }

        impl ::core::convert::AsRef<::core::primitive::str> for Reg {
            fn as_ref(&self) -> &::core::primitive::str {
                self.name()
            }
        }

        impl ::core::fmt::Display for Reg {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }
    }
}
