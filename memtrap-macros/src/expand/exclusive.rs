//! The block as a part of another one, borrowed exclusively.

use super::{accessor, part};
use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

/// The struct, in the block's module.
pub(super) fn expand_struct(block: &Block) -> TokenStream {
    let Block { name, runtime, .. } = block;
    let marker_type = marker_type(block);
    let doc = format!("The registers of a [`{name}`](super::{name}) that is borrowed exclusively.");
    quote! {
        #[doc = #doc]
        ///
        /// What the accessor of a nested block returns. It has the accessors of the handle.
        #[repr(transparent)]
        pub struct Exclusive<'a>(
            pub(super) #runtime::private::ExclusivePtr<'a, <Types as #runtime::private::BlockTypes>::Handle>
            #marker_type
        );

        impl ::core::fmt::Debug for Exclusive<'_> {
            /// Shows the address. Reading registers for a debug print could have side effects.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple("Exclusive").field(&self.0).finish()
            }
        }
    }
}

/// Its methods, beside the handle.
pub(super) fn expand_methods(block: &Block) -> TokenStream {
    let module = &block.module;
    let (_, marker) = block.marker();
    let accessors = block
        .registers
        .iter()
        .enumerate()
        .map(|(index, register)| accessor::expand(block, index, register, accessor::Owner::Handle));
    let parts =
        block.parts.iter().enumerate().map(|(index, part)| part::accessor(block, index, part, accessor::Owner::Handle));
    quote! {
        #[allow(dead_code, reason = "a driver need not use every register of its device")]
        impl #module::Exclusive<'_> {
            /// The address of the registers. Accesses through it are up to the caller.
            #[inline(always)]
            #[must_use]
            pub fn as_ptr(&self) -> *mut ::core::primitive::u8 {
                self.0.as_ptr()
            }

            /// A copyable view that reads every register whose reads have no side effect.
            #[inline(always)]
            #[must_use]
            pub fn shared(&self) -> #module::Shared<'_> {
                #module::Shared(self.0.shared() #marker)
            }

            /// A borrow of the same registers.
            #[inline(always)]
            #[must_use]
            pub const fn exclusive(&mut self) -> #module::Exclusive<'_> {
                #module::Exclusive(self.0.exclusive() #marker)
            }

            #(#accessors)*
            #(#parts)*
        }
    }
}

/// The marker of a `shared` block, visible as the field before it.
pub(super) fn marker_type(block: &Block) -> Option<TokenStream> {
    block.is_shared.then(|| quote!(, pub(super) ::core::marker::PhantomData<::core::cell::Cell<()>>))
}
