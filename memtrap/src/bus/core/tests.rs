use super::*;
use std::panic::catch_unwind;

fn raised(core: &Core) -> Option<String> {
    let panic = catch_unwind(std::panic::AssertUnwindSafe(|| core.raise())).err()?;
    Some(*panic.downcast::<String>().expect("a report is a string"))
}

#[test]
fn a_report_is_raised_once() {
    let core = Core::default();
    assert!(raised(&core).is_none());
    core.defer(|| "memtrap: first".to_owned());
    assert!(core.has_report());
    assert_eq!(raised(&core).as_deref(), Some("memtrap: first"));
    assert!(!core.has_report());
    assert!(raised(&core).is_none());
}

#[test]
fn a_flood_of_reports_is_counted_and_not_made() {
    let core = Core::default();
    let mut made = 0;
    for number in 0..10 {
        core.defer(|| {
            made += 1;
            format!("report {number}")
        });
    }
    assert_eq!(made, REPORTS);
    let text = raised(&core).expect("there are reports");
    assert_eq!(text, "report 0\nreport 1\nreport 2\nreport 3\nmemtrap: 6 more accesses failed");
}

#[test]
fn a_panicking_thread_raises_nothing() {
    struct RaisesWhenDropped(Core);

    impl Drop for RaisesWhenDropped {
        fn drop(&mut self) {
            self.0.raise();
        }
    }

    let core = Core::default();
    core.defer(|| "memtrap: a report".to_owned());
    let panic = catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _raises = RaisesWhenDropped(core);
        panic!("the test's own panic");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"the test's own panic"));
}
