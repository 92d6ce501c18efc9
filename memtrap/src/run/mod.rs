//! Running tests.
#![forbid(unsafe_code)]

mod isolated;
mod terminal;
mod this_test;

pub(crate) use terminal::{colour_panics, print};
pub(crate) use this_test::ThisTest;

pub use isolated::{isolated, succeeded};
