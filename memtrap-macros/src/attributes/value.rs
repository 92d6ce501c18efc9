//! A struct under `#[register(..)]`.

use super::{
    argument::{self, Form},
    bits::BitsOptions,
    block::crate_path,
    keyword,
    slot::Slot,
    written,
};
use crate::report::Report;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Error, Fields, ItemStruct, Type, Visibility};

const KEYS: [&str; 2] = ["reserved", "crate"];
const INTEGERS: [&str; 4] = ["u8", "u16", "u32", "u64"];

/// A struct under `#[register(..)]`, with its options.
pub(crate) struct ValueDeclaration {
    pub(crate) options: ValueOptions,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) fields: Vec<BitsField>,
}

/// What `#[register(..)]` says.
pub(crate) struct ValueOptions {
    pub(crate) integer: Ident,
    pub(crate) bits: u64,
    /// `reserved = deny`, if given.
    pub(crate) deny_reserved: Option<Ident>,
    /// `reserved = zero` as `false`, `reserved = one` as `true`.
    pub(crate) reserved_as: Option<bool>,
    pub(crate) runtime: TokenStream,
}

/// A field with its options.
pub(crate) struct BitsField {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) options: BitsOptions,
}

/// Reads the attribute's options and the struct under it.
pub(crate) fn value(options: TokenStream, item: TokenStream, report: &mut Report) -> Option<ValueDeclaration> {
    let options = ValueOptions::parse(options, report);
    let expected = "a register is a struct with named fields: `struct Control { #[bits(0)] enable: bool }`";
    let item: ItemStruct = report.take(syn::parse2(item).map_err(|error| Error::new(error.span(), expected)))?;
    if !item.generics.params.is_empty() {
        report.error(&item.generics, "the value of a register cannot be generic: it is an integer");
    }
    let mut attributes = Vec::new();
    for attribute in item.attrs {
        if attribute.path().is_ident("repr") {
            report.error(&attribute, "the struct becomes an integer with its layout: remove the `repr`");
        } else if attribute.path().is_ident("derive") {
            attributes.extend(derives(attribute, report));
        } else {
            attributes.push(attribute);
        }
    }
    let fields = match item.fields {
        Fields::Named(fields) => fields.named.into_iter().map(|field| self::field(field, report)).collect(),
        Fields::Unnamed(fields) => {
            report.error(fields, expected);
            Vec::new()
        }
        Fields::Unit => {
            report.error(&item.ident, expected);
            Vec::new()
        }
    };
    Some(ValueDeclaration { options, attributes, visibility: item.vis, name: item.ident, fields })
}

/// The derives that are not made anyway; a clash would be an error about code the user has not written.
fn derives(attribute: Attribute, report: &mut Report) -> Option<Attribute> {
    const MADE: [&str; 7] = ["Clone", "Copy", "Debug", "Default", "PartialEq", "Eq", "Hash"];
    let paths = attribute
        .parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
        .unwrap_or_default();
    let mut is_clean = true;
    for path in paths {
        if MADE.iter().any(|made| path.is_ident(made)) {
            report.error(&path, "a register has this already: remove it from the `derive`");
            is_clean = false;
        }
    }
    is_clean.then_some(attribute)
}

impl ValueOptions {
    fn parse(tokens: TokenStream, report: &mut Report) -> Self {
        let errors = report.len();
        let (mut reserved, mut runtime) = (Slot::default(), Slot::default());
        let mut integer = None;
        for argument in argument::split(tokens, report) {
            match &argument.form {
                Form::Word(word) if INTEGERS.iter().any(|known| word == known) => match &integer {
                    Some(first) => report.error(word, format!("a second width: the first is `{first}`")),
                    None => integer = Some(word.clone()),
                },
                Form::Assignment(key, value) if key == "reserved" => {
                    let policy = syn::parse2::<Ident>(value.clone())
                        .ok()
                        .filter(|word| ["deny", "keep", "zero", "one"].iter().any(|known| word == known));
                    let policy = policy.ok_or_else(|| {
                        Error::new_spanned(
                            value,
                            "reserved bits are to `keep` (unless given), written as `zero` or as `one`, or to `deny`",
                        )
                    });
                    reserved.set(key, report.take(policy), report);
                }
                Form::Assignment(key, value) if key == "crate" => {
                    runtime.set(key, report.take(crate_path(value.clone())), report);
                }
                Form::Word(key) | Form::Assignment(key, _) | Form::Call(key, _) => {
                    let known: Vec<_> = INTEGERS.into_iter().chain(KEYS).collect();
                    report.error(key, keyword::unknown("option", &key.to_string(), &known));
                }
                Form::Positional => report.error(&argument, "expected the integer of the register: `#[register(u32)]`"),
            }
        }
        let integer = integer.unwrap_or_else(|| {
            if report.len() == errors {
                let message = "the width of the register is missing: `#[register(u32)]`";
                report.push(Error::new(Span::call_site(), message));
            }
            Ident::new("u32", Span::call_site())
        });
        let bits = integer.to_string()[1..].parse().unwrap_or(32);
        let reserved = reserved.into_value();
        let reserved_as = match reserved.as_ref().map(ToString::to_string).as_deref() {
            Some("zero") => Some(false),
            Some("one") => Some(true),
            _ => None,
        };
        let deny_reserved = reserved.filter(|policy| policy == "deny");
        let runtime = runtime.into_value().unwrap_or_else(|| quote!(::memtrap));
        Self { integer, bits, deny_reserved, reserved_as, runtime }
    }
}

fn field(field: syn::Field, report: &mut Report) -> BitsField {
    let name = field.ident.expect("the fields are named");
    let (mut options, mut kept) = (None, Vec::new());
    for attribute in field.attrs {
        if !attribute.path().is_ident("bits") {
            kept.push(attribute);
        } else if options.is_some() {
            report.error(&attribute, format!("`{name}` has a second `#[bits(..)]`: a field is contiguous"));
        } else {
            options = Some(BitsOptions::parse(&attribute, &name, report));
        }
    }
    let options = options.unwrap_or_else(|| {
        let mut place = name.to_token_stream();
        field.ty.to_tokens(&mut place);
        report.error(place, format!("`{name}` has no `#[bits(..)]`: give its bits, for example `#[bits(0..=3)]`"));
        BitsOptions::faulty()
    });
    BitsField { attributes: kept, visibility: field.vis, name, ty: written(field.ty), options }
}
