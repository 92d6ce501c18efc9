//! A block to tokens. Cannot fail: what could go wrong was found before.
//!
//! Items that name the user's types stand beside the handle, where those types resolve. The block's module cannot name
//! them (inside a function not even through `super`), so it reaches them through traits that are implemented beside the
//! handle for its marker type `Types`.

mod access;
mod accessor;
mod assertions;
mod bitfield;
mod constants;
mod docs;
mod exclusive;
mod exposed;
mod field_enum;
mod handle;
mod map;
mod model;
mod names;
mod part;
mod place;
mod shared;
mod split;
mod state;
mod types;

pub(crate) use bitfield::expand as bitfield;
pub(crate) use field_enum::{expand as field_enum, stub as field_enum_stub};

use crate::model::Block;
use proc_macro2::TokenStream;
use quote::quote;

/// Whether to emit the constants that check what is known only once types are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assertions {
    Emit,
    /// The block has errors already; more would only repeat them.
    Omit,
}

/// Expands a block.
pub(crate) fn block(block: &Block, assertions: Assertions) -> TokenStream {
    let assertions = match assertions {
        Assertions::Emit => assertions::expand(block),
        Assertions::Omit => TokenStream::new(),
    };
    let handle = handle::expand(block);
    let shared = shared::expand_methods(block);
    let exclusive = exclusive::expand_methods(block);
    let split = split::expand_methods(block);
    let map = map::expand(block);
    let types = types::expand_impls(block);
    let parts = part::expand_impls(block);
    let simulated = model::expand_dispatch(block);
    let computed = state::expand_computed(block);
    let module = module(block);
    quote! {
        #handle
        #shared
        #exclusive
        #split
        #map
        #types
        #parts
        #simulated
        #computed
        #module
        #assertions
    }
}

/// The module of the block.
fn module(block: &Block) -> TokenStream {
    let Block { visibility, module, runtime, .. } = block;
    let types = types::expand_module(block);
    let constants = constants::expand(block);
    let names = names::expand(block);
    let shared = shared::expand_struct(block);
    let exclusive = exclusive::expand_struct(block);
    let split = split::expand_struct(block);
    let state = state::expand(block);
    let model = model::expand_trait(block);
    let access = access::expand(block);
    let doc = format!("What belongs to the register block [`{0}`](super::{0}).", block.name);
    quote! {
        #[doc = #doc]
        #[allow(dead_code, reason = "a driver need not use every register of its device")]
        #visibility mod #module {
            #types
            #constants
            #names
            #shared
            #exclusive
            #split
            #runtime::__simulation! {
                #state
                #model
                #access
            }
        }
    }
}
