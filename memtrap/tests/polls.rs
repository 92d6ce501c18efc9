//! Drivers that wait for ever without reading one register over and over: they read several in turn, or do something in
//! between. Nothing hangs, through either door.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;

use doors::Door;
use memtrap::{Access, Bus, BusError, Context, Device, Region, Width};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

const STATUS: usize = 0x0;
const ERRORS: usize = 0x4;
const COMMAND: usize = 0x8;
const FIFO: usize = 0xc;
const EVERY: usize = 0x10;

/// Idle for ever, unless a command has started it: then it is ready after some milliseconds.
#[derive(Debug, Default)]
struct Engine {
    ready: bool,
}

impl Device for Engine {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            STATUS => Ok(u64::from(self.ready)),
            FIFO => {
                cx.progress();
                Ok(0)
            }
            _ => Ok(0),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if access.offset == COMMAND && value > 0 {
            cx.after(Duration::from_millis(value), 1);
        }
        if access.offset == EVERY {
            cx.every(Duration::from_millis(value), 2);
        }
        Ok(())
    }

    fn event(&mut self, event: u64, _cx: &mut Context<'_>) {
        self.ready |= event == 1;
    }
}

/// A driver's way to a device.
#[derive(Clone, Copy)]
struct Registers {
    door: Door,
    base: usize,
}

impl Registers {
    fn of(door: Door, region: &Region<Engine>) -> Self {
        Self { door, base: region.base().expose_provenance() }
    }

    #[inline(never)]
    fn read(self, offset: usize) -> u64 {
        self.door.read(std::ptr::with_exposed_provenance_mut(self.base), offset, Width::U32)
    }

    fn write(self, offset: usize, value: u64) {
        self.door.write(std::ptr::with_exposed_provenance_mut(self.base), offset, Width::U32, value);
    }
}

/// The report that ends a driver of two devices.
fn report(door: Door, prepare: impl FnOnce(&Bus), driver: fn(Registers, Registers)) -> String {
    let bus = Bus::new();
    let one = bus.map(0x20, Engine::default()).unwrap();
    let other = bus.map(0x20, Engine::default()).unwrap();
    let (first, second) = (Registers::of(door, &one), Registers::of(door, &other));
    prepare(&bus);
    let panic =
        catch_unwind(AssertUnwindSafe(|| bus.run(move || driver(first, second)))).expect_err("a report is raised");
    *panic.downcast().expect("a report is text")
}

#[test]
fn a_driver_that_reads_two_registers_in_turn_is_ended() {
    for door in Door::ALL {
        let report = report(*door, |_| {}, |engine, _| while engine.read(STATUS) == 0 && engine.read(ERRORS) == 0 {});
        let (headline, rest) = report.split_once('\n').unwrap();
        let (reads, places) =
            headline.strip_prefix("memtrap: poll stuck after ").unwrap().split_once(" reads: ").unwrap();
        assert_eq!(places, "none of these changed: engine+0x000, engine+0x004", "{report}");
        let reads: u64 = reads.parse().unwrap();
        assert!((20_000..21_000).contains(&reads), "{report}");
        assert!(rest.contains("\n  waiting   no event is scheduled: nothing will change it\n"), "{report}");
        assert!(rest.contains("\n  hint      the driver waits for a value that the model will not give"), "{report}");
    }
}

#[test]
fn the_report_says_that_events_do_not_help() {
    for door in Door::ALL {
        let driver = |engine: Registers, _: Registers| {
            engine.write(EVERY, 3);
            while engine.read(ERRORS) == 0 {}
        };
        let report = report(*door, |bus| bus.set_poll_budget(100), driver);
        // From the eighth read on, every second one of the hundred waits for an event.
        assert!(report.contains("\n  waiting   the next event is due at 141.0001ms; "), "{report}");
        assert!(report.contains("ms; none of those before has changed it\n"), "{report}");
    }
}

#[test]
fn a_driver_that_reads_registers_of_two_devices_in_turn_is_ended() {
    for door in Door::ALL {
        let driver = |one: Registers, other: Registers| while one.read(STATUS) == 0 && other.read(STATUS) == 0 {};
        let report = report(*door, |bus| bus.set_poll_budget(1_000), driver);
        assert!(report.contains(" reads: none of these changed: engine+0x000, engine.2+0x000\n"), "{report}");
    }
}

#[test]
fn time_jumps_to_the_event_that_a_driver_of_two_registers_waits_for() {
    for door in Door::ALL {
        let bus = Bus::new();
        let region = bus.map(0x20, Engine::default()).unwrap();
        let engine = Registers::of(*door, &region);
        // Ten minutes are six billion accesses.
        engine.write(COMMAND, 600_000);
        while engine.read(STATUS) == 0 {
            assert_eq!(engine.read(ERRORS), 0);
        }
        let accesses = bus.trace().accesses().count();
        assert!(accesses < 1_000, "{accesses}");
    }
}

#[test]
fn a_driver_that_drains_a_fifo_of_zeros_gets_on() {
    for door in Door::ALL {
        let bus = Bus::new();
        let region = bus.map(0x20, Engine::default()).unwrap();
        let engine = Registers::of(*door, &region);
        bus.set_poll_budget(100);
        bus.run(move || {
            for _ in 0..5_000 {
                assert_eq!((engine.read(STATUS), engine.read(FIFO)), (0, 0));
            }
        });
    }
}

#[test]
fn a_driver_that_sends_its_command_again_and_again_is_ended() {
    for door in Door::ALL {
        for tracing in [true, false] {
            let prepare = |bus: &Bus| {
                bus.set_access_budget(50_000);
                bus.set_tracing(tracing);
            };
            let driver = |engine: Registers, _: Registers| {
                while engine.read(STATUS) == 0 {
                    engine.write(COMMAND, 0);
                }
            };
            let report = report(*door, prepare, driver);
            assert!(report.starts_with("memtrap: the driver does not end: it has made 50000 accesses\n"), "{report}");
            assert!(report.contains("`Bus::set_access_budget` sets how many accesses a driver may make"), "{report}");
            assert_eq!(report.contains("\n  last      (there was no access)"), !tracing, "{report}");
        }
    }
}

#[test]
fn each_run_has_its_accesses_before_it() {
    let bus = Bus::new();
    let region = bus.map(0x20, Engine::default()).unwrap();
    let engine = Registers::of(Door::Typed, &region);
    bus.set_access_budget(10_000);
    for _ in 0..4 {
        bus.run(move || (0..4_000).for_each(|value| engine.write(ERRORS, value)));
    }
    // The budget of no access more is not used up: the report is not raised at once.
    let panic =
        catch_unwind(AssertUnwindSafe(|| (0..12_000).for_each(|value| engine.write(ERRORS, value)))).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().starts_with("memtrap: the driver does not end"));
}
