use super::{
    super::testing::{self, note, trace},
    *,
};

fn sample() -> Trace {
    trace([
        testing::write(1, 0x00, 0x68),
        testing::read(2, 0x18, 0x90),
        note(2, "polled"),
        testing::write(3, 0x00, 0x69),
        testing::read(4, 0x24, 7),
    ])
}

#[test]
fn accesses_are_counted_and_their_values_listed() {
    let trace = sample();
    assert_eq!(trace.count(&write("dr")), 2);
    assert_eq!(trace.values(&write("dr")), [0x68, 0x69]);
    assert_eq!(trace.count(&write("dr").of(0x69_u8)), 1);
    assert_eq!(trace.count(&read("dr")), 0);
    assert_eq!(trace.values(&read("id")), [7]);
    assert_eq!(trace.accesses().count(), 4, "a note is not an access");
}

#[test]
fn an_order_with_others_in_between_is_accepted() {
    sample().assert_order([write("dr"), read("fr"), write("dr").of(0x69_u8), read("id")]);
    sample().assert_order([]);
}

#[test]
#[should_panic(expected = "memtrap: expected a write of `dr` = 0x68 after the read of `fr`, but there is none in\n#1 ")]
fn an_order_that_does_not_occur_is_reported_with_the_trace() {
    sample().assert_order([read("fr"), write("dr").of(0x68_u8)]);
}

#[test]
#[should_panic(expected = "memtrap: expected a write of `cr`, but there is none in")]
fn an_access_that_never_happens_is_reported() {
    sample().assert_order([write("cr")]);
}

#[test]
fn one_access_does_not_match_twice() {
    let order = std::panic::catch_unwind(|| sample().assert_order([read("fr"), read("fr")]));
    assert!(order.is_err());
}
