//! The phases in their order.

use crate::{attributes, check, expand, model, report::Report};
use proc_macro2::TokenStream;

/// Expands `#[simulated(options)] item`.
pub(crate) fn simulated(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Some(declaration) = attributes::block(options, item, &mut report) else {
        return report.into_tokens();
    };
    let block = model::block(declaration, &mut report);
    check::block(&block, &mut report);
    let assertions = if report.is_empty() { expand::Assertions::Emit } else { expand::Assertions::Omit };
    let mut tokens = expand::block(&block, assertions);
    tokens.extend(report.into_tokens());
    tokens
}

/// Expands `#[register(options)] item`.
pub(crate) fn register(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Some(declaration) = attributes::value(options, item, &mut report) else {
        return report.into_tokens();
    };
    let value = model::bitfield(declaration, &mut report);
    check::bitfield(&value, &mut report);
    let assertions = if report.is_empty() { expand::Assertions::Emit } else { expand::Assertions::Omit };
    let mut tokens = expand::bitfield(&value, assertions);
    tokens.extend(report.into_tokens());
    tokens
}

/// Expands `#[derive(FieldEnum)] item`.
pub(crate) fn field_enum(item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Some(declaration) = attributes::field_enum(item, &mut report) else {
        return report.into_tokens();
    };
    check::field_enum(&declaration, &mut report);
    if report.is_empty() {
        return expand::field_enum(&declaration);
    }
    let mut tokens = expand::field_enum_stub(&declaration);
    tokens.extend(report.into_tokens());
    tokens
}
