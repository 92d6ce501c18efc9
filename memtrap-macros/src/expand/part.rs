//! Nested blocks: their accessors, what the block's module learns of them, and the constants that check them.

use super::{accessor::Owner, assertions, docs, types::literal};
use crate::{
    check::{self, hex},
    model::{Block, Part, camel_case},
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

/// Name of a nested block's variant in the enumerations of accesses.
pub(super) fn camel(part: &Part) -> Ident {
    Ident::new(&camel_case(&part.plain_name()), part.name.span())
}

/// The nested block at `index` as a type, in the block's module.
pub(super) fn block_type(runtime: &TokenStream, index: usize) -> TokenStream {
    quote!(<Types as #runtime::private::PartType<#index>>::Block)
}

/// The implementations beside the handle, where the user's types resolve.
pub(super) fn expand_impls(block: &Block) -> TokenStream {
    let Block { module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let parts = block.parts.iter().enumerate().map(|(index, part)| {
        let ty = &part.ty;
        // A type that is no block is reported once, here, and an empty block takes its place.
        let check = quote!(#private::is_block::<#ty>());
        let nested = nested_type(&private, part);
        let offset = literal(part.offset.value);
        let count = part.count();
        let stride = match part.array.as_ref().and_then(|array| array.stride.as_ref()) {
            Some(stride) => {
                let stride = literal(stride.value);
                quote!(::core::option::Option::Some(#stride))
            }
            None => quote!(::core::option::Option::None),
        };
        quote! {
            const _: () = #check;

            impl #private::PartType<#index> for #module::Types {
                type Block = #nested;
                const OFFSET: ::core::primitive::usize = #offset;
                const COUNT: ::core::primitive::usize = #count;
                const STRIDE: ::core::option::Option<::core::primitive::usize> = #stride;
            }
        }
    });
    quote!(#(#parts)*)
}

/// The nested block as a type, beside the handle; an empty block if what is declared is none.
fn nested_type(private: &TokenStream, part: &Part) -> TokenStream {
    let ty = &part.ty;
    quote! {
        <#ty as #private::BlockOr<{
            #[allow(unused_imports, reason = "only what is no block needs it")]
            use #private::NotABlock as _;
            #private::Probe::<#ty>::IS_BLOCK
        }>>::Block
    }
}

/// The accessor of the nested block at `index` in the order of declaration.
pub(super) fn accessor(block: &Block, index: usize, part: &Part, owner: Owner) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let Part { name, visibility, array, .. } = part;
    let docs = docs::part(part);
    let private = quote!(#runtime::private);
    // Not by way of the module's marker type, which is private to the module around it.
    let nested = nested_type(&private, part);
    let (receiver, returned) = match (owner, array) {
        (Owner::Shared, None) => (quote!(self), quote!(<#nested as #private::Block>::Shared<'a>)),
        (Owner::Shared, Some(array)) => {
            let count = &array.count;
            (quote!(self), quote!(#private::SharedBlockArray<'a, #nested, { #count }>))
        }
        (_, None) => (quote!(&mut self), quote!(<#nested as #private::Block>::Exclusive<'_>)),
        (_, Some(array)) => {
            let count = &array.count;
            (quote!(&mut self), quote!(#private::BlockArray<'_, #nested, { #count }>))
        }
    };
    let body = match array {
        None => quote!(self.0.part::<#module::Types, #index>()),
        Some(array) => {
            let count = &array.count;
            quote!(self.0.parts::<#module::Types, #index, { #count }>())
        }
    };
    quote! {
        #docs
        #[inline(always)]
        #visibility fn #name(#receiver) -> #returned {
            #body
        }
    }
}

/// Constants that check what is known only once the nested block is.
pub(super) fn assertions(block: &Block) -> TokenStream {
    let mut tokens = TokenStream::new();
    for (index, part) in block.parts.iter().enumerate() {
        placed(block, index, part, &mut tokens);
        apart(block, index, part, &mut tokens);
    }
    tokens
}

fn placed(block: &Block, index: usize, part: &Part, tokens: &mut TokenStream) {
    let Block { runtime, module, .. } = block;
    let name = part.plain_name();
    let private = quote!(#runtime::private);
    let map = quote!(#private::part_map_of::<#module::Types, #index>());
    let mut rule = |place: &dyn ToTokens, condition: TokenStream, message: &str| {
        tokens.extend(assertions::assert(&place.to_token_stream(), &condition, message));
    };
    let offset = part.offset.value;
    let offset_literal = literal(offset);
    rule(
        &part.offset,
        quote!(#offset_literal % #map.align() == 0),
        &format!("offset {} of `{name}` is not a multiple of the width of its widest register", hex(offset)),
    );
    if let Some(array) = &part.array {
        let place = array.stride.as_ref().map_or_else(|| part.ty.to_token_stream(), ToTokens::to_token_stream);
        let stride = quote!(#private::part_stride_of::<#module::Types, #index>());
        let message =
            format!("elements of `{name}` would overlap: the stride is less than the `size` that their block declares");
        rule(&place, quote!(#stride >= #map.size), &message);
        let message = format!("the stride of `{name}` is not a multiple of the width of its widest register");
        rule(&place, quote!(#stride % #map.align() == 0), &message);
        if array.known_count.is_none() {
            let count = &array.count;
            rule(count, quote!(#count > 0), &format!("the array `{name}` has no elements: remove it"));
        }
    }
    let extent = extent(block, index, part);
    let size = block.size.value;
    let message = format!(
        "`{name}` starts at {} and lies outside the block, which ends at {}: correct the offset or the size of one of the \
         blocks",
        hex(offset),
        hex(size)
    );
    rule(&part.offset, quote!(#extent.end() <= #size), &message);
    if let Some(span) = block.span() {
        rule(&part.offset, quote!(#extent.end() <= #span), &check::reaches_into_window(&name, span));
        let farthest = block.aliases.iter().map(|alias| alias.offset.value).max().unwrap_or(0);
        let message = format!("`{name}` lies outside the block in its last window: declare a larger `size`");
        rule(&part.offset, quote!(#extent.end() + #farthest <= #size), &message);
    }
    let message = format!("`{name}` has windows of its own (`alias(..)`): declare them for the outer block");
    rule(&part.ty, quote!(#map.aliases.is_empty()), &message);
    let message =
        format!("`{name}` has registers that share bytes (`overlaps`), so it cannot be a part of another block");
    rule(&part.ty, quote!(#map.views.is_empty()), &message);
    let bus = block.width.bits;
    let message =
        format!("`{name}` has registers that are wider than the {bus} bits which the bus of this block transfers");
    rule(&part.ty, quote!(#map.align() * 8 <= #bus as ::core::primitive::usize), &message);
}

/// The block shares no byte with those before it, and with no register.
fn apart(block: &Block, index: usize, part: &Part, tokens: &mut TokenStream) {
    let name = part.plain_name();
    let mine = extent(block, index, part);
    let mut rule = |other: &str, offset: u64, extent: TokenStream| {
        let message = format!(
            "`{name}` (at {}) overlaps `{other}` (at {}): correct one of the offsets, or the `size` of the nested block",
            hex(part.offset.value),
            hex(offset)
        );
        tokens.extend(assertions::assert(&part.offset, &quote!(!#mine.meet(&#extent)), &message));
    };
    for (other_index, other) in block.parts[..index].iter().enumerate() {
        rule(&other.plain_name(), other.offset.value, extent(block, other_index, other));
    }
    for register in &block.registers {
        // What ends before the block begins needs no look at types.
        if register.is_sized() && register.least_end().is_some_and(|end| end <= part.offset.value) {
            continue;
        }
        rule(&register.plain_name(), register.offset.value, assertions::elements(block, register));
    }
}

/// Where the elements lie, as a constant expression.
fn extent(block: &Block, index: usize, part: &Part) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let private = quote!(#runtime::private);
    let offset = part.offset.value;
    let size = quote!(#private::part_map_of::<#module::Types, #index>().size as ::core::primitive::u64);
    let stride = quote!(#private::part_stride_of::<#module::Types, #index>() as ::core::primitive::u64);
    let count = part.count();
    quote!(#private::Extent::new(#offset, #size, #stride, (#count) as ::core::primitive::u64))
}

/// Name of a method of the block's `Model` that concerns a nested block.
pub(super) fn method(verb: &str, part: &Part) -> Ident {
    Ident::new(&format!("{verb}_{}", part.plain_name()), part.name.span())
}

/// The methods of the block's `Model` that concern nested blocks.
pub(super) fn model_methods(block: &Block) -> TokenStream {
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let context = quote!(&mut #private::Context<'_>);
    let methods = block.parts.iter().enumerate().map(|(index, part)| {
        let (name, text) = (&part.name, part.plain_name());
        let ty = block_type(runtime, index);
        let nested = quote!(<#ty as #private::Nestable>);
        let (model, read, write) =
            (Ident::new(&format!("{text}_model"), name.span()), method("read", part), method("write", part));
        let parameter = part.array.as_ref().map(|_| quote!(index: ::core::primitive::usize,));
        let argument = part.array.as_ref().map(|_| quote!(index));
        let element = part.array.as_ref().map(|_| quote!([index]));
        let of = if part.array.is_some() { "element `index` of " } else { "" };
        let model_doc = format!(
            "The model of {of}`{text}`. Unless overridden, one that carries out the declaration of its registers."
        );
        let read_doc = format!(
            "Answers a read of a register of {of}`{text}`. Unless overridden, has the model answer that \
             [`{model}`](Self::{model}) returns."
        );
        let write_doc = format!(
            "Carries out a write to a register of {of}`{text}`. Unless overridden, passes it to the model that \
             [`{model}`](Self::{model}) returns."
        );
        let unused = part.array.as_ref().map(|_| quote!(let _ = index;));
        quote! {
            #[doc = #model_doc]
            fn #model(&mut self, #parameter) -> &mut #nested::Model<'_> {
                #unused
                // The model is a unit struct: nothing is allocated.
                #private::Box::leak(#nested::declared())
            }

            #[doc = #read_doc]
            fn #read(
                &mut self,
                regs: &mut State,
                #parameter
                read: #nested::Read,
                cx: #context,
            ) -> ::core::primitive::u64 {
                #nested::read(self.#model(#argument), &mut regs.#name #element, read, cx)
            }

            #[doc = #write_doc]
            fn #write(&mut self, regs: &mut State, #parameter write: #nested::Write, cx: #context) {
                #nested::write(self.#model(#argument), &mut regs.#name #element, write, cx);
            }
        }
    });
    quote!(#(#methods)*)
}

/// Statements that call a method of the models of nested blocks.
pub(super) fn each(block: &Block, method: &str) -> TokenStream {
    let method = Ident::new(method, Span::call_site());
    let runtime = &block.runtime;
    let calls = block.parts.iter().enumerate().map(|(index, part)| {
        let name = &part.name;
        let ty = block_type(runtime, index);
        let nested = quote!(<#ty as #runtime::private::Nestable>);
        let model = Ident::new(&format!("{}_model", part.plain_name()), name.span());
        match &part.array {
            None => quote!(#nested::#method(self.#model(), &mut regs.#name, cx);),
            Some(_) => quote! {
                for index in 0..regs.#name.len() {
                    #nested::#method(self.#model(index), &mut regs.#name[index], cx);
                }
            },
        }
    });
    quote!(#(#calls)*)
}
