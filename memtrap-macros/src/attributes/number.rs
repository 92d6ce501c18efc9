//! Integers that must be known during the expansion.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{BinOp, Error, Expr, ExprBinary, ExprLit, Lit};

/// A known integer and the tokens that gave it.
#[derive(Clone)]
pub(crate) struct Number {
    pub(crate) value: u64,
    tokens: TokenStream,
}

impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

impl Number {
    /// A number that stands for a faulty one; `tokens` are its place in the source.
    pub(crate) fn placeholder(value: u64, tokens: impl ToTokens) -> Self {
        Self { value, tokens: tokens.to_token_stream() }
    }

    /// Evaluates literals and `+ - * / << |` on them. `what` names the number in messages.
    pub(crate) fn parse(tokens: TokenStream, what: &str) -> Result<Self, Error> {
        let expression: Expr = syn::parse2(tokens.clone())
            .map_err(|_| Error::new_spanned(&tokens, format!("expected {what}, an integer literal such as `0x10`")))?;
        let value = evaluate(&expression).map_err(|problem| {
            let message = match problem {
                Problem::Unknown => format!(
                    "{what} must be written with integer literals, for example `0x10` or `0x100 + 4 * 3`: the layout is \
                     checked before constants have values"
                ),
                Problem::Range => format!("{what} does not fit in 64 bits"),
            };
            Error::new_spanned(&tokens, message)
        })?;
        Ok(Self { value, tokens })
    }
}

/// The value of an expression of integer literals, if it is one.
pub(crate) fn literal(expression: &Expr) -> Option<u64> {
    evaluate(expression).ok()
}

enum Problem {
    Unknown,
    Range,
}

fn evaluate(expression: &Expr) -> Result<u64, Problem> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_parse().map_err(|_| Problem::Range),
        Expr::Paren(inner) => evaluate(&inner.expr),
        Expr::Group(inner) => evaluate(&inner.expr),
        Expr::Binary(ExprBinary { left, op, right, .. }) => {
            let (left, right) = (evaluate(left)?, evaluate(right)?);
            match op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                BinOp::Shl(_) => u32::try_from(right).ok().and_then(|right| left.checked_shl(right)),
                BinOp::BitOr(_) => Some(left | right),
                _ => return Err(Problem::Unknown),
            }
            .ok_or(Problem::Range)
        }
        _ => Err(Problem::Unknown),
    }
}
