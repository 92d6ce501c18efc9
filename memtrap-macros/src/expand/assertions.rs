//! Constants that check what is known only once types are, with the user's tokens as their place.

use super::{exposed, part, place};
use crate::{
    attributes::Layout,
    check,
    model::{Block, Register, Storage, plain},
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(super) fn expand(block: &Block) -> TokenStream {
    let mut tokens = TokenStream::new();
    for register in &block.registers {
        width(block, register, &mut tokens);
        bounds(block, register, &mut tokens);
        effects(block, register, &mut tokens);
    }
    overlaps(block, &mut tokens);
    banked(block, &mut tokens);
    tokens.extend(part::assertions(block));
    tokens.extend(exposed::registers(block));
    tokens
}

/// `const _: () = assert!(condition, message)` at the place of `place`.
pub(super) fn assert(place: &impl ToTokens, condition: &TokenStream, message: &str) -> TokenStream {
    // A brace in the message is not a placeholder.
    let message = message.replace('{', "{{").replace('}', "}}");
    let assertion = place::at(place, quote!(::core::assert!(#condition, #message)));
    quote!(const _: () = #assertion;)
}

/// Checks that depend on the width of a type that is not an integer.
fn width(block: &Block, register: &Register, tokens: &mut TokenStream) {
    if register.value.bytes.is_some() {
        return;
    }
    let name = register.plain_name();
    let bytes = bytes(block, register);
    if block.layout == Layout::FieldOrder {
        let bus = block.width.bits;
        let message = format!(
            "the value type of `{name}` does not have the {bus} bits of the bus, and in a `repr(C)` block the offsets behind it \
             depend on its width: use an integer, or declare explicit offsets"
        );
        tokens.extend(assert(&register.value, &quote!(#bytes * 8 == #bus), &message));
    }
    // The offset was computed from that width.
    let is_possible = |candidate: &u64| block.layout == Layout::Explicit || 8 * candidate == block.width.bits;
    for candidate in [1u64, 2, 4, 8].into_iter().filter(is_possible) {
        let mut rule = |place: &dyn ToTokens, message: Option<String>| {
            if let Some(message) = message {
                let place = place.to_token_stream();
                tokens.extend(assert(&place, &quote!(#bytes != #candidate), &message));
            }
        };
        let too_wide = check::too_wide(&name, candidate, block.width.bits);
        if too_wide.is_none() {
            rule(&register.offset, check::misaligned(&name, register.offset.value, candidate));
        }
        rule(&register.value, too_wide);
        if let Some(reset) = &register.reset
            && let Some(value) = reset.value
        {
            rule(reset, check::too_large(&name, value, candidate));
        }
        if let Some(array) = &register.array
            && let Some(stride) = &array.stride
        {
            rule(stride, check::bad_stride(&name, stride.value, candidate));
        }
    }
}

fn bytes(block: &Block, register: &Register) -> TokenStream {
    let Block { runtime, module, .. } = block;
    let index = block.registers.iter().position(|other| other.name == register.name);
    quote!(#runtime::private::bytes_of::<#module::Types, #index>() as ::core::primitive::u64)
}

/// What depends on the fields or the width of a value type.
fn effects(block: &Block, register: &Register, tokens: &mut TokenStream) {
    let Block { runtime, module, .. } = block;
    let name = register.plain_name();
    if register.value.bytes.is_none() && register.is_pure() {
        let index = block.registers.iter().position(|other| other.name == register.name);
        let effects = quote!(#runtime::private::effects_of::<#module::Types, #index>());
        let message = format!(
            "a read of `{name}` changes some of its fields (their policies say so): declare `read = fields`, so that \
             reading needs `&mut`"
        );
        tokens.extend(assert(&register.value, &quote!(!#effects.read_has_effect()), &message));
    }
    if let Storage::View(position) = register.storage {
        let other = &block.registers[position];
        if register.value.bytes.is_none() || other.value.bytes.is_none() {
            let (mine, theirs) = (bytes(block, register), bytes(block, other));
            let message =
                format!("`{name}` and `{}`, whose stored value it shows, have different widths", other.plain_name());
            tokens.extend(assert(&register.value, &quote!(#mine == #theirs), &message));
        }
    }
    reserved(block, register, tokens);
    if let Storage::Constant(values) = &register.storage {
        for value in values {
            let bytes = bytes(block, register);
            let message = format!("the value does not fit in `{name}`");
            let fits = quote!(
                ((#value) as ::core::primitive::u64) <= ::core::primitive::u64::MAX >> (64 - 8 * #bytes)
            );
            tokens.extend(assert(value, &fits, &message));
        }
    }
}

/// Reserved bits of declared values are what the value type says.
fn reserved(block: &Block, register: &Register, tokens: &mut TokenStream) {
    if register.value.bytes.is_some() {
        return;
    }
    let Block { runtime, module, .. } = block;
    let name = register.plain_name();
    let index = block.registers.iter().position(|other| other.name == register.name);
    let mut rule = |value: &dyn ToTokens, what: &str| {
        let place = value.to_token_stream();
        let bits = quote!(((#place) as ::core::primitive::u64));
        let reserved = quote!(#runtime::private::reserved_of::<#module::Types, #index>());
        let message = |is: &str, must: &str| {
            format!("{what} of `{name}` has {is} in bits that its type reserves as {must}: correct one of the two")
        };
        tokens.extend(assert(&place, &quote!(#bits & #reserved.zero == 0), &message("ones", "zero")));
        tokens.extend(assert(&place, &quote!(!#bits & #reserved.one == 0), &message("zeros", "one")));
    };
    if let Some(reset) = register.reset.as_ref().filter(|reset| !reset.is_undefined) {
        rule(reset, "the reset value");
    }
    if let Storage::Constant(values) = &register.storage {
        for value in values {
            rule(value, "the constant");
        }
    }
}

/// A register whose size is not known lies inside its block.
fn bounds(block: &Block, register: &Register, tokens: &mut TokenStream) {
    if register.is_sized() {
        return;
    }
    let elements = elements(block, register);
    // What does not fit there was reported.
    let (bus, size) = (block.width.bits, block.size.value);
    let name = register.plain_name();
    let message = check::reaches_out(&name, register.offset.value, size);
    tokens.extend(assert(&register.offset, &quote!(!#elements.fits(#bus) || #elements.end() <= #size), &message));
    let inside = |end: u64| quote!(!#elements.is_placed(#bus, #size) || #elements.end() <= #end);
    if let Some(span) = block.span() {
        let message = check::reaches_into_window(&name, span);
        tokens.extend(assert(&register.offset, &inside(span), &message));
        let farthest = block.aliases.iter().map(|alias| alias.offset.value).max().unwrap_or(0);
        let inside = inside(size.saturating_sub(farthest));
        let message = format!("`{name}` lies outside the block in its last window: declare a larger `size`");
        tokens.extend(assert(&register.offset, &quote!(#inside || #elements.end() > #span), &message));
    }
    if let Some(array) = &register.array
        && array.known_count.is_none()
    {
        let count = &array.count;
        let message = format!("the array `{name}` has no elements: remove it");
        tokens.extend(assert(count, &quote!(#count > 0), &message));
    }
}

/// Registers that may overlap, depending on a size that is not known, do not.
fn overlaps(block: &Block, tokens: &mut TokenStream) {
    let registers = block.by_offset();
    let (bus, size) = (block.width.bits, block.size.value);
    for (index, (_, first)) in registers.iter().enumerate() {
        for (_, second) in &registers[index + 1..] {
            let is_known = first.is_sized() && second.is_sized();
            if is_known || first.may_overlap(second) || !check::may_share_a_byte(first, second) {
                continue;
            }
            let message = check::overlap(first, second);
            let (first, second_elements) = (elements(block, first), elements(block, second));
            let are_placed = quote!(#first.is_placed(#bus, #size) && #second_elements.is_placed(#bus, #size));
            tokens.extend(assert(&second.offset, &quote!(!(#are_placed && #first.meet(&#second_elements))), &message));
        }
    }
}

/// What registers that share bytes say depends on types.
fn banked(block: &Block, tokens: &mut TokenStream) {
    let Block { runtime, module, .. } = block;
    for register in &block.registers {
        for other in
            register.overlaps.iter().filter_map(|name| block.registers.iter().find(|found| found.name == *name))
        {
            if register.is_sized() && other.is_sized() {
                continue;
            }
            let (name, other_name) = (register.plain_name(), other.plain_name());
            let message = format!("`{name}` shares no byte with `{other_name}`: remove `overlaps({other_name})`");
            let place = register.overlaps.iter().find(|name| **name == other.name);
            let (mine, theirs) = (elements(block, register), elements(block, other));
            tokens.extend(assert(&place, &quote!(#mine.meet(&#theirs)), &message));
        }
        if let Some(when) = &register.when
            && let Some(index) = block.registers.iter().position(|other| other.name == when.register)
        {
            let (other, field) = (&when.register, plain(&when.field));
            let message = format!("the value type of `{other}` has no field `{field}` of one bit");
            let bit = quote!(#runtime::private::bit_of::<#module::Types, #index>(#field));
            tokens.extend(assert(when, &quote!(#bit != 0), &message));
        }
    }
}

/// Where the elements lie, as a constant expression.
pub(super) fn elements(block: &Block, register: &Register) -> TokenStream {
    let runtime = &block.runtime;
    let offset = register.offset.value;
    let bytes = bytes(block, register);
    let count = register.count();
    let stride = register.array.as_ref().and_then(|array| array.stride.as_ref());
    let stride = stride.map_or_else(|| bytes.clone(), |stride| stride.value.to_token_stream());
    quote!(#runtime::private::Extent::new(#offset, #bytes, #stride, (#count) as ::core::primitive::u64))
}
