use super::{
    super::{
        claim::{first, last},
        pattern::{read, write},
        testing::{self, note, trace},
    },
    *,
};

fn sample() -> Trace {
    trace([
        testing::write(1, 0x00, 0x168),
        testing::read(2, 0x18, 0x90),
        note(2, "polled"),
        testing::write(3, 0x00, 0x69),
        testing::read(4, 0x24, 7),
    ])
}

#[test]
fn accesses_are_counted_and_their_values_listed() {
    let trace = sample();
    assert_eq!(trace.count(write("dr")), 2);
    assert_eq!(trace.values(write("dr")), [0x168, 0x69]);
    assert_eq!(trace.count(write("dr").of(0x69_u8)), 1);
    assert_eq!(trace.count(read("dr")), 0);
    assert_eq!(trace.values(read("id")), [7]);
    assert_eq!(trace.accesses().count(), 4, "a note is not an access");
}

#[test]
fn a_selection_is_a_list_of_accesses() {
    let trace = sample();
    let written = trace.writes("dr");
    assert_eq!((written.len(), written.is_empty()), (2, false));
    assert_eq!(written.bytes(), [0x68, 0x69]);
    assert_eq!(written.first().map(|access| access.access.sequence), Some(1));
    assert_eq!(written.last().map(|access| access.value), Some(0x69));
    assert_eq!(written.into_iter().count(), 2);
    assert!(trace.reads("uart.dr").is_empty());
}

#[test]
fn a_phase_is_a_trace() {
    let text = sample().after(first(write("dr"))).before(last(write("dr"))).to_string();
    assert_eq!(text, "(1 earlier event)\n#2     R uart.fr  0x0090\n       . uart     polled\n");
}

#[test]
#[should_panic(expected = "memtrap: there is no first write of `fr` in")]
fn a_phase_that_never_begins_is_a_panic() {
    let _phase = sample().after(first(write("fr")));
}

#[test]
fn a_region_is_a_trace() {
    assert_eq!(sample().region("uart").events().len(), 5);
    assert_eq!(sample().region("raw").events().len(), 0);
}

#[test]
#[should_panic(expected = "memtrap: this bus has no region `timer`: there are uart, raw")]
fn a_region_that_does_not_exist_is_a_panic() {
    let _part = sample().region("timer");
}

#[test]
#[should_panic(expected = "memtrap: no region of this bus has a register `data`: there are dr, fr, id (asked for at ")]
fn a_misspelt_register_is_a_panic_and_not_an_empty_list() {
    let _none = sample().writes("data");
}
