//! The options of `#[reg(..)]`.

use super::{
    argument::{self, Argument, Form},
    banked::{self, When},
    block::Layout,
    effects::{ReadEffect, Word, WriteEffect},
    key::{self, Key},
    keyword,
    number::{self, Number},
    slot::Slot,
};
use crate::report::Report;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Error, Expr};

const KEYS: [&str; 13] =
    ["ro", "rw", "wo", "reset", "stride", "width", "read", "write", "state", "value", "constant", "overlaps", "when"];

/// What `#[reg(..)]` says about one register.
pub(crate) struct RegOptions {
    /// Offset in bytes, if it is declared.
    pub(crate) offset: Option<Number>,
    pub(crate) access: AccessKind,
    pub(crate) reset: Option<Reset>,
    /// Distance between the elements of an array, in bytes.
    pub(crate) stride: Option<Number>,
    /// The widths of accesses in bits that are legal, if they are declared.
    pub(crate) widths: Vec<Number>,
    /// What a read does, if it has a side effect.
    pub(crate) read: Option<Word<ReadEffect>>,
    /// What a write does, if it does not store the value.
    pub(crate) write: Option<Word<WriteEffect>>,
    /// The register whose stored value this one is a view of.
    pub(crate) state: Option<Ident>,
    /// The expression that computes the value.
    pub(crate) value: Option<Expr>,
    /// The value that never changes.
    pub(crate) constant: Option<Expr>,
    /// What `write = key(..)` says.
    pub(crate) key: Option<Key>,
    /// The registers that share bytes with this one.
    pub(crate) overlaps: Vec<Ident>,
    /// When the register is there, if it is not always.
    pub(crate) when: Option<When>,
    /// The arguments as they are written, each with its keyword.
    arguments: Vec<(String, TokenStream)>,
    /// Whether an error was found, so that the facts may be placeholders.
    pub(crate) faulty: bool,
}

/// `ro`, `rw` or `wo`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessKind {
    ReadOnly,
    ReadWrite,
    WriteOnly,
}

/// The value after reset: a constant expression, and its value if that is known here.
pub(crate) struct Reset {
    pub(crate) value: Option<u64>,
    pub(crate) expression: Expr,
    /// `undefined`: the register holds anything.
    pub(crate) is_undefined: bool,
}

impl ToTokens for Reset {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.expression.to_tokens(tokens);
    }
}

impl AccessKind {
    fn from_keyword(keyword: &Ident) -> Option<Self> {
        match keyword.to_string().as_str() {
            "ro" => Some(Self::ReadOnly),
            "rw" => Some(Self::ReadWrite),
            "wo" => Some(Self::WriteOnly),
            _ => None,
        }
    }

    pub(crate) fn is_readable(self) -> bool {
        self != Self::WriteOnly
    }

    pub(crate) fn is_writable(self) -> bool {
        self != Self::ReadOnly
    }
}

#[derive(Default)]
struct Slots {
    offset: Option<Number>,
    access: Option<(Ident, AccessKind)>,
    reset: Slot<Reset>,
    stride: Slot<Number>,
    widths: Slot<Vec<Number>>,
    read: Slot<Word<ReadEffect>>,
    write: Slot<Word<WriteEffect>>,
    state: Slot<Ident>,
    value: Slot<Expr>,
    constant: Slot<Expr>,
    key: Option<Key>,
    overlaps: Slot<Vec<Ident>>,
    when: Slot<When>,
}

impl RegOptions {
    /// Stands for options that could not be read.
    pub(super) fn faulty() -> Self {
        Self {
            offset: None,
            access: AccessKind::ReadWrite,
            reset: None,
            stride: None,
            widths: Vec::new(),
            read: None,
            write: None,
            state: None,
            value: None,
            constant: None,
            key: None,
            overlaps: Vec::new(),
            when: None,
            arguments: Vec::new(),
            faulty: true,
        }
    }

    pub(super) fn parse(
        attribute: &Attribute,
        tokens: TokenStream,
        name: &Ident,
        layout: Layout,
        report: &mut Report,
    ) -> Self {
        let errors = report.len();
        let mut slots = Slots::default();
        let arguments = argument::split(tokens, report);
        for argument in &arguments {
            slots.take(argument, report);
        }
        let arguments = arguments.into_iter().filter_map(|argument| match argument.form {
            Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => Some((key.to_string(), argument.tokens)),
            Form::Positional => None,
        });
        // A faulty argument may have been meant as the missing one.
        let is_complete = report.len() == errors;
        let lacks_offset = slots.offset.is_none() && layout == Layout::Explicit;
        let missing = match (lacks_offset, slots.access.is_none()) {
            _ if !is_complete => None,
            (false, false) => None,
            (true, true) => Some(format!(
                "the offset and the access of `{name}` are missing: `#[reg(0x00, rw)]`, or `ro` (reads only), or `wo` (writes \
                 only)"
            )),
            (true, false) => Some(format!("the offset of `{name}` is missing: write it first, `#[reg(0x00, ..)]`")),
            (false, true) => Some(format!(
                "the access of `{name}` is missing: add `ro` (reads only), `wo` (writes only) or `rw` (both)"
            )),
        };
        if let Some(missing) = missing {
            report.error(attribute, missing);
        }
        Self {
            offset: slots.offset,
            access: slots.access.map_or(AccessKind::ReadWrite, |(_, access)| access),
            reset: slots.reset.into_value(),
            stride: slots.stride.into_value(),
            widths: slots.widths.into_value().unwrap_or_default(),
            read: slots.read.into_value(),
            write: slots.write.into_value(),
            state: slots.state.into_value(),
            value: slots.value.into_value(),
            constant: slots.constant.into_value(),
            key: slots.key,
            overlaps: slots.overlaps.into_value().unwrap_or_default(),
            when: slots.when.into_value(),
            arguments: arguments.collect(),
            faulty: false,
        }
    }

    /// The access keyword and the argument called `key`, in the order in which they are written.
    pub(crate) fn access_and(&self, key: &str) -> TokenStream {
        let is_meant = |(word, _): &&(String, TokenStream)| word == key || matches!(word.as_str(), "ro" | "rw" | "wo");
        self.arguments.iter().filter(is_meant).flat_map(|(_, tokens)| tokens.clone()).collect()
    }
}

impl Slots {
    fn take(&mut self, argument: &Argument, report: &mut Report) {
        match &argument.form {
            Form::Word(key) if let Some(access) = AccessKind::from_keyword(key) => match &self.access {
                Some((first, other)) => {
                    report.error(key, format!("the access is given twice, first as `{first}`"));
                    // Whichever was meant is permitted, so that its uses cause no follow-up errors.
                    if access != *other {
                        self.access = Some((first.clone(), AccessKind::ReadWrite));
                    }
                }
                None => self.access = Some((key.clone(), access)),
            },
            Form::Assignment(key, value) if key == "reset" => {
                self.reset.set(key, report.take(reset(value.clone())), report);
            }
            Form::Assignment(key, value) if key == "stride" => {
                let number = Number::parse(value.clone(), "the stride in bytes");
                self.stride.set(key, report.take(number), report);
            }
            Form::Assignment(key, value) if key == "width" => {
                self.widths.set(key, report.take(widths(value.clone())), report);
            }
            Form::Assignment(key, value) if key == "read" => {
                self.read.set(key, report.take(Word::<ReadEffect>::read(value)), report);
            }
            Form::Assignment(key, value)
                if key == "write"
                    && let Some((word, content)) = key::split(value) =>
            {
                let parsed = Key::parse(&word, content, report);
                self.write.set(key, parsed.is_some().then_some(Word { meaning: WriteEffect::Key, word }), report);
                self.key = self.key.take().or(parsed);
            }
            Form::Assignment(key, value) if key == "write" => {
                self.write.set(key, report.take(Word::<WriteEffect>::write(value)), report);
            }
            Form::Assignment(key, value) if key == "state" => {
                let message = "expected the name of the register that stores the value";
                let register = syn::parse2(value.clone()).map_err(|_| Error::new_spanned(value, message));
                self.state.set(key, report.take(register), report);
            }
            Form::Assignment(key, value) if key == "value" => {
                let message = "expected an expression of registers, such as `ris & imsc`";
                self.value.set(key, report.take(expression(value, message)), report);
            }
            Form::Assignment(key, value) if key == "constant" => {
                let message = "expected a value, such as `0x11`, or of an array one for each element: `[0x11, 0x10]`";
                self.constant.set(key, report.take(expression(value, message)), report);
            }
            Form::Call(key, content) if key == "overlaps" => {
                self.overlaps.set(key, report.take(banked::registers(content, key)), report);
            }
            Form::Assignment(key, value) if key == "when" => {
                self.when.set(key, report.take(When::parse(value)), report);
            }
            Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _)
                if KEYS.iter().any(|known| key == known) =>
            {
                let form = if AccessKind::from_keyword(key).is_some() { "has no value" } else { "needs a value" };
                report.error(argument, format!("`{key}` {form}: write `{}`", usage(key)));
            }
            // A single word where the offset belongs is a constant rather than a keyword if it is written as one.
            Form::Word(key) if self.offset.is_none() && key.to_string().chars().all(|c| !c.is_lowercase()) => {
                self.offset(argument, report);
            }
            Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                report.error(key, keyword::unknown("key", &key.to_string(), &KEYS));
            }
            Form::Positional => self.offset(argument, report),
        }
    }

    fn offset(&mut self, argument: &Argument, report: &mut Report) {
        match &self.offset {
            Some(_) => report.error(argument, "a second offset: name what it is, for example `reset = ..`"),
            None => self.offset = report.take(Number::parse(argument.tokens.clone(), "the offset in bytes")),
        }
    }
}

fn usage(key: &Ident) -> String {
    let key = key.to_string();
    match key.as_str() {
        "ro" | "rw" | "wo" => key,
        "overlaps" => "overlaps(register)".to_owned(),
        _ => format!("{key} = .."),
    }
}

fn reset(tokens: TokenStream) -> Result<Reset, Error> {
    let expression = expression(&tokens, "expected the value after reset, such as `0x90`")?;
    if matches!(&expression, Expr::Path(path) if path.path.is_ident("undefined")) {
        let zero = syn::parse_quote!(0);
        return Ok(Reset { value: None, expression: zero, is_undefined: true });
    }
    Ok(Reset { value: number::literal(&expression), expression, is_undefined: false })
}

/// `8 | 32`
fn widths(tokens: TokenStream) -> Result<Vec<Number>, Error> {
    let mut widths = Vec::new();
    let trees: Vec<_> = tokens.clone().into_iter().collect();
    let is_or = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '|');
    for part in trees.split(is_or) {
        let part: TokenStream = part.iter().cloned().collect();
        let place = if part.is_empty() { tokens.clone() } else { part.clone() };
        let number =
            Number::parse(part, "a width in bits").ok().filter(|number| matches!(number.value, 8 | 16 | 32 | 64));
        let message = "the width of an access is 8, 16, 32 or 64 bits: `8 | 32`";
        widths.push(number.ok_or_else(|| Error::new_spanned(place, message))?);
    }
    Ok(widths)
}

fn expression(tokens: &TokenStream, message: &str) -> Result<Expr, Error> {
    syn::parse2(tokens.clone()).map_err(|_| Error::new_spanned(tokens, message))
}
