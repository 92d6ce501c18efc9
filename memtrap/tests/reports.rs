//! A failed access of the trapped door: what the test is told, when, and what happens to the driver.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;

use memtrap::{Access, Bus, BusError, Context, Device, Region, Width};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A device that answers some offsets and fails at the others, each in its own way.
#[derive(Debug, Default)]
struct Moody {
    written: Vec<u64>,
}

const FINE: usize = 0x00;
const REFUSED: usize = 0x10;
const FAILED: usize = 0x20;
const PANICS: usize = 0x30;

impl Device for Moody {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            REFUSED => return Err(BusError::Unmapped),
            FAILED => cx.fail("the clock of this device is off"),
            PANICS => panic!("the model has a bug"),
            _ => {}
        }
        Ok(0x5a)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        self.written.push(value);
        self.read(access, cx).map(drop)
    }

    fn bus_width(&self) -> Width {
        Width::U32
    }
}

fn moody() -> Region<Moody> {
    Bus::new().map(0x100, Moody::default()).expect("there is address space for a page")
}

/// What a driver does to read a register.
#[inline(never)]
fn driver_reads(base: *mut u8, offset: usize) -> u32 {
    // SAFETY: The access is trapped, or ends the process.
    unsafe { base.wrapping_add(offset).cast::<u32>().read_volatile() }
}
const DRIVER_LINE: u32 = line!() - 2;

fn raised(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a report must be raised");
    *panic.downcast::<String>().expect("a report is a string")
}

#[track_caller]
fn assert_names_the_driver(report: &str) {
    assert!(report.contains("\n  from      reports::driver_reads ("), "{report}");
    assert!(report.contains(&format!("tests/reports.rs:{DRIVER_LINE})")), "{report}");
    assert!(!report.contains("read_volatile"), "{report}");
}

#[test]
fn a_refusal_is_raised_at_the_next_call_and_names_the_driver() {
    let region = moody();
    assert_eq!(driver_reads(region.base(), REFUSED), u32::MAX, "the access completes with all bits set");
    let report = raised(|| _ = region.trace());
    assert!(report.starts_with("memtrap: read of moody+0x010 refused: no register is mapped at this offset\n"));
    assert_names_the_driver(&report);
    assert!(report.contains("a_refusal_is_raised_at_the_next_call_and_names_the_driver ("), "the caller: {report}");
    // Raised once; the region still works.
    assert_eq!(driver_reads(region.base(), FINE), 0x5a);
    assert_eq!(region.trace().accesses().count(), 2);
}

#[test]
fn each_way_out_of_the_driver_raises_the_report() {
    type WayOut = fn(Region<Moody>);
    let ways: [WayOut; 4] =
        [|region| _ = region.trace(), |region| _ = region.device(), |region| _ = region.bus().trace(), drop];
    for way in ways {
        let region = moody();
        let _ = driver_reads(region.base(), REFUSED);
        assert!(raised(|| way(region)).contains("refused"));
    }
}

#[test]
fn a_models_verdict_lets_the_access_complete() {
    let region = moody();
    assert_eq!(driver_reads(region.base(), FAILED), 0x5a, "with what the model answers");
    let report = raised(|| _ = region.device());
    assert!(
        report.starts_with("memtrap: the model of `moody` failed the test: the clock of this device is off\n"),
        "{report}"
    );
    assert_names_the_driver(&report);
}

#[test]
fn a_panic_of_a_model_does_not_unwind_through_the_driver() {
    struct Guard<'a>(&'a std::cell::Cell<bool>);
    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }

    let region = moody();
    let went_on = std::cell::Cell::new(false);
    {
        let _destructor = Guard(&went_on);
        assert_eq!(driver_reads(region.base(), PANICS), u32::MAX);
    }
    assert!(went_on.get());
    let report = raised(|| _ = region.trace());
    assert!(report.contains("refused: the device model panicked: the model has a bug\n"), "{report}");
    assert_names_the_driver(&report);
}

#[test]
fn a_wide_store_stops_at_the_piece_the_device_refuses() {
    let region = moody();
    let base = region.base().wrapping_add(REFUSED - 8);
    // SAFETY: The access is trapped.
    unsafe { std::arch::asm!("movups [{}], xmm0", in(reg) base) };
    assert!(raised(|| _ = region.trace()).contains("write of moody+0x010 refused"));
    assert_eq!(region.device().written.len(), 3, "two pieces before the refused one, and that one");
}

#[test]
fn an_access_while_the_test_holds_the_device_is_a_report_and_not_a_deadlock() {
    let region = moody();
    let guard = region.device();
    assert_eq!(driver_reads(region.base(), FINE), u32::MAX);
    drop(guard);
    let report = raised(|| _ = region.trace());
    assert!(report.starts_with("memtrap: read of moody+0x000 while the test holds its model on this thread\n"));
    assert_names_the_driver(&report);
}

#[test]
fn a_dropped_region_reports_the_late_access_and_kills() {
    if child::role().is_some() {
        let region = moody();
        let base = region.base();
        drop(region);
        let _ = driver_reads(base, FINE);
        println!("went on");
        return;
    }
    let ended = child::run("a_dropped_region_reports_the_late_access_and_kills", "child").by_signal(libc::SIGSEGV);
    assert!(
        ended.stderr.starts_with("memtrap: read of moody+0x000, whose simulation was dropped before\n"),
        "{ended:#?}"
    );
    assert!(ended.stderr.contains("keep the `Simulation` or `Region` alive"), "{ended:#?}");
    assert_names_the_driver(&ended.stderr);
    assert!(!ended.stdout.contains("went on"));
}

#[test]
fn an_access_beside_a_region_is_reported_and_kills() {
    for (role, offset, distance) in [("gap", 0x180, "0x80 bytes behind"), ("hole", 0x1000, "")] {
        if child::role().as_deref() == Some(role) {
            let region = moody();
            let _ = driver_reads(region.base(), offset);
            println!("went on");
        }
        if child::role().is_none() {
            let ended = child::run("an_access_beside_a_region_is_reported_and_kills", role).by_signal(libc::SIGSEGV);
            assert!(ended.stderr.starts_with("memtrap: read of 4 bytes at address 0x"), "{ended:#?}");
            assert!(ended.stderr.contains(", where no region is mapped\n"), "{ended:#?}");
            assert!(ended.stderr.contains(distance), "{ended:#?}");
            assert_names_the_driver(&ended.stderr);
            assert!(!ended.stdout.contains("went on"));
        }
    }
}

#[test]
fn a_driver_that_polls_a_failing_device_for_ever_is_ended_with_the_report() {
    if child::role().is_some() {
        let region = moody();
        while driver_reads(region.base(), REFUSED) != 0 {}
        return;
    }
    let ended = child::run("a_driver_that_polls_a_failing_device_for_ever_is_ended_with_the_report", "child");
    let ended = ended.by_signal(libc::SIGABRT);
    assert!(ended.stderr.starts_with("memtrap: read of moody+0x010 refused"), "{ended:#?}");
    assert!(ended.stderr.contains("more accesses failed"), "{ended:#?}");
    assert!(ended.stderr.trim_end().ends_with("without returning to the test; ending the process"), "{ended:#?}");
}

/// Captures a backtrace whenever it is read.
#[derive(Debug, Default)]
struct Witness(String);

impl Device for Witness {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.0 = std::backtrace::Backtrace::force_capture().to_string();
        Ok(0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

#[test]
fn a_backtrace_taken_in_a_model_names_the_driver_and_its_caller() {
    let region = Bus::new().map(0x100, Witness::default()).expect("there is address space for a page");
    let _ = driver_reads(region.base(), 0);
    let backtrace = std::mem::take(&mut region.device().0);
    let position = |name: &str| backtrace.find(name).unwrap_or_else(|| panic!("no {name} in\n{backtrace}"));
    let (driver, test) = (position("driver_reads"), position("a_backtrace_taken_in_a_model_names"));
    assert!(driver < test, "{backtrace}");
    assert!(backtrace.contains(&format!("tests/reports.rs:{DRIVER_LINE}")), "{backtrace}");
}
