use super::{
    super::{
        pattern::{any_write, read, write},
        testing::{self, trace},
    },
    *,
};

/// A write of `dr`, many reads of `fr`, a write of `dr`, a read of `id[1]`.
fn sample() -> Trace {
    let mut events = vec![testing::write(1, 0x00, 0x68)];
    events.extend((2..30).map(|sequence| testing::read(sequence, 0x18, sequence)));
    events.extend([testing::write(30, 0x00, 0x69), testing::read(31, 0x24, 7)]);
    trace(events)
}

/// The panic of a claim that is wrong.
fn wrong(claim: Claim) -> String {
    let panic = std::panic::catch_unwind(|| sample().assert(claim)).expect_err("the claim is wrong");
    *panic.downcast::<String>().expect("a report is text")
}

#[test]
fn true_claims_pass() {
    let trace = sample();
    trace.assert(first(write("dr")).precedes(first(read("fr"))));
    trace.assert(last(read("fr")).precedes(last(write("dr"))));
    trace.assert(nth(28, read("fr")).precedes(nth(2, write("dr"))));
    trace.assert(never(write("fr")));
    trace.assert(once(read("id")));
    trace.assert(times(read("fr"), 28));
    trace.assert(times(any_write(), 1..=2));
    trace.assert(order([write("dr"), read("fr"), write("dr").of(0x69), read("id")]));
    trace.assert_order([]);
}

#[test]
fn a_wrong_order_of_moments_shows_both() {
    assert_eq!(
        wrong(first(write("dr").of(0x69)).precedes(first(read("fr")))),
        "memtrap: expected the first write of `dr` = 0x69 before the first read of `fr`, but it comes later\n\
         \x20 #1     W uart.dr     0x00000068\n\
         > #2     R uart.fr     0x0002\n\
         \x20 #3     R uart.fr     0x0003\n\
         \x20 #4     R uart.fr     0x0004\n\
         \x20 .. 23 events\n\
         \x20 #28    R uart.fr     0x001c\n\
         \x20 #29    R uart.fr     0x001d\n\
         > #30    W uart.dr     0x00000069\n\
         \x20 #31    R uart.id[1]  0x07\n"
    );
}

#[test]
fn a_moment_that_does_not_exist_is_named() {
    let report = wrong(first(read("dr")).precedes(first(read("fr"))));
    assert!(report.starts_with(
        "memtrap: expected the first read of `dr` before the first read of `fr`, but there is no first read of `dr`\n"
    ));
    let report = wrong(first(read("fr")).precedes(nth(3, write("dr"))));
    assert!(report.contains("but there is no write of `dr` number 3\n"), "{report}");
}

#[test]
fn what_should_not_be_there_is_marked() {
    let report = wrong(never(write("dr").of(0x69)));
    assert!(report.starts_with("memtrap: expected a write of `dr` = 0x69 never, but there is one\n"), "{report}");
    let marked: Vec<_> = report.lines().filter(|line| line.starts_with('>')).collect();
    assert_eq!(marked, ["> #30    W uart.dr     0x00000069"]);
}

#[test]
fn of_many_offenders_the_first_and_last_are_shown() {
    let report = wrong(times(read("fr"), ..10));
    assert!(report.starts_with("memtrap: expected a read of `fr` at most 9 times, but there are 28\n"), "{report}");
    assert!(report.lines().count() < 25, "{report}");
    assert!(report.contains("> #2 ") && report.contains("> #29 "), "{report}");
}

#[test]
fn for_what_is_missing_accesses_to_the_same_register_are_shown() {
    let report = wrong(once(read("dr")));
    assert!(report.starts_with("memtrap: expected a read of `dr` once, but there is none\n"), "{report}");
    assert!(report.contains("  #1     W uart.dr") && report.contains("  #30    W uart.dr"), "{report}");
    assert!(!report.contains('>'), "{report}");
}

#[test]
fn a_missing_step_of_an_order_is_named_with_the_one_before() {
    let report = wrong(order([read("fr"), write("dr").of(0x68)]));
    assert!(
        report.starts_with(
            "memtrap: expected a write of `dr` = 0x68 after the read of `fr`, but there is none\n  #1     W uart.dr"
        ),
        "{report}"
    );
    assert!(
        wrong(order([read("id"), read("id")])).contains("a read of `id` after the read of `id`"),
        "no access twice"
    );
}

#[test]
#[should_panic(expected = "has a register `crr`")]
fn a_misspelt_name_is_not_a_true_claim() {
    sample().assert(never(write("crr")));
}

#[test]
#[should_panic(expected = "memtrap: the trace has lost its first 7 events")]
fn nothing_is_claimed_of_an_incomplete_trace() {
    let mut trace = sample();
    trace.dropped = 7;
    trace.assert(never(write("fr")));
}
