//! What the attributes accept: a module a case, which is compiled under the lints of a strict user and runs. Lints of what
//! is expanded would be those of the user's code, and clippy sees them here.
#![deny(warnings, clippy::pedantic)]
#![allow(unreachable_pub, reason = "blocks are public as a library's are")]

/// For the cases in which the crate has another name: it is one for every module here.
pub extern crate memtrap as renamed;

use std::{collections::BTreeSet, fs, path::Path};

mod arrays;
mod effects_in_function;
mod empty;
mod generic_context;
mod in_function;
mod language;
mod minimal;
mod names_of_generated_items;
mod nested_blocks;
mod nested_without_prelude;
mod no_prelude;
mod raw_identifiers;
mod register_in_function;
mod renamed_crate;
mod repr_c;
mod shared_view;
mod values_without_debug;
mod visibility;

#[test]
fn no_case_is_missing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("pass");
    let cases = fs::read_dir(root).expect("there are cases").map(|entry| entry.expect("readable").path());
    let cases: BTreeSet<_> =
        cases.map(|path| path.file_stem().expect("a file").to_string_lossy().into_owned()).collect();
    let source = include_str!("main.rs");
    let modules = source.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    assert_eq!(cases, modules.chain(["main"]).map(str::to_owned).collect());
}
