//! The windows of `alias(..)`.

use super::{
    argument::{self, Form},
    keyword,
    number::Number,
};
use crate::report::Report;
use proc_macro2::TokenStream;

const OPERATIONS: [(&str, Operation); 3] =
    [("set", Operation::Set), ("clear", Operation::Clear), ("xor", Operation::Toggle)];

/// What a write through a window does to the bits that are one in the written value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Set,
    Clear,
    Toggle,
}

/// A second window on all registers of the block.
pub(crate) struct Alias {
    pub(crate) operation: Operation,
    /// Distance from a register to its place in the window, in bytes.
    pub(crate) offset: Number,
}

impl Operation {
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Clear => "clear",
            Self::Toggle => "xor",
        }
    }
}

/// Reads what is between the parentheses.
pub(super) fn aliases(tokens: TokenStream, report: &mut Report) -> Vec<Alias> {
    let mut aliases: Vec<Alias> = Vec::new();
    for argument in argument::split(tokens, report) {
        let known = OPERATIONS.map(|(name, _)| name);
        match &argument.form {
            Form::Assignment(key, value)
                if let Some((_, operation)) = OPERATIONS.iter().find(|(name, _)| key == name) =>
            {
                let offset = report.take(Number::parse(value.clone(), "the offset of the window in bytes"));
                if aliases.iter().any(|alias| alias.operation == *operation) {
                    report.error(key, format!("`{key}` is given twice: remove one"));
                } else if let Some(offset) = offset {
                    aliases.push(Alias { operation: *operation, offset });
                }
            }
            Form::Word(key) | Form::Call(key, _) if known.iter().any(|known| key == known) => {
                report.error(&argument, format!("`{key}` needs the offset of its window: write `{key} = 0x1000`"));
            }
            Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                report.error(key, keyword::unknown("window", &key.to_string(), &known));
            }
            Form::Positional => report.error(&argument, "expected a window such as `set = 0x2000`"),
        }
    }
    aliases
}
