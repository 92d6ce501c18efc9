//! The struct's own name: the handle.

use super::{accessor, docs, part};
use crate::model::{Block, plain};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(block: &Block) -> TokenStream {
    let Block { name, visibility, attributes, module, runtime, size, .. } = block;
    let private = quote!(#runtime::private);
    let text = plain(name);
    let table = docs::table(block);
    let accessors = block
        .registers
        .iter()
        .enumerate()
        .map(|(index, register)| accessor::expand(block, index, register, accessor::Owner::Handle));
    let parts =
        block.parts.iter().enumerate().map(|(index, part)| part::accessor(block, index, part, accessor::Owner::Handle));
    let title = if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
        quote!(#[doc = ""])
    } else {
        let title = format!("The register block `{text}`.");
        quote!(#[doc = #title] #[doc = ""])
    };
    let size_doc = format!(
        "`base` is not null, is a multiple of the width of the widest register, and the {:#x} bytes behind it are the \
         registers of such a device, real or simulated, until the program ends: volatile accesses to them are permitted \
         from any thread and have no effect on memory that Rust manages. There is no second handle to the device.",
        size.value,
    );
    let at_doc = "As for [`new`](Self::new), for a pointer with this address.";
    let (marker_type, marker) = block.marker();
    let simulation = simulation(block);
    quote! {
        #(#attributes)*
        #title
        /// A handle to the registers: one pointer, with the right to use the device. Its methods name registers; what
        /// they return accesses them.
        ///
        #[doc = #table]
        #[repr(transparent)]
        #visibility struct #name(#private::BlockPtr<#name> #marker_type);

        #[allow(dead_code, reason = "a driver need not use every register of its device")]
        impl #name {
            /// The device whose registers start at `base`.
            ///
            /// # Safety
            ///
            #[doc = #size_doc]
            #[inline(always)]
            #[must_use]
            pub const unsafe fn new(base: *mut ::core::primitive::u8) -> Self {
                // SAFETY: The caller gives the guarantees that this constructor asks for, which are the same.
                Self(unsafe { #private::BlockPtr::new(base) } #marker)
            }

            /// The device whose registers start at `address`, as given in a data sheet or a device tree.
            ///
            /// # Safety
            ///
            #[doc = #at_doc]
            #[inline(always)]
            #[must_use]
            pub const unsafe fn at(address: ::core::primitive::usize) -> Self {
                // SAFETY: The caller gives the guarantees that this constructor asks for, which are the same.
                Self(unsafe { #private::BlockPtr::at(address) } #marker)
            }

            /// The address of the registers. Accesses through it are up to the caller.
            #[inline(always)]
            #[must_use]
            pub const fn as_ptr(&self) -> *mut ::core::primitive::u8 {
                self.0.as_ptr()
            }

            /// A copyable view that reads every register whose reads have no side effect, also those that are written
            /// elsewhere.
            #[inline(always)]
            #[must_use]
            pub const fn shared(&self) -> #module::Shared<'_> {
                #module::Shared(self.0.shared() #marker)
            }

            /// A borrow of the registers, as a block has it that is part of another one.
            #[inline(always)]
            #[must_use]
            pub const fn exclusive(&mut self) -> #module::Exclusive<'_> {
                #module::Exclusive(self.0.exclusive() #marker)
            }

            #(#accessors)*
            #(#parts)*
        }

        impl ::core::fmt::Debug for #name {
            /// Shows the address. Reading registers for a debug print could have side effects.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(#text).field(&self.0).finish()
            }
        }

        #simulation
    }
}

/// The constructors of simulations.
fn simulation(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let model = format!("A model implements `{module}::Model`, every method of which has a default.");
    let result = quote!(::core::result::Result<#private::Simulation<Self, M>, #private::MapError>);
    // Not `M: Model`: the result's type asks for this, and two questions would get two answers.
    let bounds = quote!(Self: #private::Simulated<M>, M: ::core::marker::Send + 'static);
    quote! {
        #runtime::__simulation! {
            #[allow(dead_code, reason = "not every build simulates the device")]
            impl #name {
                /// Simulates the device with `model`, on a bus of its own, at an address that memtrap chooses.
                ///
                #[doc = #model]
                ///
                /// # Errors
                ///
                /// If the operating system has no address space left.
                pub fn simulate<M>(model: M) -> #result
                where
                    #bounds
                {
                    #private::Bus::new().simulate(model)
                }

                /// Simulates the device with `model`, on a bus of its own, at `address`.
                ///
                #[doc = #model]
                ///
                /// # Errors
                ///
                /// If the address is not aligned, out of range or in use.
                pub fn simulate_at<M>(address: ::core::primitive::usize, model: M) -> #result
                where
                    #bounds
                {
                    #private::Bus::new().simulate_at(address, model)
                }
            }
        }
    }
}
