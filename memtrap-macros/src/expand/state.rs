//! The stored values of a simulated block.

use super::{part, types::camel};
use crate::model::{Block, Register, Storage};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The struct, in the block's module.
pub(super) fn expand(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let stored: Vec<_> = block
        .registers
        .iter()
        .enumerate()
        .filter(|(_, register)| matches!(register.storage, Storage::Own | Storage::Fifo))
        .collect();
    let definitions = stored.iter().map(|(index, register)| definition(&private, *index, register));
    let resets = stored.iter().map(|(index, register)| {
        let value = match register.storage {
            Storage::Fifo => quote!(::core::default::Default::default()),
            _ => quote!(#private::initial_of::<Types, #index>()),
        };
        each(register, |_| value.clone())
    });
    let clones = stored.iter().map(|(index, register)| {
        each(register, |element| match register.storage {
            Storage::Fifo => quote!(::core::clone::Clone::clone(&#element)),
            _ => quote!(#private::copied::<Types, #index>(&#element)),
        })
    });
    let equal = stored.iter().map(|(index, register)| {
        let name = &register.name;
        if matches!(register.storage, Storage::Fifo) {
            return quote!(self.#name == other.#name);
        }
        let one = slice(&quote!(self), register);
        let other = slice(&quote!(other), register);
        quote!(#private::same_bits::<Types, #index>(#one, #other))
    });
    let Parts {
        definitions: part_definitions,
        resets: part_resets,
        clones: part_clones,
        equal: part_equal,
        shown: part_shown,
    } = parts(block);
    let names = stored.iter().map(|(_, register)| register.plain_name());
    let shown = stored.iter().map(|(index, register)| shown(&private, *index, register));
    quote! {
        /// The stored values of the registers; the default values are those after reset.
        #[non_exhaustive]
        pub struct State {
            #(#definitions,)*
            #(#part_definitions,)*
            __written: #private::Written,
            __locks: #private::Locks,
        }

        impl ::core::default::Default for State {
            fn default() -> Self {
                Self { #(#resets,)* #(#part_resets,)* __written: ::core::default::Default::default(), __locks: ::core::default::Default::default() }
            }
        }

        impl ::core::clone::Clone for State {
            fn clone(&self) -> Self {
                Self { #(#clones,)* #(#part_clones,)* __written: ::core::clone::Clone::clone(&self.__written), __locks: ::core::clone::Clone::clone(&self.__locks) }
            }
        }

        impl ::core::cmp::PartialEq for State {
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                let _ = other;
                true #(&& #equal)* #(&& #part_equal)*
            }
        }

        impl ::core::cmp::Eq for State {}

        impl ::core::fmt::Debug for State {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #[allow(unused_imports, reason = "only values of the user's own types need them")]
                use #private::{ShownByBits as _, ShownByDebug as _};
                f.debug_struct("State") #(.field(#names, #shown))* #(#part_shown)* .finish()
            }
        }
    }
}

/// What the state holds of nested blocks.
struct Parts {
    definitions: Vec<TokenStream>,
    resets: Vec<TokenStream>,
    clones: Vec<TokenStream>,
    equal: Vec<TokenStream>,
    shown: Vec<TokenStream>,
}

fn parts(block: &Block) -> Parts {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let mut parts =
        Parts { definitions: Vec::new(), resets: Vec::new(), clones: Vec::new(), equal: Vec::new(), shown: Vec::new() };
    for (index, nested) in block.parts.iter().enumerate() {
        let (name, text) = (&nested.name, nested.plain_name());
        let ty = part::block_type(runtime, index);
        let state = quote!(<#ty as #private::Nestable>::State);
        let doc = format!("Stored values of the registers of `{text}`.");
        let reset = quote!(::core::default::Default::default());
        match &nested.array {
            None => {
                parts.definitions.push(quote!(#[doc = #doc] pub #name: #state));
                parts.resets.push(quote!(#name: #reset));
            }
            Some(array) => {
                let count = array.known_count.map_or_else(
                    || quote!({ <Types as #private::PartType<#index>>::COUNT }),
                    |count| super::types::literal(count).to_token_stream(),
                );
                parts.definitions.push(quote!(#[doc = #doc] pub #name: [#state; #count]));
                parts.resets.push(quote!(#name: ::core::array::from_fn(|_| #reset)));
            }
        }
        parts.clones.push(quote!(#name: ::core::clone::Clone::clone(&self.#name)));
        parts.equal.push(quote!(self.#name == other.#name));
        parts.shown.push(quote!(.field(#text, &self.#name)));
    }
    parts
}

/// The methods of computed registers, beside the handle, where the names in the user's expressions resolve.
pub(super) fn expand_computed(block: &Block) -> TokenStream {
    let Block { module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let methods = block.registers.iter().enumerate().filter_map(|(index, register)| {
        let Storage::Computed(expression, used) = &register.storage else { return None };
        let Register { name, value, .. } = register;
        let doc = format!("Value of `{}`, computed from the stored values.", register.plain_name());
        let bindings = used.iter().map(|(name, position)| {
            let bits = bits_of(block, *position);
            quote!(let #name: ::core::primitive::u64 = #bits;)
        });
        Some(quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #name(&self) -> #value {
                #(#bindings)*
                #private::from_u64::<#module::Types, #index>(#expression)
            }
        })
    });
    let methods: Vec<_> = methods.collect();
    if methods.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #runtime::__simulation! {
            #[allow(dead_code, reason = "a test need not look at every register")]
            impl #module::State {
                #(#methods)*
            }
        }
    }
}

/// The bits of a register that is no FIFO and no array, as an expression of `self`.
fn bits_of(block: &Block, position: usize) -> TokenStream {
    let Block { module, runtime, registers, .. } = block;
    let private = quote!(#runtime::private);
    match &registers[position].storage {
        Storage::View(other) => bits_of(block, *other),
        Storage::Constant(_) => quote!(<#module::Types as #private::RegisterType<#position>>::CONSTANT[0]),
        Storage::Own | Storage::Fifo | Storage::Computed(..) => {
            let field = &registers[position].name;
            let copied = quote!(#private::copied::<#module::Types, #position>(&self.#field));
            quote!(#private::to_u64::<#module::Types, #position>(#copied))
        }
    }
}

/// The field of a stored register.
fn definition(private: &TokenStream, index: usize, register: &Register) -> TokenStream {
    let name = &register.name;
    let alias = camel(register);
    let doc = format!("Stored value of `{}`.", register.plain_name());
    let value = match register.storage {
        Storage::Fifo => quote!(#private::Fifo<value::#alias>),
        _ => quote!(value::#alias),
    };
    let ty = match &register.array {
        None => value,
        Some(array) => {
            let count = array.known_count.map_or_else(
                || quote!({ <Types as #private::RegisterType<#index>>::COUNT }),
                |count| super::types::literal(count).to_token_stream(),
            );
            quote!([#value; #count])
        }
    };
    quote!(#[doc = #doc] pub #name: #ty)
}

/// A field of a struct expression, with `value` for the field or for each of its elements.
fn each(register: &Register, value: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let name = &register.name;
    if register.array.is_none() {
        let value = value(quote!(self.#name));
        return quote!(#name: #value);
    }
    let value = value(quote!(self.#name[index]));
    quote! {
        #name: ::core::array::from_fn(|index| {
            let _ = index;
            #value
        })
    }
}

/// What `Debug` shows of a field.
fn shown(private: &TokenStream, index: usize, register: &Register) -> TokenStream {
    let name = &register.name;
    match (&register.storage, &register.array, register.value.bytes) {
        (Storage::Fifo, ..) => quote!(&self.#name),
        (_, None, Some(_)) => quote!(&#private::Bits::<Types, #index>(&self.#name)),
        (_, None, None) => quote!(&(&#private::Shown::<Types, #index>(&self.#name)).shown()),
        (_, Some(_), Some(_)) => quote!(&#private::AllBits::<Types, #index>(&self.#name)),
        (_, Some(_), None) => quote!(&(&#private::ShownAll::<Types, #index>(&self.#name)).shown()),
    }
}

/// The values of a register as a slice.
fn slice(owner: &TokenStream, register: &Register) -> TokenStream {
    let name = &register.name;
    match &register.array {
        None => quote!(::core::slice::from_ref(&#owner.#name)),
        Some(_) => quote!(&#owner.#name),
    }
}
