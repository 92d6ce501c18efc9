//! The value type of a register.

use super::{Assertions, assertions, exposed};
use crate::model::{BitField, Bitfield, FieldType, plain};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// Expands a value type.
pub(crate) fn expand(value: &Bitfield, assertions: Assertions) -> TokenStream {
    let Bitfield { name, visibility, attributes, runtime, integer, .. } = value;
    let private = quote!(#runtime::private);
    let text = plain(name);
    let methods = value.fields.iter().map(|field| methods(value, field));
    let fields = fields(value);
    let debug = debug(value);
    let checks = match assertions {
        Assertions::Emit => {
            let types: TokenStream = value.fields.iter().filter_map(|field| check_type(value, field)).collect();
            let exposed = exposed::fields(value);
            quote!(#types #exposed)
        }
        Assertions::Omit => TokenStream::new(),
    };
    let (reserved_zero, reserved_one) = match value.reserved_as {
        Some(false) => (reserved(value), 0),
        Some(true) => (0, reserved(value)),
        None => (0, 0),
    };
    // A new value is one that can be written.
    let new = Literal::u64_unsuffixed(reserved_one);
    let new_doc = if reserved_one == 0 {
        "The value with all bits zero."
    } else {
        "The value with all bits zero except the reserved ones, which are written as one."
    };
    let (derived_default, default) = if reserved_one == 0 {
        (quote!(::core::default::Default,), TokenStream::new())
    } else {
        let default = quote! {
            impl ::core::default::Default for #name {
                #[inline]
                fn default() -> Self {
                    Self::new()
                }
            }
        };
        (TokenStream::new(), default)
    };
    let title = if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
        TokenStream::new()
    } else {
        let title = format!("Value of the register `{text}`.");
        quote!(#[doc = #title])
    };
    let widening = (value.bits < 64).then(|| {
        quote! {
            impl ::core::convert::From<#name> for ::core::primitive::u64 {
                #[inline]
                fn from(value: #name) -> Self {
                    ::core::convert::Into::into(value.0)
                }
            }
        }
    });
    quote! {
        #(#attributes)*
        #title
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, #derived_default ::core::cmp::PartialEq, ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #[repr(transparent)]
        #visibility struct #name(::core::primitive::#integer);

        #[allow(dead_code, reason = "a driver need not use every field of a register")]
        impl #name {
            #[doc = #new_doc]
            #[inline]
            #[must_use]
            pub const fn new() -> Self {
                Self(#new)
            }

            /// The value with these bits.
            #[inline]
            #[must_use]
            pub const fn from_bits(bits: ::core::primitive::#integer) -> Self {
                Self(bits)
            }

            /// The bits.
            #[inline]
            #[must_use]
            pub const fn bits(self) -> ::core::primitive::#integer {
                self.0
            }

            #(#methods)*
        }

        impl #private::RegisterValue for #name {
            type Bits = ::core::primitive::#integer;

            const FIELDS: &'static [#private::Field] = &[#(#fields),*];
            const RESERVED_ZERO: ::core::primitive::u64 = #reserved_zero;
            const RESERVED_ONE: ::core::primitive::u64 = #reserved_one;

            #[inline(always)]
            fn from_bits(bits: ::core::primitive::#integer) -> Self {
                Self(bits)
            }

            #[inline(always)]
            fn into_bits(self) -> ::core::primitive::#integer {
                self.0
            }
        }

        impl ::core::convert::From<::core::primitive::#integer> for #name {
            #[inline]
            fn from(bits: ::core::primitive::#integer) -> Self {
                Self(bits)
            }
        }

        impl ::core::convert::From<#name> for ::core::primitive::#integer {
            #[inline]
            fn from(value: #name) -> Self {
                value.0
            }
        }

        #default
        #widening
        #debug
        #checks
    }
}

fn mask(field: &BitField) -> u64 {
    u64::MAX >> (64 - field.range.bits.clamp(1, 64))
}

/// The getter and the setters of a field.
fn methods(value: &Bitfield, field: &BitField) -> TokenStream {
    let integer = &value.integer;
    let private = {
        let runtime = &value.runtime;
        quote!(#runtime::private)
    };
    let BitField { name, visibility, ty, .. } = field;
    let text = field.plain_name();
    let lsb = field.range.lsb;
    let mask = mask(field);
    let shifted = quote!((self.0 as ::core::primitive::u64 >> #lsb & #mask));
    let (constness, get, bits, may_exceed) = match ty {
        FieldType::Bool(_) => (quote!(const), quote!(#shifted != 0), quote!(value as ::core::primitive::u64), false),
        FieldType::Integer(ty, width) => {
            (quote!(const), quote!(#shifted as #ty), quote!(value as ::core::primitive::u64), *width > field.range.bits)
        }
        FieldType::Other(ty) => {
            // A type without the trait is reported where it is written, and so only once.
            let span = ty.span().resolved_at(Span::call_site());
            (
                TokenStream::new(),
                quote_spanned!(span=> <#ty as #private::FieldValue>::from_field(#shifted)),
                quote_spanned!(span=> <#ty as #private::FieldValue>::into_field(value)),
                true,
            )
        }
    };
    let set = format_ident!("set_{text}", span = name.span());
    let with = format_ident!("with_{text}", span = name.span());
    let try_with = format_ident!("try_with_{text}", span = name.span());
    let [get_docs, with_docs, try_docs, set_docs] = docs(field);
    let stored = quote!(Self(
        (self.0 as ::core::primitive::u64 & !(#mask << #lsb) | bits << #lsb) as ::core::primitive::#integer
    ));
    let with_body = if may_exceed {
        let message = format!("the value does not fit in the {} bits of `{text}`", field.range.bits);
        quote! {
            let bits = #bits;
            ::core::assert!(bits <= #mask, #message);
            #stored
        }
    } else {
        quote! {
            let bits = #bits;
            #stored
        }
    };
    let (panics, track_caller) = if may_exceed {
        let doc = format!("If the value does not fit in {} bits.", field.range.bits);
        (quote!(#[doc = ""] #[doc = "# Panics"] #[doc = ""] #[doc = #doc]), quote!(#[track_caller]))
    } else {
        (TokenStream::new(), TokenStream::new())
    };
    let try_method = may_exceed.then(|| {
        quote! {
            #[doc = #try_docs]
            #[inline]
            #[must_use]
            #visibility #constness fn #try_with(self, value: #ty) -> ::core::option::Option<Self> {
                let bits = #bits;
                if bits <= #mask { ::core::option::Option::Some(#stored) } else { ::core::option::Option::None }
            }
        }
    });
    quote! {
        #get_docs
        #[inline]
        #[must_use]
        #visibility #constness fn #name(self) -> #ty {
            #get
        }

        #[doc = #with_docs]
        #panics
        #[inline]
        #[must_use]
        #track_caller
        #visibility #constness fn #with(self, value: #ty) -> Self {
            #with_body
        }

        #try_method

        #[doc = #set_docs]
        #panics
        #[inline]
        #track_caller
        #visibility #constness fn #set(&mut self, value: #ty) {
            *self = self.#with(value);
        }
    }
}

/// Documentation of the getter and texts of that of the setters.
fn docs(field: &BitField) -> [TokenStream; 4] {
    let attributes = &field.attributes;
    let text = field.plain_name();
    let last = field.range.lsb.saturating_add(field.range.bits) - 1;
    let mut facts =
        if field.range.bits == 1 { format!("Bit {last}") } else { format!("Bits {} to {last}", field.range.lsb) };
    if let Some(policy) = &field.policy {
        facts += &format!(", policy `{policy}`");
    }
    if field.is_alias {
        facts += ", which are those of other fields";
    }
    facts.push('.');
    let title = if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
        quote!(#(#attributes)*)
    } else {
        let title = format!("Field `{text}`.");
        quote!(#(#attributes)* #[doc = #title])
    };
    let with = format!("The same value with another [`{text}`](Self::{text}).");
    let try_with = format!("The same value with another [`{text}`](Self::{text}), or `None` if that does not fit.");
    let set = format!("Changes [`{text}`](Self::{text}).");
    [quote!(#title #[doc = ""] #[doc = #facts]), quote!(#with), quote!(#try_with), quote!(#set)]
}

/// The fields as data, in ascending order of their bits.
fn fields(value: &Bitfield) -> impl Iterator<Item = TokenStream> {
    let runtime = &value.runtime;
    let private = quote!(#runtime::private);
    // The bits of an alias are named, and have their policies, by the fields whose they are.
    let mut fields: Vec<_> = value.fields.iter().filter(|field| !field.is_alias).collect();
    fields.sort_by_key(|field| field.range.lsb);
    fields.into_iter().map(move |field| {
        let text = field.plain_name();
        let lsb = u32::try_from(field.range.lsb).unwrap_or(0);
        let bits = u32::try_from(field.range.bits).unwrap_or(1);
        let policy = match &field.policy {
            Some(policy) => {
                let policy = Ident::new(&policy.to_string().to_uppercase(), Span::call_site());
                quote!(::core::option::Option::Some(#private::Policy::#policy))
            }
            None => quote!(::core::option::Option::None),
        };
        quote!(#private::Field::new(#text, #lsb, #bits, #policy))
    })
}

/// `Debug` with every field decoded, and the bits that have no field if some are set.
fn debug(value: &Bitfield) -> TokenStream {
    let Bitfield { name, .. } = value;
    let title = plain(name);
    let fields = value.fields.iter().filter(|field| !field.is_alias).map(|field| {
        let (name, text) = (&field.name, field.plain_name());
        // As a path: a method call would find that of a trait, for example `eq`, before that of the field.
        match &field.ty {
            FieldType::Integer(..) => quote!(.field(#text, &::core::format_args!("{:#x}", Self::#name(*self)))),
            _ => quote!(.field(#text, &Self::#name(*self))),
        }
    });
    let reserved = reserved(value);
    quote! {
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut shown = f.debug_struct(#title);
                shown #(#fields)*;
                let reserved = self.0 as ::core::primitive::u64 & #reserved;
                if reserved != 0 {
                    shown.field("reserved", &::core::format_args!("{:#x}", reserved));
                }
                shown.finish()
            }
        }
    }
}

/// The bits without a field.
fn reserved(value: &Bitfield) -> u64 {
    let covered =
        value.fields.iter().fold(0u64, |covered, field| covered | mask(field).checked_shl(lsb(field)).unwrap_or(0));
    u64::MAX >> (64 - value.bits) & !covered
}

fn lsb(field: &BitField) -> u32 {
    u32::try_from(field.range.lsb).unwrap_or(0)
}

/// That a type with `FieldValue` represents every value of its bits, and fits in them.
fn check_type(value: &Bitfield, field: &BitField) -> Option<TokenStream> {
    let FieldType::Other(ty) = &field.ty else { return None };
    let runtime = &value.runtime;
    let trait_ = quote!(<#ty as #runtime::private::FieldValue>);
    let bits = u32::try_from(field.range.bits).ok()?;
    let mask = mask(field);
    let text = field.plain_name();
    let total = format!(
        "`{text}` has {bits} bits, and not every value of them has a variant: name them all, or add \
         `#[other] Reserved(u8)` for the rest"
    );
    let fits = format!("`{text}` has {bits} bits, and a variant has a larger value: correct the bits or the variant");
    let mut tokens = assertions::assert(ty, &quote!(#trait_::TOTAL_BITS >= #bits), &total);
    tokens.extend(assertions::assert(ty, &quote!(#trait_::LARGEST <= #mask), &fits));
    Some(tokens)
}
