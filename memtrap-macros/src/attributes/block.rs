//! The options of `#[simulated(..)]`.

use super::{
    alias::{self, Alias},
    argument::{self, Form},
    keyword,
    number::Number,
    slot::Slot,
};
use crate::report::Report;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Error;

const KEYS: [&str; 6] = ["size", "width", "crate", "repr", "alias", "shared"];

/// What `#[simulated(..)]` says about the block as a whole.
pub(crate) struct BlockOptions {
    /// Size of the block in bytes, if it is given.
    pub(crate) size: Option<Number>,
    pub(crate) layout: Layout,
    pub(crate) width: BusWidth,
    /// Further windows on all registers.
    pub(crate) aliases: Vec<Alias>,
    /// `shared`: all accesses need the handle only shared, which stays on its thread.
    pub(crate) is_shared: bool,
    /// Path of the runtime crate, valid in every module.
    pub(crate) runtime: TokenStream,
}

/// Where the offsets of the registers come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Every register declares its own.
    Explicit,
    /// `repr(C)`: the order and the types of the fields.
    FieldOrder,
}

/// Width of the bus in bits: 8, 16, 32 or 64.
pub(crate) struct BusWidth {
    pub(crate) bits: u64,
    tokens: TokenStream,
}

impl ToTokens for BusWidth {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

impl BlockOptions {
    pub(super) fn parse(tokens: TokenStream, report: &mut Report) -> Self {
        let (mut size, mut width, mut runtime, mut layout, mut aliases) =
            (Slot::default(), Slot::default(), Slot::default(), Slot::default(), Slot::default());
        let mut shared = Slot::default();
        let errors = report.len();
        for argument in argument::split(tokens, report) {
            match &argument.form {
                Form::Assignment(key, value) if key == "size" => {
                    let number = Number::parse(value.clone(), "the size of the block in bytes");
                    size.set(key, report.take(number), report);
                }
                Form::Assignment(key, value) if key == "width" => {
                    width.set(key, report.take(bus_width(value.clone())), report);
                }
                Form::Assignment(key, value) if key == "crate" => {
                    runtime.set(key, report.take(crate_path(value.clone())), report);
                }
                Form::Call(key, content) if key == "repr" => {
                    if content.to_string() != "C" {
                        report.error(content, "the only representation is that of C: `repr(C)`");
                    }
                    layout.set(key, Some(Layout::FieldOrder), report);
                }
                Form::Word(key) if key == "shared" => shared.set(key, Some(()), report),
                Form::Assignment(key, _) | Form::Call(key, _) if key == "shared" => {
                    report.error(&argument, "`shared` has no value: write `shared`");
                }
                Form::Call(key, content) if key == "alias" => {
                    aliases.set(key, Some(alias::aliases(content.clone(), report)), report);
                }
                Form::Word(key) | Form::Call(key, _) if KEYS.iter().any(|known| key == known) => {
                    let usage = match key.to_string().as_str() {
                        "repr" => "repr(C)".to_owned(),
                        "alias" => "alias(set = 0x2000)".to_owned(),
                        other => format!("{other} = .."),
                    };
                    report.error(&argument, format!("`{key}` needs a value: write `{usage}`"));
                }
                Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                    report.error(key, keyword::unknown("option", &key.to_string(), &KEYS));
                }
                Form::Positional => report.error(&argument, "expected an option such as `size = 0x1000`"),
            }
        }
        let layout = layout.into_value().unwrap_or(Layout::Explicit);
        let size = size.into_value();
        if size.is_none() && layout == Layout::Explicit && report.len() == errors {
            let message = "the size of the block is missing: `#[simulated(size = 0x1000)]`, in bytes";
            report.push(Error::new(Span::call_site(), message));
        }
        let width = width.into_value().unwrap_or(BusWidth { bits: 32, tokens: quote!(width) });
        let aliases = aliases.into_value().unwrap_or_default();
        let is_shared = shared.into_value().is_some();
        Self {
            size,
            layout,
            width,
            aliases,
            is_shared,
            runtime: runtime.into_value().unwrap_or_else(|| quote!(::memtrap)),
        }
    }
}

fn bus_width(tokens: TokenStream) -> Result<BusWidth, Error> {
    let number = Number::parse(tokens, "the width of the bus in bits")?;
    match number.value {
        bits @ (8 | 16 | 32 | 64) => Ok(BusWidth { bits, tokens: number.into_token_stream() }),
        _ => Err(Error::new_spanned(number, "the width of the bus is 8, 16, 32 or 64 bits")),
    }
}

/// The path as it resolves in the modules of the expansion, too: a first segment without `::` names a crate.
pub(super) fn crate_path(tokens: TokenStream) -> Result<TokenStream, Error> {
    let path: syn::Path = syn::parse2(tokens.clone())
        .map_err(|_| Error::new_spanned(&tokens, "expected the path of the memtrap crate, such as `::memtrap`"))?;
    let first = path.segments.first().map(|segment| segment.ident.to_string());
    match first.as_deref() {
        Some("self" | "super") => Err(Error::new_spanned(
            path,
            "the path must be the same in every module: start it with `crate::` or with the name of a crate",
        )),
        Some("crate") => Ok(path.into_token_stream()),
        _ if path.leading_colon.is_some() => Ok(path.into_token_stream()),
        _ => Ok(quote!(::#path)),
    }
}
