use super::super::{
    event::{Direction, Event, EventKind, LineChange},
    testing::{note, read, refused, trace, with, write},
};
use std::time::Duration;

#[test]
fn every_kind_of_event_is_written() {
    let other = |region, kind| Event { sequence: 0, time: Duration::from_nanos(450), region, kind };
    let json = trace([
        write(1, 0x00, 0x41),
        with(read(2, 0x24, 7), |access| access.access.read_modify_write = true),
        refused(read(3, 0x80, 9)),
        note(3, "say \"no\""),
        other("uart", EventKind::Event(5)),
        other("uart", EventKind::Reset),
        other("uart", EventKind::Dma { direction: Direction::Read, address: 0x7f00_0000_0000, length: 12 }),
        other("", EventKind::Interrupt { line: 7, change: LineChange::Entered }),
    ])
    .to_json();
    let expected = r#"{"format":"memtrap-trace","version":1,"dropped":0,"regions":[
{"name":"uart","size":256,"registers":[{"name":"dr","offset":0,"width":4,"access":"rw"},{"name":"fr","offset":24,"width":2,"access":"ro"},{"name":"id","offset":32,"width":1,"access":"ro","count":4,"stride":4}]},
{"name":"raw","size":16}],"events":[
{"kind":"access","sequence":1,"time_ns":100,"region":"uart","direction":"write","register":"dr","offset":0,"width":4,"value":"0x00000041"},
{"kind":"access","sequence":2,"time_ns":200,"region":"uart","direction":"read","register":"id","element":1,"offset":36,"width":1,"value":"0x07","rmw":true},
{"kind":"access","sequence":3,"time_ns":300,"region":"uart","direction":"read","offset":128,"width":4,"value":"0x00000009","error":"the register is write-only"},
{"kind":"note","sequence":3,"time_ns":300,"region":"uart","text":"say \"no\""},
{"kind":"event","time_ns":450,"region":"uart","event":5},
{"kind":"reset","time_ns":450,"region":"uart"},
{"kind":"dma","time_ns":450,"region":"uart","direction":"read","length":12},
{"kind":"interrupt","time_ns":450,"line":7,"change":"handler called"}]}
"#;
    assert_eq!(json, expected);
}

#[test]
fn what_is_missing_is_counted() {
    let mut trace = trace([read(8, 0x18, 0x90)]);
    trace.dropped = 7;
    assert!(trace.tail(0).to_json().contains("\"dropped\":8,"));
}
