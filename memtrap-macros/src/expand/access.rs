//! The accesses to a block's registers as values, for the model of a block around it.

use super::{
    model::{self, method},
    part,
    types::{self, camel},
};
use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

/// The enumerations, in the block's module.
pub(super) fn expand(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let context = quote!(&mut #private::Context<'_>);
    let Variants { reads, writes, read_arms, write_arms, debug_arms } = variants(block);
    let copy = copy(block);
    quote! {
        /// A read of one of the registers; of an array with the index of the element.
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[non_exhaustive]
        pub enum Read {
            #(#reads,)*
        }

        impl Read {
            /// Has `model` answer the read; the bits that it returns.
            pub fn apply<M: Model + ?::core::marker::Sized>(
                self,
                model: &mut M,
                regs: &mut State,
                cx: #context,
            ) -> ::core::primitive::u64 {
                let _ = (&model, &regs, &cx);
                match self {
                    #(#read_arms)*
                }
            }
        }

        /// A write to one of the registers; of an array with the index of the element.
        #[non_exhaustive]
        pub enum Write {
            #(#writes,)*
        }

        #copy

        impl Write {
            /// Has `model` carry out the write.
            pub fn apply<M: Model + ?::core::marker::Sized>(self, model: &mut M, regs: &mut State, cx: #context) {
                let _ = (&model, &regs, &cx);
                match self {
                    #(#write_arms)*
                }
            }
        }

        impl ::core::fmt::Debug for Write {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let _ = &f;
                match *self {
                    #(#debug_arms)*
                }
            }
        }

        /// A model that carries out the declaration and nothing else.
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
        pub struct Declared;

        impl Model for Declared {}
    }
}

/// `Copy` for the writes, whose values all are.
///
/// A type that is no register value is reported where it is declared. That it is not `Copy` would be a second error if this
/// were derived; a condition with a lifetime is only looked at where the implementation is used.
fn copy(block: &Block) -> TokenStream {
    let declared = block.registers.iter().filter(|register| register.access.is_writable());
    let values = declared.filter(|register| register.value.bytes.is_none()).map(camel);
    let values = values.map(|value| quote!(value::#value));
    let parts = (0..block.parts.len()).map(|index| {
        let (runtime, nested) = (&block.runtime, part::block_type(&block.runtime, index));
        quote!(<#nested as #runtime::private::Nestable>::Write)
    });
    let conditions: TokenStream = values.chain(parts).map(|ty| quote!(for<'a> #ty: ::core::marker::Copy,)).collect();
    quote! {
        #[allow(clippy::expl_impl_clone_on_copy, reason = "it has a condition")]
        impl ::core::clone::Clone for Write
        where
            #conditions
        {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl ::core::marker::Copy for Write where #conditions {}
    }
}

struct Variants {
    reads: Vec<TokenStream>,
    writes: Vec<TokenStream>,
    read_arms: Vec<TokenStream>,
    write_arms: Vec<TokenStream>,
    debug_arms: Vec<TokenStream>,
}

fn variants(block: &Block) -> Variants {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    let (mut read_arms, mut write_arms, mut debug_arms) = (Vec::new(), Vec::new(), Vec::new());
    for (index, register) in block.registers.iter().enumerate() {
        let (variant, text) = (camel(register), register.plain_name());
        let doc = format!("Of `{text}`.");
        let element = register.array.as_ref().map(|_| quote!(element,));
        let element_type = register.array.as_ref().map(|_| quote!(::core::primitive::usize,));
        if register.access.is_readable() {
            let method = method("read", register);
            let (fields, pattern) = match &element {
                Some(_) => (quote!((#element_type)), quote!((element))),
                None => (TokenStream::new(), TokenStream::new()),
            };
            reads.push(quote!(#[doc = #doc] #variant #fields));
            read_arms.push(quote! {
                Self::#variant #pattern => #private::to_u64::<Types, #index>(Model::#method(model, regs, #element cx)),
            });
        }
        if register.access.is_writable() {
            let method = method("write", register);
            writes.push(quote!(#[doc = #doc] #variant(#element_type value::#variant)));
            let locks = block.registers.iter().enumerate().filter_map(|(lock, other)| {
                let is_locked = other.key.as_ref()?.unlocks.contains(&register.name);
                let key = other.plain_name();
                is_locked.then(|| {
                    quote! {
                        if !regs.__locks.is_open(#lock) {
                            #private::locked(#text, #key, cx);
                            return;
                        }
                    }
                })
            });
            write_arms.push(quote! {
                Self::#variant(#element value) => {
                    #(#locks)*
                    Model::#method(model, regs, #element value, cx);
                }
            });
            let shown = element.as_ref().map(|_| quote!(.field(&element)));
            let name = variant.to_string();
            debug_arms.push(quote! {
                Self::#variant(#element ref value) => {
                    f.debug_tuple(#name) #shown .field(&#private::Bits::<Types, #index>(value)).finish()
                }
            });
        }
    }
    for (index, nested) in block.parts.iter().enumerate() {
        let (variant, text) = (part::camel(nested), nested.plain_name());
        let doc = format!("Of a register of `{text}`.");
        let ty = part::block_type(runtime, index);
        let element = nested.array.as_ref().map(|_| quote!(element,));
        let element_type = nested.array.as_ref().map(|_| quote!(::core::primitive::usize,));
        let read = part::method("read", nested);
        reads.push(quote!(#[doc = #doc] #variant(#element_type <#ty as #private::Nestable>::Read)));
        read_arms.push(quote! {
            Self::#variant(#element read) => Model::#read(model, regs, #element read, cx),
        });
        let write = part::method("write", nested);
        writes.push(quote!(#[doc = #doc] #variant(#element_type <#ty as #private::Nestable>::Write)));
        write_arms.push(quote! {
            Self::#variant(#element write) => Model::#write(model, regs, #element write, cx),
        });
        let shown = element.as_ref().map(|_| quote!(.field(&element)));
        let name = variant.to_string();
        debug_arms.push(quote! {
            Self::#variant(#element ref write) => f.debug_tuple(#name) #shown .field(write).finish(),
        });
    }
    Variants { reads, writes, read_arms, write_arms, debug_arms }
}

/// What tells an access to a register of the map apart from others: its position, and for nested ones where it was
/// declared.
pub(super) struct Decoded {
    /// The scrutinee of a `match`.
    pub(super) scrutinee: TokenStream,
    pub(super) reads: Vec<TokenStream>,
    pub(super) writes: Vec<TokenStream>,
    /// The arms that look at what a register holds.
    pub(super) stored: Vec<TokenStream>,
}

/// The arms that make an access of the index of a register in the map.
pub(super) fn decode(block: &Block) -> Decoded {
    let Block { module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let is_nested = !block.parts.is_empty();
    let scrutinee = if is_nested { quote!((item, register)) } else { quote!(register) };
    let (mut reads, mut writes, mut stored) = (Vec::new(), Vec::new(), Vec::new());
    for (position, (index, register)) in block.by_offset().into_iter().enumerate() {
        let variant = camel(register);
        let position = if is_nested {
            let position = types::literal(position as u64);
            quote!((0, #position))
        } else {
            quote!(#position)
        };
        if register.access.is_readable() {
            let element = register.array.as_ref().map(|_| quote!((element)));
            reads.push(quote!(#position => #module::Read::#variant #element,));
        }
        if register.access.is_writable() {
            let element = register.array.as_ref().map(|_| quote!(element,));
            let (store, held) = (model::store(index, register), model::stored_value(block, register));
            let value = quote!(#private::arriving::<#module::Types, #index, #store>(#held, value, cx));
            stored.push(quote!(#position => #private::held::<#module::Types, #store>(#held),));
            writes.push(quote!(#position => #module::Write::#variant(#element #value),));
        }
    }
    for (index, nested) in block.parts.iter().enumerate() {
        let variant = part::camel(nested);
        let item = types::literal(index as u64 + 1);
        let ty = quote!(<#module::Types as #private::PartType<#index>>::Block);
        let name = &nested.name;
        let instance = nested.array.as_ref().map(|_| quote!(instance,));
        let index_of = nested.array.as_ref().map(|_| quote!([instance]));
        reads.push(quote! {
            (#item, register) => #module::Read::#variant(
                #instance <#ty as #private::Nestable>::decode_read(register, element),
            ),
        });
        stored.push(quote! {
            (#item, register) => <#ty as #private::Nestable>::stored(&state.#name #index_of, register, element),
        });
        writes.push(quote! {
            (#item, register) => #module::Write::#variant(
                #instance
                <#ty as #private::Nestable>::decode_write(&state.#name #index_of, register, element, value, cx),
            ),
        });
    }
    Decoded { scrutinee, reads, writes, stored }
}
