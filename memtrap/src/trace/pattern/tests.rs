use super::{super::testing, *};
use crate::trace::Trace;

fn sample() -> Trace {
    testing::trace([
        testing::write(1, 0x00, 0x341),
        testing::read(2, 0x18, 0x90),
        testing::read(3, 0x28, 7),
        testing::read(4, 0x02, 7),
        testing::read(5, 0x80, 7),
    ])
}

/// Sequence numbers of the accesses that match.
fn found(pattern: Pattern) -> Vec<u64> {
    sample().events().iter().filter(|event| pattern.matches(event)).map(|event| event.sequence).collect()
}

#[test]
fn a_register_is_named_as_the_trace_prints_it() {
    assert_eq!(found(read("fr")), [2]);
    assert_eq!(found(read("uart.fr")), [2]);
    assert_eq!(found(read("timer.fr")), [0; 0]);
    assert_eq!(found(read("id")), [3]);
    assert_eq!(found(read("id[2]")), [3]);
    assert_eq!(found(read("uart.id[1]")), [0; 0]);
    assert_eq!(found(access("dr")), [1, 4]);
    assert_eq!(found(access("dr+2")), [4]);
    assert_eq!(found(access("dr+0")), [1]);
    assert_eq!(found(read("+0x80")), [5]);
    assert_eq!(found(read("uart+0x080")), [5]);
    assert_eq!(found(read("+0x18")), [2], "also where there is a name");
    assert_eq!(found(read("d")), [0; 0], "no part of a name");
}

#[test]
fn directions_are_told_apart() {
    assert_eq!(found(write("dr")), [1]);
    assert_eq!(found(read("dr")), [4]);
    assert_eq!(found(any_read()), [2, 3, 4, 5]);
    assert_eq!(found(any_write()), [1]);
    assert_eq!(found(any_access()), [1, 2, 3, 4, 5]);
}

#[test]
fn values_are_compared_whole_or_under_a_mask() {
    assert_eq!(found(write("dr").of(0x341)), [1]);
    assert_eq!(found(write("dr").of(0x41_u8)), [0; 0]);
    assert_eq!(found(write("dr").with_bits(0xff, 0x41)), [1]);
    assert_eq!(found(write("dr").with_set(0x300)), [1]);
    assert_eq!(found(write("dr").with_set(0x380)), [0; 0]);
    assert_eq!(found(write("dr").with_clear(0x80)), [1]);
    assert_eq!(found(write("dr").with_clear(0x81)), [0; 0]);
    assert_eq!(found(write("dr").with_set(1).with_clear(2)), [1]);
    assert_eq!(found(write("dr").with_set(1).with_set(2)), [0; 0]);
}

#[test]
#[should_panic(expected = "memtrap: the value of a register is not negative")]
fn a_negative_literal_is_a_mistake() {
    let _pattern = write("dr").of(-1);
}

#[test]
fn a_name_that_no_region_has_is_a_mistake() {
    let trace = sample();
    let unknown = |name| read(name).unknown(trace.regions());
    for name in ["dr", "uart.dr", "id[3]", "uart.id", "dr+2", "+0x20", "raw+0x004", "uart+0xfc"] {
        assert_eq!(unknown(name), None);
    }
    let message = unknown("crr").expect("there is no such register");
    assert_eq!(message, "no region of this bus has a register `crr`: there are dr, fr, id");
    for name in ["id[4]", "timer.dr", "drx", "dr[0]", "raw.dr", "raw+0x010", "id[x]", ""] {
        assert!(unknown(name).is_some(), "{name}");
    }
}

#[test]
fn a_pattern_reads_as_a_phrase() {
    assert_eq!(write("cr").of(0x301_u32).with_article(), "a write of `cr` = 0x301");
    assert_eq!(access("cr").with_set(1).with_article(), "an access of `cr` & 0x1 = 0x1");
    assert_eq!(any_read().to_string(), "read of any register");
}

#[test]
fn a_pattern_knows_where_it_was_written() {
    assert_eq!(write("cr").of(1).location().line(), line!());
}
