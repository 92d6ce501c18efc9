//! The options of `#[block(..)]`.

use super::{
    argument::{self, Form},
    keyword,
    number::Number,
    slot::Slot,
};
use crate::report::Report;
use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Meta};

const KEYS: [&str; 1] = ["stride"];

/// What `#[block(..)]` says about one nested block.
pub(crate) struct PartOptions {
    /// Offset in bytes, if it is declared.
    pub(crate) offset: Option<Number>,
    /// Distance between the elements of an array, in bytes.
    pub(crate) stride: Option<Number>,
}

impl PartOptions {
    pub(super) fn parse(attribute: &Attribute, name: &Ident, report: &mut Report) -> Self {
        let errors = report.len();
        let tokens = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) => TokenStream::new(),
            Meta::NameValue(_) => {
                report.error(attribute, "write the facts in parentheses: `#[block(0x100)]`");
                return Self { offset: None, stride: None };
            }
        };
        let (mut offset, mut stride) = (None, Slot::default());
        for argument in argument::split(tokens, report) {
            match &argument.form {
                Form::Assignment(key, value) if key == "stride" => {
                    let number = Number::parse(value.clone(), "the stride in bytes");
                    stride.set(key, report.take(number), report);
                }
                Form::Word(key) | Form::Call(key, _) if KEYS.iter().any(|known| key == known) => {
                    report.error(&argument, format!("`{key}` needs a value: write `{key} = ..`"));
                }
                Form::Word(key) if ["ro", "rw", "wo"].iter().any(|access| key == access) => report
                    .error(key, format!("the registers of `{name}` declare their access themselves: remove `{key}`")),
                Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                    report.error(key, keyword::unknown("key", &key.to_string(), &KEYS));
                }
                Form::Positional if offset.is_some() => {
                    report.error(&argument, "a second offset: name what it is, for example `stride = ..`");
                }
                Form::Positional => offset = report.take(Number::parse(argument.tokens.clone(), "the offset in bytes")),
            }
        }
        if offset.is_none() && report.len() == errors {
            report
                .error(attribute, format!("the offset of `{name}` is missing: write it first, `#[block(0x100, ..)]`"));
        }
        Self { offset, stride: stride.into_value() }
    }
}
