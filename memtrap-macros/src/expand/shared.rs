//! The shared view of a handle.

use super::{accessor, exclusive::marker_type, part};
use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

/// The struct, in the block's module.
pub(super) fn expand_struct(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let name = &block.name;
    let marker_type = marker_type(block);
    let doc =
        format!("The registers of a [`{name}`](super::{name}) whose reads have no side effect, for reading only.");
    quote! {
        #[doc = #doc]
        ///
        /// Copyable, and made from a shared reference to the handle: the handle cannot write while it is in use. On a
        /// handle, a register that can be written needs `&mut`; here it is read with `&`.
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub struct Shared<'a>(
            pub(super) #runtime::private::SharedPtr<'a, <Types as #runtime::private::BlockTypes>::Handle>
            #marker_type
        );

        impl ::core::fmt::Debug for Shared<'_> {
            /// Shows the address. Reading registers for a debug print could have side effects.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple("Shared").field(&self.0).finish()
            }
        }
    }
}

/// Its methods, beside the handle.
pub(super) fn expand_methods(block: &Block) -> TokenStream {
    let module = &block.module;
    let accessors = block
        .registers
        .iter()
        .enumerate()
        .filter(|(_, register)| register.is_pure())
        .map(|(index, register)| accessor::expand(block, index, register, accessor::Owner::Shared));
    let parts =
        block.parts.iter().enumerate().map(|(index, part)| part::accessor(block, index, part, accessor::Owner::Shared));
    quote! {
        #[allow(dead_code, reason = "a driver need not use every register of its device")]
        impl<'a> #module::Shared<'a> {
            #(#accessors)*
            #(#parts)*
        }
    }
}
