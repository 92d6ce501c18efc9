use super::{
    super::{
        Access, Context,
        held::Holder,
        slot::Slot,
        testing::{Recorder, region, span, uart},
    },
    *,
};
use crate::error::BusError;
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

fn report_of(access: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(access)).unwrap_err().downcast::<String>().expect("a report is a string")
}

fn log(slot: &'static Slot<Recorder>) -> Vec<(Direction, usize, usize, u64)> {
    slot.guard(Holder::Guard).expect("nobody holds it").device().log()
}

#[test]
fn a_foreign_address_is_left_to_the_hardware() {
    let nowhere = span(1);
    assert_eq!(read(nowhere, Width::U32), None);
    assert!(!write(nowhere, Width::U32, 1));
}

#[test]
fn an_access_reaches_the_device_and_the_trace() {
    let (mapping, slot, bus) = uart(|_, _| Ok(()));
    assert_eq!(read(mapping.start() + 0x18, Width::U32), Some(0x18));
    assert!(write(mapping.start(), Width::U32, 0x41));
    assert_eq!(log(slot), [(Direction::Read, 0x18, 4, 0x18), (Direction::Write, 0, 4, 0x41)]);
    assert_eq!(bus.trace().to_string(), "#1     R uart.fr  0x00000018\n#2     W uart.dr  0x00000041\n");
}

#[test]
fn an_access_wider_than_the_bus_is_split_as_the_trapped_door_splits_it() {
    let (mapping, slot, _bus) = uart(|_, _| Ok(()));
    assert_eq!(read(mapping.start() + 0x20, Width::U64), Some(0x24_0000_0020));
    assert!(write(mapping.start() + 0x08, Width::U64, 0x1111_2222_3333_4444));
    assert_eq!(
        log(slot),
        [
            (Direction::Read, 0x20, 4, 0x20),
            (Direction::Read, 0x24, 4, 0x24),
            (Direction::Write, 0x08, 4, 0x3333_4444),
            (Direction::Write, 0x0c, 4, 0x1111_2222),
        ]
    );
}

#[test]
fn the_model_is_told_the_line_of_the_accessors_call() {
    let (mapping, slot, _bus) = uart(|_, _| Ok(()));
    let _ = read(mapping.start(), Width::U32);
    let line = line!() - 1;
    let guard = slot.guard(Holder::Guard).expect("nobody holds it");
    let (_, access, _) = guard.device().asked[0];
    let CodeLocation::Source(location) = access.location else { panic!("{:?}", access.location) };
    assert_eq!((location.file(), location.line()), (file!(), line));
}

#[test]
fn a_refusal_panics_with_a_report_and_unlocks_the_device() {
    let (mapping, slot, _bus) = uart(|_, _| Err(BusError::ReadOnly));
    let report = report_of(|| _ = write(mapping.start() + 0x18, Width::U32, 1));
    assert!(report.starts_with("memtrap: write of uart.fr refused: the register is read-only\n"), "{report}");
    assert!(slot.guard(Holder::Guard).is_ok());
}

#[test]
fn an_access_that_runs_past_the_end_of_a_region_is_refused() {
    let start = span(1);
    let (_mapping, slot, _bus) = region(start, 6);
    let report = report_of(|| _ = read(start + 4, Width::U32));
    assert!(report.contains("where no region is mapped"), "{report}");
    assert_eq!(log(slot), []);
}

#[test]
fn a_gap_and_a_retired_region_are_reported() {
    let (mapping, slot, _bus) = uart(|_, _| Ok(()));
    let report = report_of(|| _ = read(mapping.end() + 8, Width::U32));
    assert!(report.contains("the address is 0x8 bytes behind the region uart"), "{report}");
    mapping.retire();
    drop(slot.retire());
    let report = report_of(|| _ = read(mapping.start(), Width::U32));
    assert!(report.starts_with("memtrap: read of uart.dr, whose simulation was dropped before\n"), "{report}");
}

#[test]
fn an_access_while_the_test_holds_the_model_is_reported() {
    let (mapping, slot, _bus) = uart(|_, _| Ok(()));
    let _guard = slot.guard(Holder::Guard);
    let report = report_of(|| _ = read(mapping.start(), Width::U32));
    assert!(report.starts_with("memtrap: read of uart.dr while the test holds its model on this thread\n"), "{report}");
}

thread_local! {
    static ELSEWHERE: Cell<usize> = const { Cell::new(0) };
}

fn access_elsewhere(_: Access, _: &mut Context<'_>) -> Result<(), BusError> {
    let _ = read(ELSEWHERE.get(), Width::U32);
    Ok(())
}

#[test]
fn a_model_that_accesses_its_own_registers_is_reported() {
    let (mapping, ..) = uart(access_elsewhere);
    ELSEWHERE.set(mapping.start() + 0x18);
    let report = report_of(|| _ = read(mapping.start(), Width::U32));
    assert!(
        report.starts_with("memtrap: read of uart.fr while its model answers another access on this thread\n"),
        "{report}"
    );
}

#[test]
fn a_model_may_access_another_device() {
    let (inner, slot, _inner_bus) = uart(|_, _| Ok(()));
    let (outer, ..) = uart(access_elsewhere);
    ELSEWHERE.set(inner.start() + 0x18);
    assert_eq!(read(outer.start(), Width::U32), Some(0));
    assert_eq!(log(slot), [(Direction::Read, 0x18, 4, 0x18)]);
}

#[test]
fn an_earlier_report_is_raised_after_the_access_but_not_inside_a_model() {
    let (inner, slot, inner_bus) = uart(|_, _| Ok(()));
    let (outer, ..) = uart(access_elsewhere);
    ELSEWHERE.set(inner.start());
    inner_bus.defer(|| "memtrap: an earlier report".to_owned());
    assert_eq!(read(outer.start(), Width::U32), Some(0));
    assert_eq!(report_of(|| _ = read(inner.start(), Width::U32)), "memtrap: an earlier report");
    assert_eq!(log(slot).len(), 2);
}
