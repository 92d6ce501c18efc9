use super::{
    super::{
        Access, Context,
        shape::Origin,
        testing::{region, span, uart},
    },
    *,
};
use crate::map::Width;
use std::panic::Location;

/// This file without the part that depends on where the crate is.
#[track_caller]
fn here() -> (CodeLocation, String) {
    let location = Location::caller();
    (CodeLocation::Source(location), location.to_string())
}

fn report_of(
    behaviour: fn(Access, &mut Context<'_>) -> Result<(), BusError>,
    offset: usize,
    width: Width,
) -> (String, String, usize) {
    let (location, at) = here();
    let (mapping, _, _bus) = uart(behaviour);
    let origin = Origin::new(location);
    let report = mapping.with(|session| {
        let before = session.read(0x18, Width::U32, origin).1;
        drop(before);
        let fault = session.read(offset, width, origin).1.unwrap_err();
        session.report(&fault)
    });
    (without_rerun(report.unwrap()), at, mapping.start())
}

/// Without the last line, which depends on who runs the test, and how.
fn without_rerun(report: String) -> String {
    let (rest, command) = report.rsplit_once("\n  rerun     ").expect("cargo runs this test");
    assert!(command.starts_with("cargo test -p memtrap ") && command.ends_with(" -- --exact"), "{command}");
    rest.to_owned()
}

fn unless_flags(access: Access, answer: Result<(), BusError>) -> Result<(), BusError> {
    if access.sequence == 1 { Ok(()) } else { answer }
}

#[test]
fn a_refusal_says_where_who_what_came_before_and_what_to_do() {
    let (report, at, start) = report_of(|access, _| unless_flags(access, Err(BusError::Unmapped)), 0x1c, Width::U32);
    let address = start + 0x1c;
    assert_eq!(
        report,
        format!(
            "memtrap: read of uart+0x01c refused: no register is mapped at this offset\n  \
               test      bus::report::tests::a_refusal_says_where_who_what_came_before_and_what_to_do\n  \
               access    read of 4 bytes at uart+0x01c (address {address:#x}), access #2 at 200ns\n  \
               value     0xffffffff\n  \
               from      {at}\n  \
               last      #1     R uart.fr     0x00000018\n            \
                         #2     R uart+0x01c  0xffffffff  refused: no register is mapped at this offset\n  \
               hint      the nearest register is `fr` at +0x018; if the offset is right, declare a register there"
        )
    );
}

#[test]
fn every_refusal_of_a_declared_register_has_a_remedy() {
    let hint = |behaviour| {
        let (report, ..) = report_of(behaviour, 0x24, Width::U16);
        let (_, hint) = report.split_once("\n  hint      ").unwrap_or_else(|| panic!("no hint in\n{report}"));
        hint.to_owned()
    };
    assert!(hint(|access, _| unless_flags(access, Err(BusError::ReadOnly))).contains("`rw`"));
    assert!(hint(|access, _| unless_flags(access, Err(BusError::WriteOnly))).contains("`rw`"));
    let width = hint(|access, _| unless_flags(access, Err(BusError::Width { expected: Width::U32 })));
    assert!(width.contains("an access of 4 bytes"), "{width}");
}

#[test]
fn a_models_verdict_is_in_its_own_words() {
    let (report, ..) = report_of(
        |access, cx| {
            if access.sequence > 1 {
                cx.fail("the transmitter is off:\nCR.UARTEN is 0");
            }
            Ok(())
        },
        0x00,
        Width::U32,
    );
    assert!(
        report.starts_with("memtrap: the model of `uart` failed the test: the transmitter is off:\nCR.UARTEN is 0\n"),
        "{report}"
    );
}

#[test]
fn an_element_of_an_array_is_named_with_its_index() {
    let (mapping, ..) = uart(|_, _| Ok(()));
    assert_eq!(mapping.describe(0x24), "uart.id[1]");
    assert_eq!(mapping.describe(0x26), "uart.id[1]+2");
    assert_eq!(mapping.describe(0x30), "uart+0x030");
}

#[test]
fn a_late_access_says_what_to_keep_alive() {
    let (mapping, ..) = uart(|_, _| Ok(()));
    let (location, at) = here();
    let address = mapping.start() + 0x18;
    assert_eq!(
        retired(mapping, address, 4, Direction::Read, location),
        format!(
            "memtrap: read of uart.fr, whose simulation was dropped before\n  \
               access    read of 4 bytes at uart.fr (address {address:#x})\n  \
               from      {at}\n  \
               hint      keep the `Simulation` or `Region` alive for as long as the driver runs"
        )
    );
}

#[test]
fn re_entry_names_the_holder_and_the_way_out() {
    let (mapping, ..) = uart(|_, _| Ok(()));
    let report = |holder| reentered(mapping, holder, mapping.start(), 4, Direction::Write, here().0);
    for (holder, what, hint) in [
        (Holder::Access, "while its model answers another access on this thread", "a model uses its own state"),
        (Holder::Guard, "while the test holds its model on this thread", "drop the guard"),
        (Holder::Others, "while this thread holds 16 other devices", "only so deep"),
    ] {
        let report = report(holder);
        assert!(report.starts_with(&format!("memtrap: write of uart.dr {what}\n")), "{report}");
        assert!(report.contains(&format!("\n  hint      {hint}")) || report.contains(hint), "{report}");
    }
}

#[test]
fn a_gap_is_described_by_its_neighbour() {
    let start = span(1) + 0x100;
    let (neighbour, ..) = region(start, 0x10);
    let report = |address| unmapped(address, 4, Direction::Write, here().0, Some(neighbour));
    let name = neighbour.name();
    assert!(report(start - 8).contains(&format!("the address is 0x8 bytes before the region {name}")));
    assert!(report(start + 0x10).contains(&format!("the address is 0x0 bytes behind the region {name}")));
}
