//! Tests that run at the same time in one process, each with its own device at the address that is built into the driver.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "support/child.rs"]
mod child;

use memtrap::{Bus, Context, simulated};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Barrier, mpsc},
    thread,
};

/// Where the driver expects its device.
const ADDRESS: usize = 0x0900_0000;

/// A counter and a place to write to.
#[simulated(size = 0x1000, width = 32)]
pub struct Dev {
    /// Which device this is.
    #[reg(0x00, ro)]
    pub id: u32,
    /// What was written.
    #[reg(0x04, rw)]
    pub data: u32,
}

struct Numbered(u32);

impl dev::Model for Numbered {
    fn read_id(&mut self, _regs: &mut dev::State, _cx: &mut Context<'_>) -> u32 {
        self.0
    }
}

/// The driver: it knows nothing but the address.
fn driver(rounds: u32) -> u32 {
    // SAFETY: A device is simulated there.
    let mut dev = unsafe { Dev::at(ADDRESS) };
    for value in 0..rounds {
        dev.data().write(value);
        assert_eq!(dev.data().read(), value);
    }
    dev.id().read()
}

/// The same driver in C's manner, through a plain pointer.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn plain_driver(rounds: u32) -> u32 {
    let id = std::ptr::with_exposed_provenance::<u32>(ADDRESS);
    let data = std::ptr::with_exposed_provenance_mut::<u32>(ADDRESS + 4);
    for value in 0..rounds {
        // SAFETY: The access is trapped.
        unsafe { data.write_volatile(value) };
        // SAFETY: The access is trapped.
        assert_eq!(unsafe { data.read_volatile() }, value);
    }
    // SAFETY: The access is trapped.
    unsafe { id.read_volatile() }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
use driver as plain_driver;

fn report_of<R>(work: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(work()))).expect_err("a report is raised");
    *panic.downcast::<String>().expect("a report is a string")
}

#[test]
fn parallel_tests_at_one_fixed_address_256() {
    const TESTS: u32 = 256;
    const ROUNDS: u32 = 20;
    let all_are_mapped = Barrier::new(TESTS as usize);
    thread::scope(|scope| {
        for number in 0..TESTS {
            let all_are_mapped = &all_are_mapped;
            scope.spawn(move || {
                let sim = Dev::simulate_at(ADDRESS, Numbered(number)).expect("each has its own");
                all_are_mapped.wait();
                assert_eq!(driver(ROUNDS), number);
                assert_eq!(plain_driver(ROUNDS), number);
                all_are_mapped.wait();
                let trace = sim.trace();
                assert_eq!(trace.events().len(), 2 * (2 * ROUNDS as usize + 1), "what others did is not in it");
                assert_eq!(trace.writes("data").len(), 2 * ROUNDS as usize);
            });
        }
    });
}

/// As many tests of the harness's own, which runs as many at a time as it likes.
macro_rules! tests {
    ($($outer:ident)*: $inner:tt) => { $(mod $outer { tests!(@ $inner); })* };
    (@ [$($name:ident)*]) => { $(
        #[test]
        fn $name() {
            super::one_of_many(concat!(module_path!(), stringify!($name)).bytes().map(u32::from).sum());
        }
    )* };
}

tests!(a b c d e f g h i j k l m n o p: [t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 ta tb tc td te tf]);

fn one_of_many(number: u32) {
    let sim = Dev::simulate_at(ADDRESS, Numbered(number)).expect("each has its own");
    assert_eq!((driver(50), plain_driver(5)), (number, number));
    assert_eq!(sim.trace().events().len(), 101 + 11);
}

/// Has a device of somebody else at the address while `work` runs.
fn with_another(name: &str, number: u32, work: impl FnOnce()) {
    let (mapped, wait) = mpsc::channel();
    let (done, until) = mpsc::channel::<()>();
    let other = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let sim = Dev::simulate_at(ADDRESS, Numbered(number)).expect("each has its own");
        mapped.send(()).expect("the test waits");
        let _ = until.recv();
        assert_eq!(sim.trace().events().len(), 0, "nobody may touch the device of another test");
    });
    wait.recv().expect("the other thread maps its device");
    work();
    drop(done);
    other.expect("a thread can be started").join().expect("the other thread is content");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn threads_that_the_driver_starts_belong_to_its_test() {
    with_another("another", 1, || {
        let sim = Dev::simulate_at(ADDRESS, Numbered(2)).expect("each has its own");
        // One after the other: they share the register that each expects to read back what it wrote.
        let child = || thread::spawn(|| (driver(3), plain_driver(3))).join().expect("the driver does not panic");
        assert_eq!(child(), (2, 2));
        assert_eq!(thread::spawn(child).join().expect("the driver does not panic"), (2, 2));
        assert_eq!(sim.trace().events().len(), 2 * 14);
    });
}

type Work = Box<dyn FnOnce() + Send>;

/// A thread that is older than all buses, and does what it is told.
fn old_thread() -> (mpsc::Sender<Work>, thread::JoinHandle<()>) {
    let (tell, told) = mpsc::channel::<Work>();
    let thread = thread::spawn(move || told.into_iter().for_each(|work| work()));
    (tell, thread)
}

#[test]
fn a_thread_of_nobody_is_told_whose_devices_there_are() {
    let (tell, thread) = old_thread();
    with_another("the other test", 1, || {
        let sim = Dev::simulate_at(ADDRESS, Numbered(2)).expect("each has its own");
        let (send, report) = mpsc::channel();
        let ask = move || send.send(report_of(|| driver(0))).expect("the test waits");
        tell.send(Box::new(ask)).expect("the thread waits");
        let report = report.recv().expect("the thread answers");
        // Other tests of this file may have devices there as well; two are named.
        assert!(report.starts_with("memtrap: read of 4 bytes at address 0x9000000, where `dev` of `"), "{report}");
        assert!(report.contains(" are, by a thread that belongs to neither\n  from      "), "{report}");
        assert!(report.ends_with(
            "\n  hint      say whose thread it is with `Bus::enter`, or start it after its test has mapped the device"
        ));
        let (bus, (send, id)) = (sim.bus(), mpsc::channel());
        let enter = move || {
            let _entered = bus.enter();
            send.send((driver(1), plain_driver(1))).expect("the test waits");
        };
        tell.send(Box::new(enter)).expect("the thread waits");
        assert_eq!(id.recv().expect("the thread answers"), (2, 2));
        drop(tell);
    });
    thread.join().expect("the old thread is content");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_report_of_an_ambiguous_access_names_both_tests() {
    const TEST: &str = "the_report_of_an_ambiguous_access_names_both_tests";
    if let Some(role) = child::role() {
        let (tell, thread) = old_thread();
        with_another("first_test", 1, || {
            with_another("second_test", 2, || {
                let ask = move || match &*role {
                    "typed" => eprintln!("{}", report_of(|| driver(0))),
                    _ => println!("{}", plain_driver(0)),
                };
                tell.send(Box::new(ask)).expect("the thread waits");
                drop(tell);
                thread.join().expect("the driver ends");
            });
        });
        return;
    }
    let names = "memtrap: read of 4 bytes at address 0x9000000, where `dev` of `second_test` and `dev` of `first_test` are, by \
                 a thread that belongs to neither\n  from      ";
    let typed = child::run(TEST, "typed");
    assert!(typed.status.success() && typed.stderr.contains(names), "{typed:#?}");
    let trapped = child::run(TEST, "trapped").by_signal(libc::SIGSEGV);
    assert!(trapped.stderr.contains(names), "{trapped:#?}");
}

#[test]
fn a_late_access_does_not_reach_the_device_of_another_test() {
    with_another("another", 1, || {
        let sim = Dev::simulate_at(ADDRESS, Numbered(2)).expect("each has its own");
        assert_eq!(driver(1), 2);
        drop(sim);
        let report = report_of(|| driver(0));
        assert!(
            report.starts_with("memtrap: read of dev.id, whose simulation was dropped before\n")
                || report.contains(" is, by a thread of another test\n")
                || report.contains(" are, by a thread that belongs to neither\n"),
            "{report}"
        );
    });
}

#[test]
fn one_thread_may_have_devices_of_two_buses_there_if_it_says_so() {
    let (one, other) = (Bus::new(), Bus::new());
    let first = one.simulate_at::<Dev, _>(ADDRESS, Numbered(1)).expect("each has its own");
    assert!(other.simulate_at::<Dev, _>(ADDRESS, Numbered(2)).is_err(), "by mistake");
    let entered = other.enter();
    let second = other.simulate_at::<Dev, _>(ADDRESS, Numbered(2)).expect("it says so");
    assert_eq!((driver(2), plain_driver(2)), (2, 2));
    {
        let _one = one.enter();
        assert_eq!((driver(2), plain_driver(2)), (1, 1));
    }
    assert_eq!(driver(0), 2);
    drop(entered);
    assert_eq!(second.bus().run(|| (driver(0), plain_driver(0))), (2, 2));
    assert_eq!(first.bus().run(|| (driver(0), plain_driver(0))), (1, 1));
}
