//! An enumeration as the value of a field.

use crate::attributes::{EnumDeclaration, NamedValue};
use proc_macro2::TokenStream;
use quote::quote;

/// Stands for the implementation of an enumeration with errors: whatever uses it causes no further ones.
pub(crate) fn stub(declaration: &EnumDeclaration) -> TokenStream {
    let EnumDeclaration { name, runtime, .. } = declaration;
    quote! {
        #[automatically_derived]
        impl #runtime::private::FieldValue for #name {
            const LARGEST: ::core::primitive::u64 = 0;
            const TOTAL_BITS: ::core::primitive::u32 = 64;

            fn from_field(_: ::core::primitive::u64) -> Self {
                ::core::unreachable!()
            }

            fn into_field(self) -> ::core::primitive::u64 {
                ::core::unreachable!()
            }
        }
    }
}

/// Expands a derived enumeration.
pub(crate) fn expand(declaration: &EnumDeclaration) -> TokenStream {
    let EnumDeclaration { name, variants, other, runtime } = declaration;
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let values: Vec<_> = variants.iter().map(|variant| variant.value).collect();
    let largest = values.iter().max().copied().unwrap_or(0);
    let total = if other.is_some() { 64 } else { total_bits(variants) };
    let (from_other, into_other) = match other {
        Some((other, integer)) => (
            quote!(_ => Self::#other(bits as #integer)),
            quote!(Self::#other(bits) => ::core::convert::Into::into(bits),),
        ),
        None => {
            (quote!(_ => ::core::panic!("a field has no more bits than its values have names")), TokenStream::new())
        }
    };
    quote! {
        #[automatically_derived]
        impl #runtime::private::FieldValue for #name {
            const LARGEST: ::core::primitive::u64 = #largest;
            const TOTAL_BITS: ::core::primitive::u32 = #total;

            #[inline]
            fn from_field(bits: ::core::primitive::u64) -> Self {
                match bits {
                    #(#values => Self::#names,)*
                    #from_other,
                }
            }

            #[inline]
            fn into_field(self) -> ::core::primitive::u64 {
                match self {
                    #(Self::#names => #values,)*
                    #into_other
                }
            }
        }
    }
}

/// The number of bits of which every value has a name.
fn total_bits(variants: &[NamedValue]) -> u32 {
    let named = |value| variants.iter().any(|variant| variant.value == value);
    (0..=63).take_while(|bits| (0..1u64 << bits).all(named)).last().unwrap_or(0)
}
