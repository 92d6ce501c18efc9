//! The register map as a constant.

use super::types::literal;
use crate::{
    attributes::{AccessKind, Operation},
    model::{Block, plain},
};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(block: &Block) -> TokenStream {
    let Block { name, module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let registers = own(block);
    let text = plain(module);
    let size = literal(block.size.value);
    let width = match block.width.bits {
        8 => quote!(U8),
        16 => quote!(U16),
        32 => quote!(U32),
        _ => quote!(U64),
    };
    let aliases = block.aliases.iter().map(|alias| {
        let offset = literal(alias.offset.value);
        let operation = match alias.operation {
            Operation::Set => quote!(Set),
            Operation::Clear => quote!(Clear),
            Operation::Toggle => quote!(Toggle),
        };
        quote!(#private::Alias::new(#offset, #private::AliasOperation::#operation))
    });
    let aliases = if block.aliases.is_empty() { TokenStream::new() } else { quote!(.with_aliases(&[#(#aliases),*])) };
    let (_, marker) = block.marker();
    let (map, routes) = if block.parts.is_empty() {
        let map =
            quote!(&#private::RegisterMap::new(#text, #size, #private::Width::#width, &[#(#registers),*]) #aliases);
        (map, quote!(&[]))
    } else {
        let nested = nested(block, registers);
        let map = quote! {{
            #nested
            &#private::RegisterMap::new(#text, #size, #private::Width::#width, &#private::nested_registers::<LEN>(ALL)) #aliases
        }};
        let registers = own(block);
        let nested = self::nested(block, registers);
        (map, quote!({ #nested &#private::nested_routes::<LEN>(ALL) }))
    };
    let map = with_views(block, map);
    quote! {
        impl #private::Block for #name {
            const MAP: &'static #private::RegisterMap = #map;
            const ROUTES: &'static [#private::Route] = #routes;

            type Exclusive<'a> = #module::Exclusive<'a>;
            type Shared<'a> = #module::Shared<'a>;

            #[inline(always)]
            fn from_block_ptr(pointer: #private::BlockPtr<Self>) -> Self {
                Self(pointer #marker)
            }

            #[inline(always)]
            fn exclusive_from_ptr(pointer: #private::ExclusivePtr<'_, Self>) -> #module::Exclusive<'_> {
                #module::Exclusive(pointer #marker)
            }

            #[inline(always)]
            fn shared_from_ptr(pointer: #private::SharedPtr<'_, Self>) -> #module::Shared<'_> {
                #module::Shared(pointer #marker)
            }
        }
    }
}

/// The registers of the block and of those it contains, as the constant `ALL`. That is a slice, because an array's length would
/// be compared with itself, in vain where a nested block has an error.
fn nested(block: &Block, own: impl Iterator<Item = TokenStream>) -> TokenStream {
    let Block { module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let parts = block.parts.iter().enumerate().map(|(index, part)| {
        let text = part.plain_name();
        let types = quote!(<#module::Types as #private::PartType<#index>>);
        let count = match &part.array {
            Some(_) => quote!(::core::option::Option::Some(#types::COUNT)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            #private::Part::new(
                #text,
                #types::OFFSET,
                #count,
                #private::part_stride_of::<#module::Types, #index>(),
                #private::part_map_of::<#module::Types, #index>(),
            )
        }
    });
    quote! {
        const OWN: &[#private::Register] = &[#(#own),*];
        const PARTS: &[#private::Part] = &[#(#parts),*];
        const LEN: ::core::primitive::usize = #private::nested_len(OWN.len(), PARTS);
        const BYTES: ::core::primitive::usize = #private::nested_name_bytes(PARTS);
        const NAMES: &[::core::primitive::u8] = &#private::nested_names::<BYTES>(PARTS);
        const ALL: &[(#private::Register, #private::Route)] = &#private::nested::<LEN>(OWN, PARTS, NAMES);
    }
}

/// The registers of the block itself, in ascending order of their offsets.
fn own(block: &Block) -> impl Iterator<Item = TokenStream> {
    let Block { module, runtime, .. } = block;
    let private = quote!(#runtime::private);
    let conditions = block.conditions();
    block.by_offset().into_iter().map(move |(index, register)| {
        let text = register.plain_name();
        let access = match register.access {
            AccessKind::ReadOnly => quote!(ReadOnly),
            AccessKind::ReadWrite => quote!(ReadWrite),
            AccessKind::WriteOnly => quote!(WriteOnly),
        };
        let types = quote!(<#module::Types as #private::RegisterType<#index>>);
        let widths = register.widths.iter().map(|width| match width.value {
            8 => quote!(#private::Width::U8),
            16 => quote!(#private::Width::U16),
            32 => quote!(#private::Width::U32),
            _ => quote!(#private::Width::U64),
        });
        let widths = (!register.widths.is_empty()).then(|| quote!(.with_widths(&[#(#widths),*])));
        let reserved = register
            .value
            .bytes
            .is_none()
            .then(|| quote!(.with_reserved(#private::reserved_of::<#module::Types, #index>())));
        let when = register.when.as_ref().map(|when| {
            let position = conditions
                .iter()
                .position(|(other, field)| block.registers[*other].name == when.register && *field == when.field);
            let bit = literal(position.unwrap_or(0) as u64);
            let (other, field, value) = (plain(&when.register), plain(&when.field), when.value);
            quote!(.when(#private::When::new(#other, #field, #value, #bit)))
        });
        let array = register
            .array
            .as_ref()
            .map(|_| quote!(.array(#types::COUNT, #private::stride_of::<#module::Types, #index>())));
        quote! {
            #private::Register::new(
                #text,
                #types::OFFSET,
                #private::width_of::<#module::Types, #index>(),
                #private::AccessKind::#access,
                #types::RESET,
            )
            .with_policy(#types::POLICY)
            .with_fields(#private::fields_of::<#module::Types, #index>())
            #reserved
            #array
            #widths
            #when
        }
    })
}

/// The map with what accesses reach of it, if registers share bytes.
fn with_views(block: &Block, map: TokenStream) -> TokenStream {
    if !block.has_alternates() {
        return map;
    }
    let runtime = &block.runtime;
    let private = quote!(#runtime::private);
    let views = views(block, &private);
    quote! {{
        const MAP: &#private::RegisterMap = #map;
        const VIEWS: &[#private::View] = &[#(#views),*];
        &MAP.with_views(VIEWS)
    }}
}

/// The registers that an access reaches, for each combination of the fields that conditions name and each direction.
fn views(block: &Block, private: &TokenStream) -> Vec<TokenStream> {
    let banks = 1u32 << block.conditions().len().min(8);
    let views = (0..banks).flat_map(|bank| [(bank, false), (bank, true)]);
    views
        .map(|(bank, is_write)| {
            quote! {{
                const SHOWN: [::core::primitive::bool; MAP.registers.len()] =
                    #private::shown(MAP.registers, #bank, #is_write);
                const COUNT: ::core::primitive::usize = #private::count_shown(&SHOWN);
                const REGISTERS: [#private::Register; COUNT] = #private::select(MAP.registers, &SHOWN);
                const INDICES: [::core::primitive::usize; COUNT] = #private::shown_indices(&SHOWN);
                #private::View { map: MAP.with_registers(&REGISTERS), indices: &INDICES }
            }}
        })
        .collect()
}
