//! Several faults at a time: plans by hand, from a seed, and as strategies of `proptest`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{
    Bus,
    fault::{FaultKind, Plan, random_faults},
    simulated,
};
use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
};

/// A switch that says whether it is on.
#[simulated(size = 0x10, width = 32)]
pub struct Switch {
    #[reg(0x0, rw)]
    pub control: u32,
}

struct Plain;

impl switch::Model for Plain {}

#[derive(Clone, Copy, Debug)]
enum Door {
    Typed,
    Trapped,
}

struct Driver {
    door: Door,
    control: *mut u32,
}

impl Driver {
    fn write(&self, value: u32) {
        match self.door {
            // SAFETY: The address is that of the simulated block.
            Door::Typed => unsafe { Switch::new(self.control.cast()) }.control().write(value),
            // SAFETY: The access is trapped.
            Door::Trapped => unsafe { self.control.write_volatile(value) },
        }
    }

    fn read(&self) -> u32 {
        match self.door {
            // SAFETY: The address is that of the simulated block.
            Door::Typed => unsafe { Switch::new(self.control.cast()) }.control().read(),
            // SAFETY: The access is trapped.
            Door::Trapped => unsafe { self.control.read_volatile() },
        }
    }

    /// Turns the switch on, in at most so many tries, and says whether it is.
    fn turn_on(&self, tries: usize) -> bool {
        (0..tries).any(|_| {
            self.write(1);
            self.read() & 1 == 1
        })
    }

    /// The same, but trusts the second try.
    fn turn_on_and_trust(&self) -> bool {
        self.turn_on(1) || {
            self.write(1);
            true
        }
    }
}

/// The test of a driver: what it says is true.
fn is_honest(bus: &Bus, door: Door, turn_on: impl Fn(&Driver) -> bool) {
    let sim = bus.simulate::<Switch, _>(Plain).expect("there is address space");
    let said = turn_on(&Driver { door, control: sim.base().cast() });
    let is_on = sim.state().control & 1 == 1;
    assert!(!said || is_on, "the driver says that the switch is on");
}

const DOORS: [Door; 2] = [Door::Typed, Door::Trapped];

#[test]
fn a_plan_strikes_accesses_by_their_numbers() {
    for door in DOORS {
        let bus = Bus::new();
        let sim = bus.simulate::<Switch, _>(Plain).unwrap();
        let plan = Plan::new([(4, FaultKind::FlipBit(1)), (1, FaultKind::DropWrite), (9, FaultKind::BusError)]);
        let injected = plan.inject(&bus);
        let driver = Driver { door, control: sim.base().cast() };
        driver.write(1);
        assert_eq!(driver.read(), 0, "the write was lost");
        driver.write(1);
        assert_eq!(driver.read(), 3);
        assert_eq!(injected.iter().map(|fault| fault.struck()).collect::<Vec<_>>(), [1, 1, 0]);
        assert_eq!(plan.to_string(), "#1 write dropped\n#4 bit 1 flipped\n#9 bus error");
    }
}

#[test]
#[should_panic(expected = "memtrap: accesses are counted from 1")]
fn there_is_no_access_0() {
    let _plan = Plan::new([(0, FaultKind::BusError)]);
}

#[test]
fn a_driver_that_looks_survives_any_plan_of_lost_accesses() {
    for door in DOORS {
        let kinds = [FaultKind::DropWrite, FaultKind::Delay(std::time::Duration::from_millis(1))];
        let struck = random_faults(kinds, 50, |bus| is_honest(bus, door, |driver| driver.turn_on(3)));
        assert!(struck > 10, "{struck} of 50");
    }
}

/// What `random_faults` says of a driver that is not honest if two writes are lost.
fn random(door: Door) -> String {
    let test = |bus: &Bus| is_honest(bus, door, Driver::turn_on_and_trust);
    let kinds = [FaultKind::DropWrite, FaultKind::DoubleWrite];
    let panic = catch_unwind(AssertUnwindSafe(|| random_faults(kinds, 2_000, test))).expect_err("a plan is found");
    *panic.downcast().expect("a report is text")
}

#[test]
fn a_failing_plan_is_reduced_and_repeated_by_its_seed() {
    const TEST: &str = "a_failing_plan_is_reduced_and_repeated_by_its_seed";
    const DOOR: &str = "MEMTRAP_PLANS_DOOR";
    if let Ok(door) = env::var(DOOR) {
        let door = if door == "Typed" { Door::Typed } else { Door::Trapped };
        println!("{}", random(door));
        return;
    }
    for door in DOORS {
        let report = random(door);
        let (text, rerun) = report.split_once("\n  rerun     MEMTRAP_SEED=").expect("how to run it again");
        // The first try takes two accesses, so that the second write is the third. Without a fault there is no third.
        assert_eq!(
            text,
            "memtrap: the test fails with a random plan of faults: the driver says that the switch is on\n\
             \x20 plan      #1 write of switch.control: write dropped\n\
             \x20           #3 write of switch.control: write dropped",
        );
        let (seed, command) = rerun.split_once(' ').expect("a seed and a command");
        assert!(command.starts_with("cargo test -p memtrap"), "{command}");
        assert!(command.ends_with(&format!(" --test fault_plans {TEST} -- --exact")), "{command}");
        // Another process, which would draw other plans.
        let mut again = Command::new(env::current_exe().expect("a test binary knows its path"));
        again.args([TEST, "--exact", "--nocapture"]).env(DOOR, format!("{door:?}")).env("MEMTRAP_SEED", seed);
        let again = again.output().expect("the test binary can be run again");
        assert!(String::from_utf8_lossy(&again.stdout).contains(&report), "{again:?}");
    }
}
