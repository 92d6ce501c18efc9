//! The trait of device models, and the dispatch to it.

use super::{
    access, part,
    types::{camel, literal},
};
use crate::{
    attributes::{ReadEffect, WriteEffect},
    check::hex,
    model::{Block, Register, Storage, plain},
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn method(verb: &str, register: &Register) -> Ident {
    Ident::new(&format!("{verb}_{}", register.plain_name()), register.name.span())
}

/// The trait, in the block's module.
pub(super) fn expand_trait(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let name = plain(&block.name);
    let context = quote!(&mut #runtime::private::Context<'_>);
    let methods = block.registers.iter().enumerate().map(|(position, register)| {
        let value = camel(register);
        let text = register.plain_name();
        let offset = hex(register.offset.value);
        let index = register.array.as_ref().map(|_| quote!(index: ::core::primitive::usize,));
        let of = if register.array.is_some() { "element `index` of " } else { "" };
        let read = register.access.is_readable().then(|| {
            let method = method("read", register);
            let doc = format!(
                "Answers a read of {of}`{text}` (offset `{offset}`). Unless overridden, {}.",
                reads(block, register)
            );
            let default = default_read(block, position, register);
            quote! {
                #[doc = #doc]
                fn #method(&mut self, regs: &mut State, #index cx: #context) -> value::#value {
                    let _ = (&regs, &cx);
                    #default
                }
            }
        });
        let write = register.access.is_writable().then(|| {
            let method = method("write", register);
            let doc = format!(
                "Carries out a write to {of}`{text}` (offset `{offset}`). Unless overridden, {}.",
                writes(block, register)
            );
            let default = default_write(block, position, register);
            quote! {
                #[doc = #doc]
                fn #method(&mut self, regs: &mut State, #index value: value::#value, cx: #context) {
                    let _ = &cx;
                    #default
                }
            }
        });
        quote!(#read #write)
    });
    let private = quote!(#runtime::private);
    let parts = part::model_methods(block);
    let (drives, resets) = (part::each(block, "drive"), part::each(block, "reset"));
    let doc = format!("A model of `{name}`: what the device does on an access to a register.");
    quote! {
        #[doc = #doc]
        ///
        /// Every method has a default that carries out the declaration of its register; override those of the registers
        /// at which the device does more.
        // No `#[diagnostic::on_unimplemented]`: its path is not found in a module without the prelude.
        pub trait Model {
            #(#methods)*
            #parts

            /// An event that the model has scheduled with `Context::after` or `Context::every` is due. Does nothing
            /// unless overridden.
            fn event(&mut self, regs: &mut State, event: ::core::primitive::u64, cx: #context) {
                let _ = (regs, event, cx);
            }

            /// Drives what follows from the device's state, for example an interrupt line: called after each access, event,
            /// stimulus and reset. Unless overridden, has the models of nested blocks do so.
            fn drive(&mut self, regs: &mut State, cx: #context) {
                let _ = (&regs, &cx);
                #drives
            }

            /// The device is reset: unless overridden, its registers get their reset values. A model that has state of
            /// its own resets that as well.
            fn reset(&mut self, regs: &mut State, cx: #context) {
                let _ = &cx;
                *regs = ::core::default::Default::default();
                #resets
            }

            /// What a report says of the model's state: nothing unless overridden. For a model that is `Debug`,
            /// `Some(format!("{self:?}"))`.
            fn describe(&self) -> ::core::option::Option<#private::String> {
                ::core::option::Option::None
            }
        }
    }
}

/// The stored value that a register shows, as a place.
fn place(block: &Block, register: &Register) -> TokenStream {
    let field = match register.storage {
        Storage::View(position) => &block.registers[position].name,
        _ => &register.name,
    };
    let element = register.array.as_ref().map(|_| quote!([index]));
    quote!(regs.#field #element)
}

/// The position of the register that stores the value.
pub(super) fn store(position: usize, register: &Register) -> usize {
    match register.storage {
        Storage::View(other) => other,
        _ => position,
    }
}

/// The stored value that a register shows, in a dispatch, if it stores one.
pub(super) fn stored_value(block: &Block, register: &Register) -> TokenStream {
    let field = match register.storage {
        Storage::Own => &register.name,
        Storage::View(position) => &block.registers[position].name,
        Storage::Fifo | Storage::Computed(..) | Storage::Constant(_) => return quote!(::core::option::Option::None),
    };
    let element = register.array.as_ref().map(|_| quote!([element]));
    quote!(::core::option::Option::Some(&state.#field #element))
}

fn default_read(block: &Block, position: usize, register: &Register) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let place = place(block, register);
    let name = &register.name;
    match &register.storage {
        Storage::Own | Storage::View(_) => {
            let store = store(position, register);
            let stored = &block.registers[store];
            let remark = stored.reset.as_ref().is_some_and(|reset| reset.is_undefined).then(|| {
                let text = stored.plain_name();
                let index = register.array.as_ref().map_or_else(|| quote!(0), |_| quote!(index));
                quote!(#private::undefined::<#store>(#text, &regs.__written, #index, cx);)
            });
            quote! {
                #remark
                #private::read::<Types, #position, #store>(&mut #place)
            }
        }
        Storage::Fifo if register.read.is_some() => quote!(#private::pop::<Types, #position>(&mut #place, cx)),
        // Writes are pushed, reads see nothing.
        Storage::Fifo => quote!(#private::reset_of::<Types, #position>()),
        Storage::Computed(..) => quote!(State::#name(regs)),
        Storage::Constant(_) => {
            let index = register.array.as_ref().map_or_else(|| quote!(0), |_| quote!(index));
            quote!(#private::constant::<Types, #position>(#index))
        }
    }
}

fn default_write(block: &Block, position: usize, register: &Register) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let place = place(block, register);
    let index = register.array.as_ref().map_or_else(|| quote!(0), |_| quote!(index));
    let store = store(position, register);
    match &register.storage {
        Storage::Fifo if register.write.is_some() => quote!(#private::push::<Types, #position>(&mut #place, value);),
        // Reads pop, writes reach nobody.
        Storage::Fifo | Storage::Computed(..) | Storage::Constant(_) => quote!(let _ = (regs, value);),
        Storage::Own | Storage::View(_) if register.key.is_some() => {
            quote!(regs.__locks.turn::<Types, #position>(value);)
        }
        Storage::Own | Storage::View(_) => quote! {
            #private::write::<Types, #position, #store>(&mut #place, value, &mut regs.__written, #index, cx);
        },
    }
}

/// Name of the register that stores the value, if it is another one.
fn stored_in(block: &Block, register: &Register) -> String {
    match register.storage {
        Storage::View(position) => format!("the stored value of `{}`", block.registers[position].plain_name()),
        _ => "the stored value".to_owned(),
    }
}

/// What the default method does on a read.
fn reads(block: &Block, register: &Register) -> String {
    let stored = stored_in(block, register);
    match (&register.storage, register.read.as_ref().map(|read| read.meaning)) {
        (Storage::Constant(_), _) => "returns its constant".to_owned(),
        (Storage::Computed(..), _) => "computes it from the stored values".to_owned(),
        (_, Some(ReadEffect::Pop)) => "pops the oldest value for the driver, or returns the reset value".to_owned(),
        (_, Some(ReadEffect::Clear)) => format!("returns {stored}, then clears it"),
        (_, Some(ReadEffect::Set)) => format!("returns {stored}, then sets all its bits"),
        (_, Some(ReadEffect::Fields)) => format!("returns {stored}, then changes it as its fields declare"),
        (Storage::Fifo, None) => "returns the reset value".to_owned(),
        (_, None) => format!("returns {stored}"),
    }
}

/// What the default method does on a write.
fn writes(block: &Block, register: &Register) -> String {
    let stored = stored_in(block, register);
    match register.write.as_ref().map(|write| write.meaning) {
        None if matches!(register.storage, Storage::Fifo) => "does nothing".to_owned(),
        None => format!("changes {stored} to `value`"),
        Some(WriteEffect::Push) => "pushes `value` for the device".to_owned(),
        Some(WriteEffect::Clear) => format!("clears {stored}"),
        Some(WriteEffect::Set) => format!("sets all bits of {stored}"),
        Some(WriteEffect::OneClears) => format!("clears the bits of {stored} that are one in `value`"),
        Some(WriteEffect::OneSets) => format!("sets the bits of {stored} that are one in `value`"),
        Some(WriteEffect::OneToggles) => format!("inverts the bits of {stored} that are one in `value`"),
        Some(WriteEffect::ZeroClears) => format!("clears the bits of {stored} that are zero in `value`"),
        Some(WriteEffect::ZeroSets) => format!("sets the bits of {stored} that are zero in `value`"),
        Some(WriteEffect::ZeroToggles) => format!("inverts the bits of {stored} that are zero in `value`"),
        Some(WriteEffect::Once) => format!("changes {stored} to `value` on the first write after reset"),
        Some(WriteEffect::Key) => "unlocks what it unlocks if `value` is the key, and locks it otherwise".to_owned(),
    }
}

/// The implementations beside the handle that call the trait's methods by the position of a register in the map.
pub(super) fn expand_dispatch(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let access::Decoded { scrutinee, reads, writes, stored } = access::decode(block);
    let route = (!block.parts.is_empty()).then(|| {
        quote! {
            let #private::Route { item, instance, register } = <Self as #private::Block>::ROUTES[register];
            let _ = instance;
        }
    });
    let bank = block.conditions().into_iter().enumerate().map(|(bit, (index, field))| {
        let (register, field, bit) = (&block.registers[index], plain(&field), literal(bit as u64));
        let (store, held) = (store(index, register), stored_value(block, register));
        let mask = quote!(const { #private::bit_of::<#module::Types, #index>(#field) });
        quote!((((#private::held::<#module::Types, #store>(#held) & #mask != 0) as ::core::primitive::u8) << #bit))
    });
    let context = quote!(&mut #private::Context<'_>);
    let size = quote!(::core::primitive::usize);
    let bits = quote!(::core::primitive::u64);
    quote! {
        #runtime::__simulation! {
            impl #private::Nestable for #name {
                type State = #module::State;
                type Model<'m> = dyn #module::Model + 'm;
                type Read = #module::Read;
                type Write = #module::Write;

                fn declared() -> #private::Box<dyn #module::Model + 'static> {
                    #private::Box::new(#module::Declared)
                }

                #[inline]
                fn decode_read(register: #size, element: #size) -> #module::Read {
                    let _ = element;
                    #route
                    match #scrutinee {
                        #(#reads)*
                        _ => #private::not_readable(),
                    }
                }

                #[inline]
                fn decode_write(
                    state: &#module::State,
                    register: #size,
                    element: #size,
                    value: #bits,
                    cx: &#private::Context<'_>,
                ) -> #module::Write {
                    let _ = (state, element, value, cx);
                    #route
                    match #scrutinee {
                        #(#writes)*
                        _ => #private::not_writable(),
                    }
                }

                fn stored(state: &#module::State, register: #size, element: #size) -> #bits {
                    let _ = (state, element);
                    #route
                    match #scrutinee {
                        #(#stored)*
                        _ => 0,
                    }
                }

                fn read(
                    model: &mut (dyn #module::Model + '_),
                    state: &mut #module::State,
                    read: #module::Read,
                    cx: #context,
                ) -> #bits {
                    read.apply(model, state, cx)
                }

                fn write(
                    model: &mut (dyn #module::Model + '_),
                    state: &mut #module::State,
                    write: #module::Write,
                    cx: #context,
                ) {
                    write.apply(model, state, cx);
                }

                fn drive(model: &mut (dyn #module::Model + '_), state: &mut #module::State, cx: #context) {
                    #module::Model::drive(model, state, cx);
                }

                fn reset(model: &mut (dyn #module::Model + '_), state: &mut #module::State, cx: #context) {
                    #module::Model::reset(model, state, cx);
                }
            }

            impl<M: #module::Model> #private::Simulated<M> for #name {
                fn read(
                    model: &mut M,
                    state: &mut #module::State,
                    register: #size,
                    element: #size,
                    cx: #context,
                ) -> #bits {
                    <Self as #private::Nestable>::decode_read(register, element).apply(model, state, cx)
                }

                fn write(
                    model: &mut M,
                    state: &mut #module::State,
                    register: #size,
                    element: #size,
                    value: #bits,
                    cx: #context,
                ) {
                    let write = <Self as #private::Nestable>::decode_write(state, register, element, value, cx);
                    write.apply(model, state, cx);
                }

                fn bank(state: &#module::State) -> ::core::primitive::u8 {
                    let _ = state;
                    0 #(| #bank)*
                }

                fn event(model: &mut M, state: &mut #module::State, event: #bits, cx: #context) {
                    #module::Model::event(model, state, event, cx);
                }

                fn drive(model: &mut M, state: &mut #module::State, cx: #context) {
                    #module::Model::drive(model, state, cx);
                }

                fn reset(model: &mut M, state: &mut #module::State, cx: #context) {
                    #module::Model::reset(model, state, cx);
                }

                fn describe(model: &M) -> ::core::option::Option<#private::String> {
                    #module::Model::describe(model)
                }
            }
        }
    }
}
