//! The attribute macros of memtrap.
//!
//! An expansion passes through four phases, each in its folder: `attributes` turns tokens into options with spans,
//! `model` builds the register block from them, `check` holds one rule a file, and `expand`, which cannot fail, turns the
//! block into tokens. Errors are collected; a phase that found some ends the work, and what is expanded then is a block
//! without checks, so that code that uses it causes no further errors.
#![forbid(unsafe_code)]

mod attributes;
mod check;
mod expand;
#[cfg(test)]
mod hygiene;
mod isolated_test;
mod model;
mod pipeline;
mod report;

use proc_macro::TokenStream;

/// Turns a struct that describes the registers of a device into a handle to them.
///
/// See the documentation of `memtrap::simulated`.
#[proc_macro_attribute]
pub fn simulated(options: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::simulated(options.into(), item.into()).into()
}

/// Turns a struct that describes the bits of a register into its value type.
///
/// See the documentation of `memtrap::register`.
#[proc_macro_attribute]
pub fn register(options: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::register(options.into(), item.into()).into()
}

/// Makes an enumeration the value of a field.
///
/// See the documentation of `memtrap::FieldEnum`.
#[proc_macro_derive(FieldEnum, attributes(other, field_enum))]
pub fn field_enum(item: TokenStream) -> TokenStream {
    pipeline::field_enum(item.into()).into()
}

/// Runs a test in a process of its own.
///
/// See the documentation of `memtrap::test`.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    isolated_test::isolated_test(options.into(), item.into()).into()
}
