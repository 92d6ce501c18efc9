use super::super::{
    event::{Direction, Event, EventKind, LineChange},
    testing::{note, read, refused, trace, with, write},
};
use super::{escape, page};
use crate::bus::CodeLocation;
use std::{panic::Location, time::Duration};

/// The part of the page that the script draws, a line each.
fn data(page: &str) -> Vec<&str> {
    let (_, behind) = page.split_once("<script id=\"trace\" type=\"application/json\">\n").expect("the page has data");
    behind.split_once("</script>").expect("the data ends").0.lines().collect()
}

fn other(region: &'static str, kind: EventKind) -> Event {
    Event { sequence: 0, time: Duration::from_nanos(450), region, kind }
}

#[test]
fn every_kind_of_event_has_a_mark() {
    let location = Location::caller();
    let typed = |event| with(event, |access| access.access.location = CodeLocation::Source(location));
    let page = trace([
        typed(write(1, 0x00, 0x41)),
        with(read(2, 0x24, 7), |access| access.access.read_modify_write = true),
        refused(read(3, 0x80, 9)),
        note(3, "say \"no\""),
        other("uart", EventKind::Event(5)),
        other("uart", EventKind::Fault("bit 3 flipped".to_owned())),
        other("uart", EventKind::Reset),
        other("uart", EventKind::Dma { direction: Direction::Write, address: 0x7f00_0000_0000, length: 12 }),
        other("", EventKind::Interrupt { line: 7, change: LineChange::Entered }),
        other("uart", EventKind::Interrupt { line: 7, change: LineChange::Raised }),
    ])
    .to_html();
    let line = format!("\"sources\":[\"{}:{}\"],\"rows\":[", location.file(), location.line());
    assert_eq!(
        data(&page),
        [
            r#"{"dropped":0,"events":10,"reads":2,"writes":1,"lanes":["#,
            r#"{"group":"uart","name":"dr","bits":32,"fields":[]},"#,
            r#"{"group":"uart","name":"id[1]","bits":8,"fields":[]},"#,
            r#"{"group":"uart","name":"+0x080"},"#,
            r#"{"group":"uart","name":"(model)"},"#,
            &(r#"{"group":"","name":"irq 7"}],"#.to_owned() + &line),
            r#"{"l":0,"t":100,"n":1,"k":"w","v":"00000041","s":0},"#,
            r#"{"l":1,"t":200,"n":2,"k":"r","v":"07","m":"rmw"},"#,
            r#"{"l":2,"t":300,"n":3,"k":"r","v":"00000009","a":[0,4],"x":"the register is write-only"},"#,
            r#"{"l":3,"t":300,"n":3,"k":".","x":"say \"no\""},"#,
            r#"{"l":3,"t":450,"k":"e","x":"5"},"#,
            r#"{"l":3,"t":450,"k":"%","x":"bit 3 flipped"},"#,
            r#"{"l":3,"t":450,"k":"0"},"#,
            r#"{"l":3,"t":450,"k":">","x":"12"},"#,
            r#"{"l":4,"t":450,"k":"("},"#,
            r#"{"l":4,"t":450,"k":"+","x":"uart"}]}"#,
        ]
    );
}

#[test]
fn equal_reads_are_one_mark() {
    let page = trace([read(1, 0x18, 0x90), read(2, 0x18, 0x90), read(3, 0x18, 0x90), read(4, 0x18, 0x10)]).to_html();
    let data = data(&page);
    let rows = &data[data.len() - 2..];
    assert_eq!(
        rows,
        [r#"{"l":0,"t":100,"n":1,"k":"r","v":"0090","c":3,"u":300},"#, r#"{"l":0,"t":400,"n":4,"k":"r","v":"0010"}]}"#]
    );
}

#[test]
fn no_text_of_a_model_or_a_test_becomes_markup() {
    let hostile = "</script><script>alert(1)</script><!-- & \u{2028}";
    let page = page(&trace([note(1, hostile)]), hostile);
    assert!(!page.contains("alert(1)</script>") && !page.contains("<!--"), "{page}");
    assert!(page.contains(r#""x":"\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!-- & "#), "{page}");
    assert!(page.contains("<title>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!-- &amp; "), "{page}");
    assert_eq!(escape("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
    // The page's own script must not end its element either.
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = trace([write(1, 0, 1)]).to_html();
    for request in ["http:", "https:", "src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest"] {
        assert!(!page.contains(request), "{request}");
    }
}

#[test]
fn addresses_of_this_process_are_not_shown() {
    // A trapped access has the address of its instruction, and a transfer that of the driver's memory.
    let page = trace([
        read(1, 0x18, 1),
        other("uart", EventKind::Dma { direction: Direction::Read, address: 0x7fee_dbad_f000, length: 1 }),
    ])
    .to_html();
    let data = data(&page).concat();
    assert!(!data.contains("1234") && !data.contains("4660"), "the instruction of the test's accesses: {data}");
    assert!(!data.contains("7feedbadf000") && !data.contains("140663"), "{data}");
}

#[test]
fn what_is_missing_is_counted_and_an_empty_trace_is_a_page() {
    let mut trace = trace([]);
    trace.dropped = 7;
    let page = trace.to_html();
    assert_eq!(data(&page)[0], r#"{"dropped":7,"events":0,"reads":0,"writes":0,"lanes":[],"sources":[],"rows":[]}"#);
    assert!(page.contains("<title>uart, raw - memtrap</title>"), "{page}");
    assert!(super::super::Trace::default().to_html().contains("<title>trace - memtrap</title>"));
}
