//! What a file may get wrong: with a warning, or with an error.

use crate::{TINY, tiny};
use memtrap::svd::{Chip, LoadError};

/// A chip of one peripheral with these registers.
fn chip(registers: &str) -> Result<Chip, LoadError> {
    Chip::parse(&format!(
        "<device>\n<name>C</name><width>32</width><size>32</size>\n<peripherals><peripheral>\n<name>P</name>\
         <baseAddress>0x40000000</baseAddress>\n<registers>\n{registers}\n</registers></peripheral></peripherals></device>"
    ))
}

fn register(inner: &str) -> String {
    format!("<register><name>R</name><addressOffset>0</addressOffset>{inner}</register>")
}

fn field(inner: &str) -> String {
    register(&format!("<fields>\n<field><name>F</name>{inner}</field></fields>"))
}

#[test]
fn a_file_without_mistakes_has_no_warnings() {
    assert_eq!(tiny().warnings(), []);
}

#[test]
fn what_others_accept_is_accepted_with_a_warning() {
    let cases = [
        (register("<access>Read-Only</access>"), "line 6, register `P.R`: `access` is not spelled like that: `Read-Only`"),
        (register("<access>rw</access>"), "line 6, register `P.R`: `access` is not spelled like that: `rw`"),
        (register("<access/>"), "line 6, register `P.R`: `access` is empty: it is ignored"),
        (register("<size>24</size>"), "line 6, register `P.R`: has 24 bits: it is accessed as one of 32"),
        (register("<size>128</size>"), "line 6, register `P.R`: has 128 bits: it is read as an array of words"),
        (
            register("<size>8</size><resetValue>0x123</resetValue>"),
            "line 6, register `P.R`: has 8 bits, but `resetValue` is 0x123: the rest is ignored",
        ),
        (register("<resetValue>0x1234_5678</resetValue>"), "line 6, register `P.R`: `resetValue` has underscores: `0x1234_5678`"),
        (register("<resetValue>10UL</resetValue>"), "line 6, register `P.R`: `resetValue` has a suffix of C: `10UL`"),
        (field("<bitRange>3:0</bitRange>"), "line 7, field `P.R.F`: `bitRange` is not in brackets: `3:0`"),
        (field("<bitRange>[0:3]</bitRange>"), "line 7, field `P.R.F`: has its bits in the wrong order: 0 is below 3"),
        (field("<bitOffset>3</bitOffset>"), "line 7, field `P.R.F`: has no `bitWidth`: it is one bit"),
        (
            field("<bitRange>[35:30]</bitRange>"),
            "line 7, field `P.R.F`: ends behind bit 31 of its register: it is cut",
        ),
        (
            field("<bitRange>[40:40]</bitRange>"),
            "line 7, field `P.R.F`: begins at bit 40 of a register of 32: it is ignored",
        ),
        (
            field("<bitRange>[1:0]</bitRange></field>\n<field><name>G</name><bitRange>[2:1]</bitRange>"),
            "line 8, field `P.R.G`: overlaps another field: the first decides what accesses do to the bits",
        ),
        (
            field("<bitRange>[0:0]</bitRange><enumeratedValues><enumeratedValue><name>X</name><value>2</value></enumeratedValue></enumeratedValues>"),
            "line 7, enumeratedValue `P.R.F.X`: is 0x2, which the field cannot hold: it is ignored",
        ),
        (
            "<register><name>R%s</name><addressOffset>0</addressOffset></register>".to_owned(),
            "line 6, register `P.R%s`: has `%s` in its name but no `dim`: it is no array",
        ),
        (
            register("<dim>2</dim><dimIncrement>4</dimIncrement>"),
            "line 6, register `P.R`: is an array without `%s` in its name: the index is put behind it",
        ),
        (
            "<register><name>R%s</name><addressOffset>0</addressOffset><dim>3</dim><dimIncrement>4</dimIncrement><dimIndex>0-1</dimIndex></register>"
                .to_owned(),
            "line 6, register `P.R%s`: has 3 elements, but `dimIndex` is `0-1`: they are numbered from 0",
        ),
    ];
    for (text, expected) in cases {
        let chip = chip(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let warnings: Vec<_> = chip.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings, [expected], "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_an_error() {
    let cases = [
        ("<register><addressOffset>0</addressOffset></register>".to_owned(), "line 6, register `P`: has no `name`"),
        ("<register><name>R</name></register>".to_owned(), "line 6, register `P.R`: has no `addressOffset`"),
        (
            "<register><name>R</name><addressOffset>here</addressOffset></register>".to_owned(),
            "line 6, register `P.R`: `addressOffset` is not a number: `here`",
        ),
        (register("<size>0</size>"), "line 6, register `P.R`: has 0 bits; `size` is from 1 to 32768"),
        (
            register("<access>maybe</access>"),
            "line 6, register `P.R`: `access` is `maybe`, and not one of read-only, write-only, read-write, writeOnce, read-writeOnce",
        ),
        (
            register("<dim>100000</dim><dimIncrement>4</dimIncrement>"),
            "line 6, register `P.R`: has 100000 elements; `dim` is from 1 to 65536",
        ),
        (register("<dim>2</dim>"), "line 6, register `P.R`: is an array without `dimIncrement`"),
        (field(""), "line 7, field `P.R.F`: does not say which bits it has"),
        (field("<bitRange>[a:b]</bitRange>"), "line 7, field `P.R.F`: `bitRange` is not `[msb:lsb]`: `[a:b]`"),
        (
            field("<bitRange>[3:0]</bitRange><writeConstraint><range><minimum>4</minimum><maximum>2</maximum></range></writeConstraint>"),
            "line 7, field `P.R.F`: may be written from 0x4 to 0x2: no value is",
        ),
        (
            "<register derivedFrom=\"Q\"><name>R</name></register>".to_owned(),
            "line 6, register `P.R`: is derived from the register `Q`, which the file does not have",
        ),
        (
            "<register derivedFrom=\"S\"><name>R</name></register>\n<register derivedFrom=\"R\"><name>S</name></register>".to_owned(),
            "line 6, register `P.R`: is derived from itself",
        ),
    ];
    for (text, expected) in cases {
        let error = chip(&text).expect_err(&text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_description_of_a_chip_is_an_error() {
    let cases = [
        ("", "line 1, the file: this is not XML: the document does not have a root node"),
        ("<svd/>", "line 1, `svd`: this is not a CMSIS-SVD file, whose outermost element is `device`"),
        ("<device/>", "line 1, `device`: has no `peripherals`"),
        ("<device><name>X</name>\n<peripherals/></device>", "line 2, `peripherals`: there is no peripheral"),
        (
            "<device><addressUnitBits>16</addressUnitBits></device>",
            "line 1, `device`: `addressUnitBits` is 16: an address of this chip is not that of a byte",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(Chip::parse(text).expect_err(text).to_string(), expected);
    }
    let error = Chip::parse("<!DOCTYPE x [<!ENTITY a \"b\">]><device/>").expect_err("entities can explode").to_string();
    assert!(error.starts_with("line 1, the file: this is not XML: "), "{error}");
    let error = Chip::load("no such file.svd").expect_err("there is no such file").to_string();
    assert!(error.starts_with("no such file.svd cannot be read: "), "{error}");
    assert!(Chip::parse(&TINY.replace("</device>", "")).is_err());
}

#[test]
fn arrays_in_arrays_end() {
    let mut text = "<register><name>R%s</name><dim>60000</dim><dimIncrement>4</dimIncrement><addressOffset>0</addressOffset></register>".to_owned();
    for level in 0..6 {
        text = format!(
            "<cluster><name>C{level}%s</name><dim>60000</dim><dimIncrement>4</dimIncrement><addressOffset>0</addressOffset>{text}</cluster>"
        );
    }
    let error = chip(&text).expect_err("there are 10^33 registers").to_string();
    assert_eq!(
        error,
        "line 6, register `P.C5%s.C4%s.C3%s.C2%s.C1%s.C0%s.R%s`: the chip has more than 500000 registers"
    );
    let mut text = register("");
    for _ in 0..20 {
        text = format!("<cluster><name>C</name><addressOffset>0</addressOffset>{text}</cluster>");
    }
    let error = chip(&text).expect_err("it is too deep").to_string();
    assert!(error.ends_with(": lies in 16 other clusters"), "{error}");
    let deep = "<a>".repeat(200_000);
    assert!(Chip::parse(&deep).is_err());
}
