//! Injected faults strike accesses of both doors, and sweeps find what a driver does not survive.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no outcomes are compared here")]
mod doors;

use doors::Door;
use memtrap::{
    Bus, Context, Simulation, Width,
    fault::{FaultKind, on, sweep_faults},
    simulated,
    trace::{any_access, any_read, read, write},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// A FIFO with a control register.
#[simulated(size = 0x100, width = 32)]
pub struct Fifo {
    #[reg(0x00, rw)]
    pub data: u32,
    #[reg(0x04, rw)]
    pub control: u32,
    #[reg(0x08, ro, reset = 0x90)]
    pub status: u32,
}

/// Counts what reaches it.
#[derive(Default)]
struct Counter {
    pushed: Vec<u32>,
    popped: u32,
}

impl fifo::Model for Counter {
    fn write_data(&mut self, _regs: &mut fifo::State, value: u32, _cx: &mut Context<'_>) {
        self.pushed.push(value);
    }

    fn read_data(&mut self, _regs: &mut fifo::State, _cx: &mut Context<'_>) -> u32 {
        self.popped += 1;
        self.popped
    }
}

const DATA: usize = fifo::DATA_OFFSET;
const CONTROL: usize = fifo::CONTROL_OFFSET;
const STATUS: usize = fifo::STATUS_OFFSET;

struct Driver {
    door: Door,
    base: *mut u8,
}

impl Driver {
    fn read(&self, offset: usize) -> u32 {
        self.door.read(self.base, offset, Width::U32) as u32
    }

    fn write(&self, offset: usize, value: u32) {
        self.door.write(self.base, offset, Width::U32, value.into());
    }
}

/// Does `work` through each door.
fn through_each_door(work: impl Fn(&Simulation<Fifo, Counter>, &Driver)) {
    for &door in Door::ALL {
        let sim = Fifo::simulate(Counter::default()).unwrap();
        work(&sim, &Driver { door, base: sim.base() });
    }
}

#[test]
fn a_bus_error_reaches_the_driver_and_not_the_device() {
    through_each_door(|sim, driver| {
        let injected = sim.bus().inject(on(any_access()).bus_error());
        assert_eq!(driver.read(DATA), u32::MAX);
        driver.write(DATA, 7);
        assert_eq!(injected.struck(), 2);
        assert_eq!(sim.model().popped, 0);
        assert!(sim.model().pushed.is_empty());
        sim.bus().clear_faults();
        assert_eq!(driver.read(DATA), 1);
        assert_eq!(
            sim.trace().to_string(),
            "#1     R fifo.data  0xffffffff  refused: injected fault\n\
             \x20      % fifo       fault: bus error\n\
             #2     W fifo.data  0x00000007  refused: injected fault\n\
             \x20      % fifo       fault: bus error\n\
             #3     R fifo.data  0x00000001\n"
        );
    });
}

#[test]
fn values_are_stuck_or_flipped_on_their_way() {
    through_each_door(|sim, driver| {
        let bus = sim.bus();
        let _stuck = bus.inject(on(read("status")).nth(2).stuck_at(0x20));
        let _flipped = bus.inject(on(write("data")).flip_bit(3));
        let status = [driver.read(STATUS), driver.read(STATUS), driver.read(STATUS)];
        assert_eq!(status, [0x90, 0x20, 0x90]);
        driver.write(DATA, 1);
        assert_eq!(sim.model().pushed, [9]);
        let text = sim.trace().to_string();
        assert!(text.contains("% fifo         fault: stuck at 0x20: 0x90 -> 0x20\n"), "{text}");
        assert!(text.contains("#4     W fifo.data    0x00000001\n"), "the trace shows what the driver wrote: {text}");
        assert!(text.contains("fault: bit 3 flipped: 0x1 -> 0x9\n"), "{text}");
    });
}

#[test]
fn writes_are_dropped_or_doubled() {
    through_each_door(|sim, driver| {
        let bus = sim.bus();
        let dropped = bus.inject(on(write("data")).nth(2).drop_write());
        let _doubled = bus.inject(on(write("data")).nth(3..).double_write());
        (1..=4).for_each(|value| driver.write(DATA, value));
        assert_eq!(sim.model().pushed, [1, 3, 3, 4, 4]);
        assert_eq!(dropped.struck(), 1);
        assert_eq!(sim.trace().writes("data").values(), [1, 2, 3, 3, 4, 4], "a doubled write is two accesses");
    });
}

#[test]
fn a_delay_lets_virtual_time_pass() {
    through_each_door(|sim, driver| {
        let bus = sim.bus();
        let _delay = bus.inject(on(read("status")).nth(1).delay(Duration::from_millis(3)));
        assert_eq!((driver.read(STATUS), driver.read(STATUS)), (0x90, 0x90));
        let times: Vec<_> = sim.trace().accesses().map(|access| access.access.time).collect();
        assert_eq!(times[1] - times[0], Duration::from_millis(3) + Duration::from_nanos(100));
    });
}

#[test]
fn a_fault_may_depend_on_the_value() {
    through_each_door(|sim, driver| {
        let bus = sim.bus();
        let _third = bus.inject(on(read("data").of(3)).bus_error());
        let _odd = bus.inject(on(write("data")).when(|_, value| value % 2 == 1).drop_write());
        assert_eq!([1, 2, 3, 4].map(|_| driver.read(DATA)), [1, 2, u32::MAX, 4], "the device was read four times");
        (1..=4).for_each(|value| driver.write(DATA, value));
        assert_eq!(sim.model().pushed, [2, 4]);
    });
}

#[test]
fn a_fault_strikes_both_halves_of_a_read_modify_write() {
    through_each_door(|sim, driver| {
        let bus = sim.bus();
        let _read = bus.inject(on(read("control")).flip_bit(0));
        let _write = bus.inject(on(write("control")).flip_bit(8));
        driver.door.set_bits(driver.base, CONTROL, 0x10);
        assert_eq!(sim.state().control, 0x111);
    });
}

#[test]
#[should_panic(expected = "memtrap: no region of this bus has a register `dat`: there are control, data, status")]
fn a_fault_in_a_register_that_does_not_exist_is_a_mistake() {
    let sim = Fifo::simulate(Counter::default()).unwrap();
    let _injected = sim.bus().inject(on(write("dat")).drop_write());
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_driver_that_waits_for_a_lost_register_is_ended() {
    let sim = Fifo::simulate(Counter::default()).unwrap();
    let _lost = sim.bus().inject(on(any_read()).bus_error());
    let address = sim.base().expose_provenance() + STATUS;
    let stuck = catch_unwind(AssertUnwindSafe(|| {
        sim.bus().run(move || {
            let status = std::ptr::with_exposed_provenance::<u32>(address);
            // SAFETY: The access is trapped.
            while unsafe { status.read_volatile() } & 0x20 != 0 {}
        });
    }));
    let report = stuck.unwrap_err();
    let report = report.downcast_ref::<String>().unwrap();
    assert!(report.contains("fifo.status never changed"), "{report}");
}

/// Enables the device and pushes two values; checks that the device is enabled only if `careful`.
fn drive(driver: &Driver, careful: bool) -> Result<(), &'static str> {
    driver.write(CONTROL, 1);
    if careful && driver.read(CONTROL) != 1 {
        return Err("the device cannot be enabled");
    }
    driver.write(DATA, 1);
    Ok(())
}

/// Sweeps over a driver; what the driver may not do is to report success while the device is disabled.
fn sweep(door: Door, careful: bool) -> usize {
    sweep_faults([FaultKind::DropWrite, FaultKind::FlipBit(1)], |bus| {
        let sim = bus.simulate::<Fifo, _>(Counter::default()).unwrap();
        let result = drive(&Driver { door, base: sim.base() }, careful);
        assert!(result.is_err() || sim.state().control == 1, "a disabled device counts as enabled");
    })
}

#[test]
fn a_sweep_runs_once_for_each_access_and_kind() {
    for &door in Door::ALL {
        assert_eq!(sweep(door, true), 5, "two kinds for each write, one for the read");
    }
}

#[test]
fn a_sweep_prints_the_plans_that_were_not_survived() {
    for &door in Door::ALL {
        let panic = catch_unwind(|| sweep(door, false)).unwrap_err();
        assert_eq!(
            panic.downcast_ref::<String>().unwrap(),
            "memtrap: the test fails with 2 of 4 faults:\n\
             \x20 #1 write of fifo.control: write dropped\n\
             \x20     a disabled device counts as enabled\n\
             \x20 #1 write of fifo.control: bit 1 flipped\n\
             \x20     a disabled device counts as enabled\n\
             \x20 hint      to run one of them alone, give the test's bus \
             `fault::on(any_access()).nth(<number>).fault(<kind>)` with `Bus::inject`"
        );
    }
}

#[test]
#[should_panic(expected = "memtrap: the test is not deterministic")]
fn a_sweep_notices_that_runs_differ() {
    let runs = std::cell::Cell::new(0);
    sweep_faults([FaultKind::DropWrite], |bus: &Bus| {
        let sim = bus.simulate::<Fifo, _>(Counter::default()).unwrap();
        runs.set(runs.get() + 1);
        if runs.get() == 1 {
            sim.regs().control().write(1);
        }
    });
}
