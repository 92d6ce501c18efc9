//! Running tests.
#![forbid(unsafe_code)]

mod isolated;
mod this_test;

pub(crate) use this_test::ThisTest;

pub use isolated::{isolated, succeeded};
