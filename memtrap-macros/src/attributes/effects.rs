//! The keywords of `read = ..` and `write = ..`.

use super::keyword;
use proc_macro2::{Ident, TokenStream};
use syn::Error;

/// What a read does beside returning the value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadEffect {
    Clear,
    Set,
    Pop,
    /// What the fields of the value type declare.
    Fields,
}

/// What a write does instead of storing the value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteEffect {
    Clear,
    Set,
    OneClears,
    OneSets,
    OneToggles,
    ZeroClears,
    ZeroSets,
    ZeroToggles,
    Once,
    Push,
    /// One value unlocks other registers, any other locks them.
    Key,
}

impl WriteEffect {
    /// Whether a write acts on the bits that are one, or zero, and leaves the others alone.
    pub(crate) fn is_bitwise(self) -> bool {
        !matches!(self, Self::Clear | Self::Set | Self::Once | Self::Push | Self::Key)
    }
}

const READS: [(&str, ReadEffect); 4] =
    [("pop", ReadEffect::Pop), ("clear", ReadEffect::Clear), ("set", ReadEffect::Set), ("fields", ReadEffect::Fields)];

const WRITES: [(&str, WriteEffect); 11] = [
    ("push", WriteEffect::Push),
    ("w1c", WriteEffect::OneClears),
    ("w1s", WriteEffect::OneSets),
    ("w1t", WriteEffect::OneToggles),
    ("w0c", WriteEffect::ZeroClears),
    ("w0s", WriteEffect::ZeroSets),
    ("w0t", WriteEffect::ZeroToggles),
    ("wc", WriteEffect::Clear),
    ("ws", WriteEffect::Set),
    ("once", WriteEffect::Once),
    ("key", WriteEffect::Key),
];

/// A keyword and what it stands for.
#[derive(Clone)]
pub(crate) struct Word<T> {
    pub(crate) meaning: T,
    pub(crate) word: Ident,
}

impl Word<ReadEffect> {
    pub(super) fn read(tokens: &TokenStream) -> Result<Self, Error> {
        word(tokens, "effect of a read", &READS)
    }
}

impl Word<WriteEffect> {
    pub(super) fn write(tokens: &TokenStream) -> Result<Self, Error> {
        word(tokens, "effect of a write", &WRITES)
    }
}

/// The keyword of a list.
fn word<T: Copy>(tokens: &TokenStream, what: &str, known: &[(&str, T)]) -> Result<Word<T>, Error> {
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    let word: Ident = syn::parse2(tokens.clone())
        .map_err(|_| Error::new_spanned(tokens, keyword::unknown(what, &tokens.to_string(), &names)))?;
    let found = known.iter().find(|(name, _)| word == name);
    let (_, meaning) =
        found.ok_or_else(|| Error::new_spanned(&word, keyword::unknown(what, &word.to_string(), &names)))?;
    Ok(Word { meaning: *meaning, word })
}
