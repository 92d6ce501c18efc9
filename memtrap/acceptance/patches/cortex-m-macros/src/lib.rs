//! Stands in for `cortex-m-macros`, by way of `[patch.crates-io]`.
//!
//! `cortex-m` 0.7.10 passes every function that contains assembly through one macro, which makes it panic on other
//! processors. Here it does nothing there and returns zero: interrupts count as enabled, barriers and delays are over at
//! once, and a function that never returns still panics.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Keeps the function's body on processors that the condition names.
#[proc_macro_attribute]
pub fn asm_cfg(condition: TokenStream, function: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else { panic!("a function ends with its body") };
    let never_returns = matches!(&tokens[..], [.., TokenTree::Punct(arrow), TokenTree::Punct(never)]
        if arrow.as_char() == '>' && never.as_char() == '!');
    let elsewhere = if never_returns { "unimplemented!()" } else { "unsafe { ::core::mem::zeroed() }" };
    let choice: TokenStream = format!("#[cfg({condition})] {body} #[cfg(not({condition}))] {{ {elsewhere} }}")
        .parse()
        .expect("both are blocks");
    let allow: TokenStream = "#[allow(unused, reason = \"arguments of the assembly\")]".parse().expect("an attribute");
    let body = TokenTree::Group(Group::new(Delimiter::Brace, choice));
    allow.into_iter().chain(tokens).chain([body]).collect()
}
