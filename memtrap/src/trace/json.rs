//! A writer of JSON text: what the exporters need, which is less than a serialisation framework.

use std::fmt::{self, Write as _};

/// JSON text in the making. Commas are set by it, nesting is the caller's.
#[derive(Debug, Default)]
pub(super) struct Json(String);

impl Json {
    pub(super) fn finish(mut self) -> String {
        self.0.push('\n');
        self.0
    }

    /// Writes `{`, the members and `}`.
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.nested('{', '}', members);
    }

    /// Writes `[`, the elements and `]`.
    pub(super) fn array(&mut self, elements: impl FnOnce(&mut Self)) {
        self.nested('[', ']', elements);
    }

    /// Begins a new line, so that lists can be compared line by line.
    pub(super) fn line(&mut self) {
        self.separate();
        self.0.push('\n');
    }

    /// Writes the name of a member; the value comes next.
    pub(super) fn key(&mut self, name: &str) -> &mut Self {
        self.string(name);
        self.0.push(':');
        self
    }

    pub(super) fn number(&mut self, value: impl Into<u64>) {
        self.raw(value.into());
    }

    pub(super) fn size(&mut self, value: usize) {
        self.raw(value);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.raw(value);
    }

    pub(super) fn string(&mut self, text: impl fmt::Display) {
        self.separate();
        self.0.push('"');
        for letter in text.to_string().chars() {
            match letter {
                '"' | '\\' => self.0.extend(['\\', letter]),
                '\n' => self.0.push_str("\\n"),
                control if control < ' ' => self.raw_text(format_args!("\\u{:04x}", u32::from(control))),
                other => self.0.push(other),
            }
        }
        self.0.push('"');
    }

    fn nested(&mut self, open: char, close: char, work: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push(open);
        work(self);
        self.0.push(close);
    }

    fn raw(&mut self, value: impl fmt::Display) {
        self.separate();
        self.raw_text(format_args!("{value}"));
    }

    fn raw_text(&mut self, text: fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("a String takes any text");
    }

    /// Writes a comma, unless what comes next is the first of its kind or the value of a member.
    fn separate(&mut self) {
        let begins = |last: char| matches!(last, '{' | '[' | ':' | ',');
        if !self.0.trim_end().chars().next_back().is_none_or(begins) {
            self.0.push(',');
        }
    }
}

#[cfg(test)]
mod tests;
