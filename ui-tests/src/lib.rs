//! What the attribute macros accept, and what they say about mistakes: `pass/` and `fail/<topic>/`, one idea a file.
//!
//! The library itself holds blocks under every lint of a strict user.
#![deny(warnings, missing_docs, clippy::pedantic, unreachable_pub, missing_debug_implementations)]
#![forbid(unsafe_code)]

pub mod strict;
