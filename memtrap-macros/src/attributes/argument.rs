//! A comma-separated list of arguments, each parsed on its own so that every mistake in the list is found.

use crate::report::Report;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;

/// One argument of an attribute.
pub(crate) struct Argument {
    /// All its tokens, for an error that concerns it as a whole.
    pub(crate) tokens: TokenStream,
    pub(crate) form: Form,
}

/// How an argument is written.
pub(crate) enum Form {
    /// `key`
    Word(Ident),
    /// `key = value`
    Assignment(Ident, TokenStream),
    /// `key(value)`
    Call(Ident, TokenStream),
    /// Anything else: an expression.
    Positional,
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

/// Splits the arguments of an attribute. An empty one (a doubled comma) is an error.
pub(crate) fn split(tokens: TokenStream, report: &mut Report) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if current.is_empty() {
                    report.error(&token, "expected an argument before this comma: remove the comma");
                } else {
                    arguments.push(argument(std::mem::take(&mut current)));
                }
            }
            _ => current.push(token),
        }
    }
    if !current.is_empty() {
        arguments.push(argument(current));
    }
    arguments
}

fn argument(trees: Vec<TokenTree>) -> Argument {
    let form = match trees.as_slice() {
        [TokenTree::Ident(key)] => Form::Word(key.clone()),
        [TokenTree::Ident(key), TokenTree::Punct(equals), value @ ..]
            if equals.as_char() == '=' && equals.spacing() == proc_macro2::Spacing::Alone =>
        {
            Form::Assignment(key.clone(), value.iter().cloned().collect())
        }
        [TokenTree::Ident(key), TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            Form::Call(key.clone(), group.stream())
        }
        _ => Form::Positional,
    };
    Argument { tokens: trees.into_iter().collect(), form }
}
