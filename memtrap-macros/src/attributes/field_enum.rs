//! An enumeration under `#[derive(FieldEnum)]`.

use super::number;
use crate::report::Report;
use proc_macro2::{Ident, TokenStream};
use syn::{Error, Fields, ItemEnum, Type, Variant};

/// An enumeration under `#[derive(FieldEnum)]`.
pub(crate) struct EnumDeclaration {
    pub(crate) name: Ident,
    /// The named values in the order of their declaration.
    pub(crate) variants: Vec<NamedValue>,
    /// The variant for all other values, and its integer.
    pub(crate) other: Option<(Ident, Type)>,
    pub(crate) runtime: TokenStream,
}

/// A variant that names one value.
pub(crate) struct NamedValue {
    pub(crate) name: Ident,
    pub(crate) value: u64,
}

/// Reads the enumeration.
pub(crate) fn field_enum(item: TokenStream, report: &mut Report) -> Option<EnumDeclaration> {
    let item: ItemEnum = report.take(syn::parse2(item).map_err(|error| {
        Error::new(error.span(), "`FieldEnum` is derived for enumerations: one variant for each value of the field")
    }))?;
    if !item.generics.params.is_empty() {
        report.error(&item.generics, "the value of a field cannot be generic");
    }
    let mut declaration =
        EnumDeclaration { name: item.ident, variants: Vec::new(), other: None, runtime: quote::quote!(::memtrap) };
    for attribute in &item.attrs {
        if attribute.path().is_ident("field_enum") {
            let parsed = attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("crate") {
                    return Err(meta.error("the only option is `crate = path`"));
                }
                let path: syn::Path = meta.value()?.parse()?;
                declaration.runtime = super::block::crate_path(quote::ToTokens::into_token_stream(path))?;
                Ok(())
            });
            report.take(parsed);
        }
    }
    let mut next = 0;
    for variant in item.variants {
        if variant.attrs.iter().any(|attribute| attribute.path().is_ident("other")) {
            other(variant, &mut declaration, report);
            continue;
        }
        if !matches!(variant.fields, Fields::Unit) {
            report.error(
                &variant,
                "a variant names one value: `Name = 3`; the one that keeps all other values needs `#[other]`",
            );
            continue;
        }
        let value = match &variant.discriminant {
            None => Some(next),
            Some((_, expression)) => report.take(number::literal(expression).ok_or_else(|| {
                Error::new_spanned(expression, "the value of a field must be written with integer literals")
            })),
        };
        let Some(value) = value else { continue };
        next = value.wrapping_add(1);
        declaration.variants.push(NamedValue { name: variant.ident, value });
    }
    Some(declaration)
}

fn other(variant: Variant, declaration: &mut EnumDeclaration, report: &mut Report) {
    let integer = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first().map(|field| field.ty.clone()),
        _ => None,
    };
    let is_integer = |ty: &Type| {
        ["u8", "u16", "u32", "u64"].iter().any(|word| matches!(ty, Type::Path(path) if path.path.is_ident(word)))
    };
    match integer.filter(is_integer) {
        Some(_) if declaration.other.is_some() => report.error(&variant, "a second `#[other]`: one keeps all values"),
        Some(integer) => declaration.other = Some((variant.ident, integer)),
        None => report.error(
            &variant,
            "`#[other]` keeps the value it stands for: give it an unsigned integer, for example `Reserved(u8)`",
        ),
    }
}
