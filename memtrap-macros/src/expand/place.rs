//! Tokens that the compiler points at in the user's source.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// `tokens`, of which the compiler underlines all of `place` when it points at them as a whole.
///
/// No stable function makes a span of several tokens. But the compiler takes that of an item, or of a macro's call, from the
/// start of its first token to the end of its last one, and these can be in two places.
pub(super) fn at(place: &impl ToTokens, tokens: TokenStream) -> TokenStream {
    let place: Vec<TokenTree> = place.to_token_stream().into_iter().collect();
    let (Some(first), Some(last)) = (place.first(), place.last()) else { return tokens };
    let first = start(first).resolved_at(Span::call_site());
    let last = end(last).resolved_at(Span::call_site());
    let mut first = Some(first);
    tokens
        .into_iter()
        .map(|mut tree| {
            tree.set_span(first.take().unwrap_or(last));
            tree
        })
        .collect()
}

fn start(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) => group.span_open(),
        other => other.span(),
    }
}

fn end(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}
