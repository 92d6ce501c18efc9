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
