//! What an expansion names: the runtime crate by the path it was given, everything else from `::core`.

use crate::pipeline;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// Expansions that use every feature, with the runtime crate at `::renamed`.
fn expansions() -> [TokenStream; 3] {
    let block = pipeline::simulated(
        quote!(size = 0x100, crate = ::renamed),
        quote! {
            pub struct Block {
                #[reg(0x00, rw, read = pop, write = push)]
                pub fifo: u32,
                #[reg(0x04, rw, reset = 3)]
                pub own: Control,
                #[reg(0x08, ro, value = own & 1)]
                pub computed: u32,
                #[reg(0x0c, wo, write = w1c, state = own)]
                pub view: Control,
                #[reg(0x10, ro, constant = [1, 2])]
                pub fixed: [u32; 2],
                #[reg(0x20, rw, stride = 8, write = once)]
                pub many: [Control; COUNT],
            }
        },
    );
    let register = pipeline::register(
        quote!(u32, crate = ::renamed),
        quote! {
            pub struct Control {
                #[bits(0)]
                enable: bool,
                #[bits(1..=3, w1c)]
                level: u8,
                #[bits(4..=7)]
                mode: Mode,
            }
        },
    );
    let field = pipeline::field_enum(quote! {
        #[field_enum(crate = ::renamed)]
        enum Mode {
            Off,
            #[other]
            Reserved(u8),
        }
    });
    [block, register, field]
}

/// The tokens without their groups' borders, in order.
fn flat(tokens: TokenStream, into: &mut Vec<String>) {
    for token in tokens {
        match token {
            // Documentation names what it likes.
            TokenTree::Literal(_) => {}
            TokenTree::Group(group) => flat(group.stream(), into),
            other => into.push(other.to_string()),
        }
    }
}

#[test]
fn the_runtime_crate_is_named_by_its_option_only() {
    for expansion in expansions() {
        let mut tokens = Vec::new();
        flat(expansion, &mut tokens);
        assert!(!tokens.contains(&"compile_error".to_owned()), "{tokens:?}");
        assert!(tokens.contains(&"renamed".to_owned()));
        assert!(!tokens.contains(&"memtrap".to_owned()));
    }
}

#[test]
fn paths_into_core_are_absolute() {
    for expansion in expansions() {
        let mut tokens = Vec::new();
        flat(expansion, &mut tokens);
        for (index, token) in tokens.iter().enumerate() {
            if token == "core" {
                assert_eq!(tokens[index - 2..index], [":", ":"], "{:?}", &tokens[index.saturating_sub(6)..index + 4]);
            }
            for prelude in
                ["Option", "Some", "None", "Result", "Ok", "Err", "Default", "Clone", "Copy", "Vec", "String", "assert"]
            {
                let is_path = index >= 2 && tokens[index - 2..index] == [":", ":"];
                assert!(token != prelude || is_path, "{:?}", &tokens[index.saturating_sub(6)..index + 4]);
            }
        }
    }
}
