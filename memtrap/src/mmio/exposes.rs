//! The types of what an attribute makes public.
#![forbid(unsafe_code)]

/// A type that is as public as `Self`, because the compiler refuses an associated type that is not.
///
/// It does not lint expanded code, so that a public accessor of a private type would go unnoticed.
pub trait Exposes<const INDEX: usize> {
    /// The type of a public register, nested block or field.
    type Type;
}
