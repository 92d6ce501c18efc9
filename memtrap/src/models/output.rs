//! Interrupt outputs.

use crate::bus::Context;

/// An interrupt output of a device, and the bus's line that it drives, if it is connected.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Output(Option<u32>);

impl Output {
    /// One that drives a line.
    pub(super) fn to(line: u32) -> Self {
        Self(Some(line))
    }

    /// Asserts the output, or does not.
    pub(super) fn set(self, asserted: bool, cx: &mut Context<'_>) {
        match self.0 {
            Some(line) if asserted => cx.raise(line),
            Some(line) => cx.lower(line),
            None => {}
        }
    }
}
