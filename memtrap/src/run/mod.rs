//! Running tests.
#![forbid(unsafe_code)]

mod isolated;

pub use isolated::{isolated, succeeded};
