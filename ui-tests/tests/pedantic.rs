//! The passing cases as modules of one crate, so that clippy sees what the attributes make of them: a lint of what is expanded would
//! be one of the user's code. It is run on all targets, and does not see what `ui.rs` compiles.
#![deny(warnings, clippy::pedantic)]
#![allow(dead_code, unreachable_pub, unused_qualifications, reason = "the cases are programs, which `ui.rs` runs")]

use std::{collections::BTreeSet, fs, path::Path};

#[path = "../pass/arrays.rs"]
mod arrays;
#[path = "../pass/effects_in_function.rs"]
mod effects_in_function;
#[path = "../pass/empty.rs"]
mod empty;
#[path = "../pass/generic_context.rs"]
mod generic_context;
#[path = "../pass/in_function.rs"]
mod in_function;
#[path = "../pass/language.rs"]
mod language;
#[path = "../pass/minimal.rs"]
mod minimal;
#[path = "../pass/names_of_generated_items.rs"]
mod names_of_generated_items;
#[path = "../pass/nested_blocks.rs"]
mod nested_blocks;
#[path = "../pass/raw_identifiers.rs"]
mod raw_identifiers;
#[path = "../pass/register_in_function.rs"]
mod register_in_function;
#[path = "../pass/repr_c.rs"]
mod repr_c;
#[path = "../pass/shared_view.rs"]
mod shared_view;
#[path = "../pass/values_without_debug.rs"]
mod values_without_debug;

/// The cases that are no modules: they name their own crate.
const CRATES: [&str; 4] = ["nested_without_prelude", "no_prelude", "renamed_crate", "visibility"];

#[test]
fn no_case_is_missing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("pass");
    let cases = fs::read_dir(root).expect("there are cases").map(|entry| entry.expect("readable").path());
    let cases: BTreeSet<_> =
        cases.map(|path| path.file_stem().expect("a file").to_string_lossy().into_owned()).collect();
    let source = include_str!("pedantic.rs");
    let modules = source.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    assert_eq!(cases, modules.chain(CRATES).map(str::to_owned).collect());
}
