//! What a register holds.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Type;

/// The value type of a register, or of one element of an array.
pub(crate) struct ValueType {
    pub(crate) ty: Type,
    /// Width in bytes, if the type is one of the integers. Any other type has its width checked by constants in the
    /// expansion.
    pub(crate) bytes: Option<u64>,
}

impl ValueType {
    pub(crate) fn new(ty: Type) -> Self {
        let bytes = ["u8", "u16", "u32", "u64"].iter().position(|integer| is_ident(&ty, integer));
        Self { ty, bytes: bytes.map(|position| 1 << position) }
    }

    /// Fewest bytes an element may have.
    pub(crate) fn least(&self) -> u64 {
        self.bytes.unwrap_or(1)
    }

    /// Most bytes an element may have.
    pub(crate) fn most(&self) -> u64 {
        self.bytes.unwrap_or(8)
    }
}

impl ToTokens for ValueType {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.ty.to_tokens(tokens);
    }
}

/// Whether a type is written as this one word.
pub(crate) fn is_ident(ty: &Type, word: &str) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(word))
}
