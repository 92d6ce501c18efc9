//! The cases themselves: complete, and with exact spans.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The mistakes that must be a clear error, by number, each with its cases.
const MISTAKES: &[(u8, &str, &[&str])] = &[
    (
        1,
        "not a struct with named fields",
        &["shape/not_a_struct", "shape/not_a_type", "shape/tuple_struct", "shape/unit_struct"],
    ),
    (2, "generics or lifetimes", &["shape/generic"]),
    (3, "a field without `#[reg]`", &["keys/missing_reg", "repr/unnamed_gap"]),
    (4, "two `#[reg]` on a field", &["keys/two_regs"]),
    (5, "no offset", &["keys/missing_offset", "keys/empty_reg"]),
    (6, "an offset that is no integer", &["keys/offset_not_literal", "keys/offset_text"]),
    (7, "a misaligned offset", &["layout/misaligned", "layout/by_type"]),
    (8, "an overlap", &["layout/overlap", "layout/overlap_array"]),
    (
        9,
        "`overlaps(..)` with what does not overlap, is not there or cannot be told apart",
        &["banked/overlaps_unknown", "banked/indistinct", "banked/nested"],
    ),
    (10, "outside the block", &["layout/outside"]),
    (11, "no access keyword", &["keys/missing_access"]),
    (12, "a misspelt keyword", &["keys/unknown_key", "keys/unknown_option", "effects/unknown"]),
    (13, "a key given twice", &["keys/duplicate_key", "keys/duplicate_option", "keys/two_accesses"]),
    (14, "conflicting access", &["effects/write_of_ro", "effects/value_written"]),
    (
        15,
        "`modify` where it is no plain read and write",
        &["access/modify_wo", "access/modify_pop", "access/modify_w1c"],
    ),
    (16, "an access that is not permitted", &["access/write_ro", "access/read_wo"]),
    (
        17,
        "a reset value or constant that does not fit",
        &["layout/reset_too_large", "layout/reset_by_type", "layout/reset_reserved", "effects/constant_too_large"],
    ),
    (18, "a constant of another length", &["effects/constant_length"]),
    (
        19,
        "no register value",
        &[
            "values/not_a_value",
            "values/unimplemented",
            "values/not_copy",
            "values/usize",
            "values/signed",
            "values/too_wide",
            "values/bits_too_wide",
        ],
    ),
    (20, "wider than the bus", &["layout/too_wide", "layout/too_wide_by_type"]),
    (21, "an impossible stride", &["layout/stride"]),
    (22, "an array without elements, or with too many", &["layout/no_elements", "layout/too_many_elements"]),
    (
        23,
        "`state =` of a register that is not there or does not fit",
        &["effects/state_unknown", "effects/state_cyclic", "effects/state_width"],
    ),
    (
        24,
        "`value =` of registers that cannot be used",
        &["effects/value_cyclic", "effects/value_unknown", "effects/value_unusable", "effects/value_write_only"],
    ),
    (25, "a nested block that is none, or contains itself", &["blocks/not_a_block", "blocks/recursive"]),
    (26, "`when =` of a field that is not there or has several bits", &["banked/when_unknown", "banked/when_path"]),
    (27, "impossible bits", &["bits/outside", "bits/reversed", "bits/empty"]),
    (28, "bits that overlap", &["bits/overlap", "bits/alias"]),
    (29, "a field type of another width", &["bits/bool_of_two_bits", "bits/type_too_narrow"]),
    (30, "an enumeration that does not fit its bits", &["enums/too_large", "enums/not_total", "enums/duplicate"]),
    (31, "a bitwise policy on an enumeration", &["bits/policy_of_enum"]),
    (32, "reserved bits", &["bits/reserved"]),
    (
        33,
        "a name clash",
        &["names/method", "names/same_name", "names/same_case", "names/raw", "bits/names", "blocks/names"],
    ),
    (34, "an attribute that would be ignored", &["shape/derive", "shape/repr", "shape/unknown_attribute"]),
    (35, "a public register of a private type", &["values/private"]),
    (36, "the runtime crate is not reachable", &["keys/crate_not_found"]),
];

fn files(extension: &str) -> BTreeSet<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let topics = fs::read_dir(root).expect("there are cases").map(|entry| entry.expect("readable").path());
    topics
        .flat_map(|topic| fs::read_dir(topic).expect("a topic is a folder"))
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.with_extension(""))
        .collect()
}

#[test]
fn every_mistake_has_its_cases() {
    assert!(MISTAKES.iter().map(|(number, ..)| *number).eq(1..=36));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let cases = files("rs");
    for (number, mistake, names) in MISTAKES {
        for name in *names {
            assert!(cases.contains(&root.join(name)), "mistake {number} ({mistake}) has no case `{name}`");
        }
    }
}

#[test]
fn every_case_has_its_output_and_every_output_its_case() {
    assert_eq!(files("rs"), files("stderr"));
}

/// A caret of one character under a longer token means that an error lost its span.
#[test]
fn errors_underline_whole_tokens() {
    for case in files("stderr") {
        let text = fs::read_to_string(case.with_extension("stderr")).expect("the output is there");
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let (Some((_, source)), Some((_, marks))) = (pair[0].split_once("| "), pair[1].split_once("| ")) else {
                continue;
            };
            let marked = marks.trim_end().find('^').filter(|_| marks.matches('^').count() == 1);
            // The last line of a span of several lines.
            let is_multiline = marks.trim_start().starts_with('|');
            let Some(column) = marked.filter(|_| !is_multiline) else { continue };
            let part_of_word = |index: usize| {
                source.chars().nth(index).is_some_and(|character| character.is_alphanumeric() || character == '_')
            };
            // `!field`, `#[attribute]`, `[list]`: the caret is under the first of several tokens.
            let opens = source.chars().nth(column).is_some_and(|character| "!#&-[({:\"".contains(character));
            let follows = source.chars().nth(column + 1).is_some_and(|character| !character.is_whitespace());
            assert!(
                !(opens && follows)
                    && (!part_of_word(column)
                        || !part_of_word(column + 1) && (column == 0 || !part_of_word(column - 1))),
                "{}: one caret under a longer token\n{}\n{}",
                case.display(),
                pair[0],
                pair[1]
            );
        }
    }
}
