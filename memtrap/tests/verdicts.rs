//! Nothing hangs: a driver that waits for what never comes, and one whose access fails, are ended with a report.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;

use memtrap::{Access, Bus, BusError, Context, Device, Region, simulated, trace::write};
use std::{
    ffi::CString,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Answers every read with the same value; panics when 0xbad is written and raises interrupt 7 when 0x1e7 is; refuses writes
/// beyond its first eight bytes.
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
        if value == 0x1e7 {
            cx.pulse(7);
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

/// A device that is always busy.
#[simulated(size = 0x100, width = 32)]
pub struct Busy {
    /// Flags.
    #[reg(0x18, ro, reset = 0x20)]
    pub fr: u32,
}

struct AsDeclared;

impl busy::Model for AsDeclared {}

#[test]
fn an_endless_poll_through_the_typed_door_is_ended() {
    let sim = Busy::simulate(AsDeclared).unwrap();
    let regs = sim.regs();
    let line = line!() + 1;
    let report = report(|| sim.bus().run(move || while regs.fr().read() & 0x20 != 0 {}));
    assert!(report.starts_with("memtrap: poll stuck after 10000 reads: busy.fr never changed\n"), "{report}");
    assert!(report.contains(&format!("\n  from      {}:{line}:", file!())), "{report}");
    assert_eq!(sim.trace().accesses().count(), 10_000);
}

/// The function of a C driver, compiled with this option and loaded for good.
fn c_function(option: &str) -> extern "C" fn(*const u32) -> u32 {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verdicts/poll.c");
    let object = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("poll{option}.so"));
    let output = Command::new("cc").args(["-g", "-fPIC", "-shared", option, "-o"]).arg(&object).arg(source).output();
    let output = output.expect("there is a C compiler, which Rust links with");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = CString::new(object.to_str().expect("the target directory's name is UTF-8")).expect("without a NUL");
    // SAFETY: The path ends in a NUL, and the object has no constructors.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    assert!(!handle.is_null(), "{} cannot be loaded", object.display());
    // SAFETY: The handle is that of an object which is never unloaded, and the name ends in a NUL.
    let function = unsafe { libc::dlsym(handle, c"wait_until_idle".as_ptr()) };
    assert!(!function.is_null(), "the object has the function");
    // SAFETY: The function has this signature.
    unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn(*const u32) -> u32>(function) }
}

/// In a process of its own: the resolver lists the loaded libraries once, when it makes its first report.
#[memtrap::test]
fn an_endless_poll_of_a_c_driver_is_ended() {
    for wait in ["-O0", "-O2"].map(c_function) {
        let region = device();
        let address = Address::of(&region);
        let report = report(|| _ = region.bus().run(move || wait(address.pointer(0x18))));
        assert!(report.contains("poll stuck after 10000 reads: constant+0x018 never changed"), "{report}");
        assert!(report.contains("wait_until_idle"), "{report}");
        assert_eq!(region.trace().accesses().count(), 10_000);
    }
}

#[test]
fn an_unexpected_access_of_an_interrupt_handler_ends_the_driver() {
    let region = device();
    let address = Address::of(&region);
    let bus = region.bus();
    bus.on_interrupt(7, move || address.write(4, 9));
    let script = bus.expect(memtrap::seq![write("+0x0"), write("+0x0")]);
    let went_on = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&went_on);
    let report = report(|| {
        bus.run(move || {
            address.write(0, 0x1e7);
            flag.store(true, Ordering::Relaxed);
        })
    });
    assert!(report.starts_with("memtrap: unexpected write of constant+0x004 = 0x9\n"), "{report}");
    assert!(report.contains("\n  expected  write of `+0x0`"), "{report}");
    assert!(report.contains("an_unexpected_access_of_an_interrupt_handler_ends_the_driver::{{closure}}"), "{report}");
    assert!(!went_on.load(Ordering::Relaxed), "the driver is not to go on");
    drop(script);
}

#[test]
fn a_failed_assertion_in_an_interrupt_handler_ends_the_driver() {
    let region = device();
    let address = Address::of(&region);
    let bus = region.bus();
    bus.on_interrupt(7, move || assert_eq!(address.read(0), 0x21, "the device is not idle"));
    let report = report(|| bus.run(move || address.write(0, 0x1e7)));
    assert!(
        report.starts_with("memtrap: an interrupt handler or a model's event panicked between two accesses: assertion"),
        "{report}"
    );
    assert!(report.contains("the device is not idle"), "{report}");
}

#[memtrap::test(timeout = 1)]
#[should_panic(
    expected = "memtrap: test `a_test_that_hangs_outside_of_any_access_is_killed` did not end within 1s and was killed"
)]
fn a_test_that_hangs_outside_of_any_access_is_killed() {
    loop {
        std::hint::spin_loop();
    }
}

#[test]
fn a_thread_that_is_left_behind_is_reported_when_its_device_is_gone() {
    const NAME: &str = "a_thread_that_is_left_behind_is_reported_when_its_device_is_gone";
    if child::role().is_some() {
        let region = device();
        let address = Address::of(&region);
        region.bus().set_poll_budget(u64::MAX);
        let driver = std::thread::spawn(move || wait_until_ready(address));
        while region.trace().accesses().next().is_none() {}
        drop(region);
        let _never = driver.join();
        return;
    }
    let ended = child::run(NAME, "child").by_signal(libc::SIGSEGV);
    assert!(
        ended.stderr.starts_with("memtrap: read of constant+0x018, whose simulation was dropped before\n"),
        "{ended:#?}"
    );
    assert!(ended.stderr.contains("wait_until_ready"), "{ended:#?}");
    assert!(ended.stderr.contains("keep the `Simulation` or `Region` alive"), "{ended:#?}");
}

#[test]
fn a_thread_of_the_driver_that_fails_is_reported_when_the_driver_ends() {
    let region = device();
    let address = Address::of(&region);
    let report = report(|| region.bus().run(move || std::thread::spawn(move || address.write(8, 1)).join().unwrap()));
    assert!(report.contains("there is nothing to write"), "{report}");
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
