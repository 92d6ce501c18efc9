use super::*;
use crate::trace::{any_access, read, write};

#[test]
fn a_plan_reads_as_a_phrase() {
    let phrase = |fault: Fault| fault.to_string();
    assert_eq!(phrase(on(write("cr")).drop_write()), "write of `cr`: write dropped");
    assert_eq!(phrase(on(any_access()).nth(4).bus_error()), "access of any register number 4: bus error");
    assert_eq!(phrase(on(read("fr")).nth(2..).stuck_at(0x20)), "read of `fr` from number 2: stuck at 0x20");
    assert_eq!(phrase(on(read("fr")).nth(2..4).flip_bit(5)), "read of `fr` number 2 to 3: bit 5 flipped");
    let condition = on(read("fr")).when(|_, value| value == 0).delay(Duration::from_millis(2));
    assert_eq!(phrase(condition), "read of `fr` under a condition: delayed by 2ms");
}

#[test]
fn writes_are_not_dropped_from_reads() {
    assert!(!FaultKind::DropWrite.strikes(Direction::Read) && !FaultKind::DoubleWrite.strikes(Direction::Read));
    assert!(FaultKind::DropWrite.strikes(Direction::Write) && FaultKind::BusError.strikes(Direction::Read));
}

#[test]
#[should_panic(expected = "memtrap: no register has a bit 64")]
fn there_are_64_bits() {
    let _fault = on(read("fr")).flip_bit(64);
}
