//! A key that may be given once.

use crate::report::Report;
use proc_macro2::Ident;

/// What a key was given, with the key itself.
pub(crate) struct Slot<T>(Option<(Ident, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Slot<T> {
    /// Keeps the value; a second one for the same key is an error, and the first stays.
    pub(crate) fn set(&mut self, key: &Ident, value: Option<T>, report: &mut Report) {
        if self.0.is_some() {
            report.error(key, format!("`{key}` is given twice: remove one"));
        } else if let Some(value) = value {
            self.0 = Some((key.clone(), value));
        }
    }

    pub(crate) fn into_value(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}
