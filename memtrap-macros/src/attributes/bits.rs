//! The options of `#[bits(..)]`.

use super::{
    argument::{self, Form},
    keyword,
    number::Number,
    policy::POLICIES,
};
use crate::report::Report;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Error, Expr, ExprRange, RangeLimits};

/// What `#[bits(..)]` says about one field.
pub(crate) struct BitsOptions {
    pub(crate) range: BitRange,
    pub(crate) policy: Option<Ident>,
    /// `alias`: the bits are those of other fields, seen in another way.
    pub(crate) is_alias: bool,
    /// Whether an error was found, so that the facts may be placeholders.
    pub(crate) faulty: bool,
}

/// The bits of a field, as they are written.
#[derive(Clone)]
pub(crate) struct BitRange {
    /// Number of the lowest bit.
    pub(crate) lsb: u64,
    /// Number of bits: at least one.
    pub(crate) bits: u64,
    tokens: TokenStream,
}

impl ToTokens for BitRange {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

impl BitsOptions {
    /// Stands for options that could not be read.
    pub(super) fn faulty() -> Self {
        let range = BitRange { lsb: 0, bits: 1, tokens: TokenStream::new() };
        Self { range, policy: None, is_alias: false, faulty: true }
    }

    pub(super) fn parse(attribute: &Attribute, name: &Ident, report: &mut Report) -> Self {
        let errors = report.len();
        let tokens = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
        let (mut range, mut policy, mut alias) = (None, None, None);
        for argument in argument::split(tokens, report) {
            match &argument.form {
                Form::Word(word) if POLICIES.iter().any(|known| word == known) => match &policy {
                    Some(first) => report.error(word, format!("a second policy: the first is `{first}`")),
                    None => policy = Some(word.clone()),
                },
                Form::Word(word) if word == "alias" => match &alias {
                    Some(_) => report.error(word, "`alias` is given twice: remove one"),
                    None => alias = Some(word.clone()),
                },
                Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                    let known: Vec<_> = POLICIES.into_iter().chain(["alias"]).collect();
                    report.error(key, keyword::unknown("policy", &key.to_string(), &known));
                }
                Form::Positional if range.is_some() => report
                    .error(&argument, "a second range of bits: a field is contiguous, write a range such as `4..=7`"),
                Form::Positional => {
                    range = report.take(bit_range(argument.tokens.clone()));
                }
            }
        }
        if range.is_none() && report.len() == errors {
            report.error(attribute, format!("the bits of `{name}` are missing: `#[bits(0)]` or `#[bits(0..=7)]`"));
        }
        if let (Some(policy), Some(_)) = (&policy, &alias) {
            report.error(
                policy,
                format!(
                    "`{name}` is an `alias`, and its bits have the policies of their own fields: remove `{policy}`"
                ),
            );
        }
        let is_alias = alias.is_some();
        range.map_or_else(Self::faulty, |range| Self { range, policy, is_alias, faulty: report.len() > errors })
    }
}

fn bit_range(tokens: TokenStream) -> Result<BitRange, Error> {
    let expected = "expected the number of a bit or a range of bits: `3`, `4..=7` or `4..8`";
    let expression: Expr = syn::parse2(tokens.clone()).map_err(|_| Error::new_spanned(&tokens, expected))?;
    let Expr::Range(ExprRange { start, limits, end, .. }) = expression else {
        let lsb = Number::parse(tokens.clone(), "the number of a bit")?.value;
        return Ok(BitRange { lsb, bits: 1, tokens });
    };
    let (Some(start), Some(end)) = (start, end) else {
        return Err(Error::new_spanned(&tokens, "a range of bits has both ends: `4..=7` or `4..8`"));
    };
    let first = Number::parse(start.to_token_stream(), "the number of a bit")?.value;
    let last = Number::parse(end.to_token_stream(), "the number of a bit")?.value;
    let behind = if matches!(limits, RangeLimits::Closed(_)) { last.saturating_add(1) } else { last };
    match behind.checked_sub(first) {
        Some(0) => Err(Error::new_spanned(&tokens, format!("the range has no bits: did you mean `{first}..={last}`?"))),
        None => Err(Error::new_spanned(
            &tokens,
            format!("the range is reversed, the lowest bit comes first: did you mean `{last}..={first}`?"),
        )),
        Some(bits) => Ok(BitRange { lsb: first, bits, tokens }),
    }
}
