//! `write = key(value, unlocks(register))`

use super::argument::{self, Form};
use crate::report::Report;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::{Expr, Token, punctuated::Punctuated};

/// A register in which a value unlocks others.
pub(crate) struct Key {
    pub(crate) value: Expr,
    /// The registers whose writes do nothing while it is locked.
    pub(crate) unlocks: Vec<Ident>,
}

/// The word `key` and what is in its parentheses, if that is what the tokens are.
pub(super) fn split(tokens: &TokenStream) -> Option<(Ident, TokenStream)> {
    let trees: Vec<_> = tokens.clone().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(group)]
            if word == "key" && group.delimiter() == Delimiter::Parenthesis =>
        {
            Some((word.clone(), group.stream()))
        }
        [TokenTree::Ident(word)] if word == "key" => Some((word.clone(), TokenStream::new())),
        _ => None,
    }
}

impl Key {
    pub(super) fn parse(word: &Ident, tokens: TokenStream, report: &mut Report) -> Option<Self> {
        let errors = report.len();
        let (mut value, mut unlocks) = (None, Vec::new());
        for argument in argument::split(tokens, report) {
            match &argument.form {
                Form::Call(key, content) if key == "unlocks" => {
                    let list =
                        syn::parse::Parser::parse2(Punctuated::<Ident, Token![,]>::parse_terminated, content.clone());
                    match list {
                        Ok(list) => unlocks.extend(list),
                        Err(_) => report.error(content, "expected the registers that the key unlocks"),
                    }
                }
                _ if value.is_none() => match syn::parse2(argument.tokens.clone()) {
                    Ok(expression) => value = Some(expression),
                    Err(_) => report.error(&argument, "expected the value that unlocks, such as `0x1acc_e551`"),
                },
                _ => report.error(&argument, "a second value of the key: one unlocks"),
            }
        }
        if report.len() > errors {
            return None;
        }
        match value {
            Some(value) if !unlocks.is_empty() => Some(Self { value, unlocks }),
            _ => {
                report.error(
                    word,
                    "the key needs its value and the registers that it unlocks: `key(0x1acc_e551, unlocks(control))`",
                );
                None
            }
        }
    }
}
