//! The attribute macros of memtrap.
use proc_macro::TokenStream;
/// Placeholder.
#[proc_macro_attribute]
pub fn simulated(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}
