//! Registers that share their offset with others: `overlaps(register)` and `when = register.field`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Token, punctuated::Punctuated};

/// A condition: a field of one bit, or its opposite.
#[derive(Clone)]
pub(crate) struct When {
    pub(crate) register: Ident,
    pub(crate) field: Ident,
    /// The value of the field.
    pub(crate) value: bool,
    tokens: TokenStream,
}

impl ToTokens for When {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

impl When {
    pub(super) fn parse(tokens: &TokenStream) -> Result<Self, Error> {
        let trees: Vec<_> = tokens.clone().into_iter().collect();
        let (value, path) = match trees.as_slice() {
            [TokenTree::Punct(not), path @ ..] if not.as_char() == '!' => (false, path),
            path => (true, path),
        };
        match path {
            [TokenTree::Ident(register), TokenTree::Punct(dot), TokenTree::Ident(field)] if dot.as_char() == '.' => {
                Ok(Self { register: register.clone(), field: field.clone(), value, tokens: tokens.clone() })
            }
            _ => Err(Error::new_spanned(
                tokens,
                "expected a field of one bit, such as `lcr.dlab`, or its opposite, `!lcr.dlab`",
            )),
        }
    }
}

/// The registers in the parentheses of `key`.
pub(super) fn registers(tokens: &TokenStream, key: &Ident) -> Result<Vec<Ident>, Error> {
    let expected = "expected the registers that share bytes with this one: `overlaps(rbr)`";
    let list = syn::parse::Parser::parse2(Punctuated::<Ident, Token![,]>::parse_terminated, tokens.clone())
        .map_err(|_| Error::new_spanned(tokens, expected))?;
    if list.is_empty() {
        return Err(Error::new_spanned(key, expected));
    }
    Ok(list.into_iter().collect())
}
