//! The trait of device models, and the dispatch to it.

use super::types::camel;
use crate::{
    check::hex,
    model::{Block, Register, plain},
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

fn method(verb: &str, register: &Register) -> Ident {
    Ident::new(&format!("{verb}_{}", register.plain_name()), Span::call_site())
}

/// The trait, in the block's module.
pub(super) fn expand_trait(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let name = plain(&block.name);
    let context = quote!(&mut #runtime::private::Context<'_>);
    let methods = block.registers.iter().enumerate().map(|(position, register)| {
        let field = &register.name;
        let value = camel(register);
        let text = register.plain_name();
        let offset = hex(register.offset.value);
        let index = register.array.as_ref().map(|_| quote!(index: ::core::primitive::usize,));
        let element = register.array.as_ref().map(|_| quote!([index]));
        let of = if register.array.is_some() { "element `index` of " } else { "" };
        let read = register.access.is_readable().then(|| {
            let method = method("read", register);
            let doc =
                format!("Answers a read of {of}`{text}` (offset `{offset}`): unless overridden, its stored value.");
            quote! {
                #[doc = #doc]
                fn #method(&mut self, regs: &mut State, #index cx: #context) -> value::#value {
                    let _ = cx;
                    #runtime::private::copied::<Types, #position>(&regs.#field #element)
                }
            }
        });
        let write = register.access.is_writable().then(|| {
            let method = method("write", register);
            let doc =
                format!("Carries out a write to {of}`{text}` (offset `{offset}`): unless overridden, stores `value`.");
            quote! {
                #[doc = #doc]
                fn #method(&mut self, regs: &mut State, #index value: value::#value, cx: #context) {
                    let _ = cx;
                    regs.#field #element = value;
                }
            }
        });
        quote!(#read #write)
    });
    let doc = format!("A model of `{name}`: what the device does on an access to a register.");
    quote! {
        #[doc = #doc]
        ///
        /// Every method has a default that carries out the declaration of its register; override those of the registers
        /// at which the device does more.
        pub trait Model {
            #(#methods)*

            /// An event that the model has scheduled with `Context::after` or `Context::every` is due. Does nothing
            /// unless overridden.
            fn event(&mut self, regs: &mut State, event: ::core::primitive::u64, cx: #context) {
                let _ = (regs, event, cx);
            }

            /// The device is reset: unless overridden, its registers get their reset values. A model that has state of
            /// its own resets that as well.
            fn reset(&mut self, regs: &mut State, cx: #context) {
                let _ = cx;
                *regs = ::core::default::Default::default();
            }
        }
    }
}

/// The implementation beside the handle that calls the trait's methods by the position of a register in the map.
pub(super) fn expand_dispatch(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let registers = block.by_offset();
    let arms = |verb, permitted: fn(&Register) -> bool| {
        let registers = registers.iter().enumerate().filter(move |(_, (_, register))| permitted(register));
        registers.map(move |(position, (index, register))| {
            let method = method(verb, register);
            let element = register.array.as_ref().map(|_| quote!(element,));
            (position, index, method, element)
        })
    };
    let reads = arms("read", |register| register.access.is_readable()).map(|(position, index, method, element)| {
        let value = quote!(#module::Model::#method(model, state, #element cx));
        quote!(#position => #private::to_u64::<#module::Types, #index>(#value),)
    });
    let writes = arms("write", |register| register.access.is_writable()).map(|(position, index, method, element)| {
        let value = quote!(#private::from_u64::<#module::Types, #index>(value));
        quote!(#position => #module::Model::#method(model, state, #element #value, cx),)
    });
    quote! {
        #runtime::__simulation! {
            impl<M: #module::Model> #private::Simulated<M> for #name {
                type State = #module::State;

                fn read(
                    model: &mut M,
                    state: &mut #module::State,
                    register: ::core::primitive::usize,
                    element: ::core::primitive::usize,
                    cx: &mut #private::Context<'_>,
                ) -> ::core::primitive::u64 {
                    let _ = (&model, &state, element, &cx);
                    match register {
                        #(#reads)*
                        _ => #private::not_readable(),
                    }
                }

                fn write(
                    model: &mut M,
                    state: &mut #module::State,
                    register: ::core::primitive::usize,
                    element: ::core::primitive::usize,
                    value: ::core::primitive::u64,
                    cx: &mut #private::Context<'_>,
                ) {
                    let _ = (&model, &state, element, value, &cx);
                    match register {
                        #(#writes)*
                        _ => #private::not_writable(),
                    }
                }

                fn event(
                    model: &mut M,
                    state: &mut #module::State,
                    event: ::core::primitive::u64,
                    cx: &mut #private::Context<'_>,
                ) {
                    #module::Model::event(model, state, event, cx);
                }

                fn reset(model: &mut M, state: &mut #module::State, cx: &mut #private::Context<'_>) {
                    #module::Model::reset(model, state, cx);
                }
            }
        }
    }
}
