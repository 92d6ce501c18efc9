use super::*;
use crate::{
    map::{AccessKind, Register, Width},
    trace::{any_read, write},
};

static MAP: RegisterMap = RegisterMap::new("d", 0x10, Width::U32, {
    const REGISTERS: &[Register] = &[
        Register::new("a", 0x0, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("b", 0x4, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("c", 0x8, Width::U32, AccessKind::ReadWrite, 0),
    ];
    REGISTERS
});

/// Whether the script takes these accesses and is complete afterwards; `wa1` is a write of 1 to `a`.
fn takes(script: &Step, accesses: &str) -> bool {
    let mut left = vec![script.clone()];
    for access in accesses.split_whitespace() {
        let letters: Vec<_> = access.chars().collect();
        let seen = Seen {
            direction: if letters[0] == 'r' { Direction::Read } else { Direction::Write },
            region: "d",
            registers: Some(&MAP),
            offset: 4 * ['a', 'b', 'c'].iter().position(|name| *name == letters[1]).expect("a, b or c"),
            value: letters.get(2).and_then(|digit| digit.to_digit(10)).unwrap_or(0).into(),
        };
        left = left.iter().flat_map(|step| step.after(&seen)).collect();
    }
    left.iter().any(Step::may_end)
}

#[track_caller]
fn check(script: Step, taken: &[&str], refused: &[&str]) {
    for accesses in taken {
        assert!(takes(&script, accesses), "{accesses}");
    }
    for accesses in refused {
        assert!(!takes(&script, accesses), "{accesses}");
    }
}

#[test]
fn a_sequence_is_in_order_and_complete() {
    check(seq![write("a"), read("b")], &["wa rb"], &["", "wa", "rb wa", "wa rb rb", "ra rb", "wa rc"]);
    check(seq![], &[""], &["wa"]);
}

#[test]
fn any_order_takes_each_step_once_and_whole() {
    check(
        any_order![write("a"), seq![write("b"), write("c")]],
        &["wa wb wc", "wb wc wa"],
        &["wb wa wc", "wa wa wb wc", "wa wb", "wc wb wa"],
    );
}

#[test]
fn a_step_is_repeated_so_often() {
    check(write("a").times(2), &["wa wa"], &["wa", "wa wa wa"]);
    check(seq![write("a").times(..=2), write("b")], &["wb", "wa wb", "wa wa wb"], &["wa wa wa wb", "wa"]);
    check(seq![write("a"), read("b")].times(1..), &["wa rb", "wa rb wa rb"], &["", "wa rb wa"]);
    check(write("a").times(0), &[""], &["wa"]);
}

#[test]
fn optional_steps_that_look_alike_are_told_apart_by_what_follows() {
    check(
        seq![write("a").times(..=1), write("a").of(1), write("b")],
        &["wa1 wb", "wa1 wa1 wb", "wa2 wa1 wb"],
        &["wa2 wb", "wa1 wa2 wb"],
    );
}

#[test]
fn a_poll_ends_with_the_first_read_that_matches() {
    let script = || seq![poll(read("a").with_clear(1)), write("b")];
    check(script(), &["ra0 wb", "ra1 ra1 ra3 ra2 wb"], &["wb", "ra1 wb", "ra0 ra0 wb", "ra1 wb ra0"]);
}

#[test]
fn a_modification_writes_what_was_read_with_some_bits_replaced() {
    check(modify("a", 0b011, 0b010), &["ra5 wa6", "ra0 wa2", "ra7 wa6"], &["ra5 wa5", "ra5", "wa2", "ra5 wb6"]);
}

#[test]
fn an_answer_is_part_of_the_expectation() {
    check(read("a").returns(3), &["ra3"], &["ra4", "wa3"]);
}

#[test]
fn a_function_may_return_a_step_that_is_used_twice() {
    let unlock = || seq![write("a").of(1), write("a").of(2)];
    check(seq![unlock(), write("b"), unlock()], &["wa1 wa2 wb wa1 wa2"], &["wa1 wa2 wb wa1"]);
}

#[test]
fn what_may_come_next_is_known() {
    let next = |step: Step| step.next().iter().map(|expected| expected.pattern.to_string()).collect::<Vec<_>>();
    assert_eq!(next(seq![write("a").times(..), write("b"), write("c")]), ["write of `a`", "write of `b`"]);
    assert_eq!(next(any_order![write("a"), modify("b", 1, 1)]), ["write of `a`", "read of `b`"]);
    assert_eq!(next(seq![any_read().times(0)]), [""; 0]);
}

#[test]
fn an_expectation_knows_its_line() {
    let step = modify("a", 1, 1);
    assert!(step.next()[0].to_string().ends_with(&format!("tests.rs:{})", line!() - 1)), "{:?}", step.next());
}
