//! Nothing hangs: a driver that waits for what never comes, and one whose access fails, are ended with a report.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Answers every read with the same value; panics when 0xbad is written; refuses writes beyond its first eight bytes.
struct Constant(u64);

impl Device for Constant {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(self.0)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        assert_ne!(value, 0xbad, "the model does not like the value");
        if value == 0xfa11 {
            cx.fail("the driver wrote what it must not");
        }
        if access.offset < 8 { Ok(()) } else { Err(BusError::refused("there is nothing to write")) }
    }
}

fn device() -> Region<Constant> {
    Bus::new().map(0x1000, Constant(0x20)).unwrap()
}

/// An address that can be moved into a driver.
#[derive(Clone, Copy)]
struct Address(usize);

impl Address {
    fn of(region: &Region<Constant>) -> Self {
        Self(region.base().expose_provenance())
    }

    fn pointer(self, offset: usize) -> *mut u32 {
        std::ptr::with_exposed_provenance_mut(self.0 + offset)
    }

    fn read(self, offset: usize) -> u32 {
        // SAFETY: The address lies in a region, which traps the access.
        unsafe { self.pointer(offset).read_volatile() }
    }

    fn write(self, offset: usize, value: u32) {
        // SAFETY: The address lies in a region, which traps the access.
        unsafe { self.pointer(offset).write_volatile(value) }
    }
}

/// The report with which `work` panics.
fn report(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a report is raised");
    *panic.downcast::<String>().expect("a report is text")
}

/// Sets a flag when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[inline(never)]
fn wait_until_ready(address: Address) {
    while address.read(0x18) & 0x20 != 0 {}
}

#[test]
fn an_endless_poll_is_ended_with_the_drivers_function_in_the_report() {
    let region = device();
    let address = Address::of(&region);
    let report = report(|| region.bus().run(move || wait_until_ready(address)));
    assert!(report.contains("poll stuck after 10000 reads: constant+0x018 never changed"), "{report}");
    assert!(report.contains("wait_until_ready"), "{report}");
    assert_eq!(region.trace().accesses().count(), 10_000);
}

/// A FIFO that never runs dry.
struct Zeros;

impl Device for Zeros {
    fn read(&mut self, _access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        cx.progress();
        Ok(0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Err(BusError::ReadOnly)
    }
}

#[test]
fn a_fifo_of_equal_elements_is_not_a_poll() {
    let region = Bus::new().map(8, Zeros).unwrap();
    let address = Address(region.base().expose_provenance());
    region.bus().run(move || (0..20_000).for_each(|_| assert_eq!(address.read(0), 0)));
}

#[test]
fn the_poll_budget_can_be_set() {
    let region = device();
    let address = Address::of(&region);
    region.bus().set_poll_budget(7);
    let report = report(|| region.bus().run(move || wait_until_ready(address)));
    assert!(report.contains("after 7 reads"), "{report}");
}

#[test]
fn a_panic_of_a_model_ends_a_driver_that_holds_a_local_with_a_destructor() {
    let region = device();
    let address = Address::of(&region);
    for _ in 0..100 {
        let dropped = Arc::new(AtomicBool::new(false));
        let local = Dropped(Arc::clone(&dropped));
        let went_on = Arc::new(AtomicBool::new(false));
        let went_on_flag = Dropped(Arc::clone(&went_on));
        let report = report(|| {
            region.bus().run(move || {
                let _local = local;
                address.write(0, 0xbad);
                drop(went_on_flag);
            });
        });
        assert!(report.contains("the device model panicked") && report.contains("does not like the value"), "{report}");
        assert!(!dropped.load(Ordering::Relaxed), "an abandoned driver is not unwound");
        assert!(!went_on.load(Ordering::Relaxed), "an abandoned driver does not go on");
    }
    // The device is not left locked.
    assert_eq!(address.read(0), 0x20);
}

#[test]
fn a_failed_or_refused_access_ends_the_driver() {
    let region = device();
    let address = Address::of(&region);
    let failed = report(|| region.bus().run(move || address.write(0, 0xfa11)));
    assert!(failed.contains("the driver wrote what it must not"), "{failed}");
    let refused = report(|| region.bus().run(move || address.write(8, 1)));
    assert!(refused.contains("there is nothing to write"), "{refused}");
}

#[test]
fn without_a_stack_of_its_own_a_report_waits_until_the_driver_returns() {
    let region = device();
    let address = Address::of(&region);
    address.write(8, 1);
    let report = report(|| drop(region.trace()));
    assert!(report.contains("there is nothing to write"), "{report}");
}

#[test]
fn results_and_panics_of_the_driver_pass_through() {
    let region = device();
    let address = Address::of(&region);
    assert_eq!(region.bus().run(move || address.read(0)), 0x20);
    let panic = catch_unwind(AssertUnwindSafe(|| region.bus().run(|| panic!("the driver's own")))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the driver's own"));
    // Runs may be nested; the inner one's report ends only the inner driver, if the outer one catches it.
    let bus = region.bus();
    let outer = region.bus().run(move || {
        let inner = report(|| bus.run(move || address.write(8, 1)));
        assert!(inner.contains("there is nothing to write"));
        address.read(0)
    });
    assert_eq!(outer, 0x20);
}

#[test]
fn drivers_on_many_threads_end_independently() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let region = device();
                    let address = Address::of(&region);
                    let report = report(|| region.bus().run(move || address.write(16, 1)));
                    assert!(report.contains("constant+0x010"), "{report}");
                }
            });
        }
    });
}
