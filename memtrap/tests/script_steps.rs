//! Steps of scripts are values: they nest, and several scripts use one. Through each door, over several devices.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;

use doors::Door;
use memtrap::{
    Bus, Simulation, Width, any_order, register,
    script::{Step, modify_fields, poll},
    seq, simulated,
    trace::{read, write},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A flash controller whose registers are locked.
#[simulated(size = 0x20, width = 32)]
pub struct Flash {
    #[reg(0x00, wo)]
    pub key: u32,
    #[reg(0x04, rw, reset = 0x80)]
    pub control: Control,
    #[reg(0x08, ro)]
    pub status: u32,
    #[reg(0x0c, rw)]
    pub bank: u32,
    #[reg(0x10, rw)]
    pub wait: u32,
}

/// Control of the flash.
#[register(u32)]
pub struct Control {
    #[bits(0)]
    pub program: bool,
    #[bits(1)]
    pub erase: bool,
    #[bits(7)]
    pub locked: bool,
}

/// The clock of the flash.
#[simulated(size = 0x10, width = 32)]
pub struct Clock {
    #[reg(0x0, rw)]
    pub enable: u32,
}

struct Plain;

impl flash::Model for Plain {}
impl clock::Model for Plain {}

const KEY: usize = 0x00;
const CONTROL: usize = 0x04;
const STATUS: usize = 0x08;
const BANK: usize = 0x0c;
const WAIT: usize = 0x10;

struct Board {
    door: Door,
    bus: Bus,
    flash: Simulation<Flash, Plain>,
    clock: Simulation<Clock, Plain>,
}

impl Board {
    fn new(door: Door) -> Self {
        let bus = Bus::new();
        let (flash, clock) = (bus.simulate(Plain).unwrap(), bus.simulate(Plain).unwrap());
        Self { door, bus, flash, clock }
    }

    fn write(&self, offset: usize, value: u64) {
        self.door.write(self.flash.base(), offset, Width::U32, value);
    }

    fn read(&self, offset: usize) -> u64 {
        self.door.read(self.flash.base(), offset, Width::U32)
    }

    fn enable(&self) {
        self.door.write(self.clock.base(), 0, Width::U32, 1);
    }

    fn unlock(&self) {
        self.write(KEY, 0x4567_0123);
        self.write(KEY, 0xcdef_89ab);
    }

    fn wait(&self) {
        for _ in 0..3 {
            assert_eq!(self.read(STATUS), 0);
        }
    }

    /// Sets a bit of the control register and takes the lock away, or puts it back.
    fn control(&self, clear: u64, set: u64) {
        let before = self.read(CONTROL);
        self.write(CONTROL, before & !clear | set);
    }
}

/// Used by each script below.
fn unlock() -> Step {
    seq![write("key").of(0x4567_0123_u32), write("key").of(0xcdef_89ab_u32), modify_fields("control", [("locked", 0)])]
}

/// The same on whatever an operation does between.
fn operation(field: &str, work: impl Into<Step>) -> Step {
    seq![
        unlock(),
        modify_fields("control", [(field, 1)]),
        work.into(),
        poll(read("status").of(0)).times(1..=3),
        modify_fields("control", [(field, 0), ("locked", 1)]),
    ]
}

fn report(work: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(work)).expect_err("the test fails").downcast::<String>().expect("a report is text")
}

/// Erases and programs, with the two configuration registers in this order.
fn drive(board: &Board, first: usize, second: usize) {
    board.enable();
    for bit in [0x2, 0x1] {
        board.unlock();
        board.control(0x80, 0);
        board.control(0, bit);
        board.write(first, 1);
        board.write(second, 1);
        board.wait();
        board.control(bit, 0x80);
    }
}

#[test]
fn a_step_is_used_by_several_scripts_and_inside_others() {
    for door in Door::ALL {
        for (first, second) in [(BANK, WAIT), (WAIT, BANK)] {
            let board = Board::new(*door);
            let configure = any_order![write("flash.bank"), write("flash.wait")];
            let all = board.bus.expect(seq![
                write("clock.enable").of(1),
                operation("erase", configure.clone()),
                operation("program", configure.clone()),
            ]);
            // Another script is made of the same step, and sees nothing else.
            let counted = board.bus.expect(configure.times(2)).only("flash").allow_reads();
            let counted = counted.allow(write("key")).allow(write("control"));
            drive(&board, first, second);
            assert!(all.is_complete() && counted.is_complete());
        }
    }
}

/// A report as it is whichever line the code of this file is in, and whatever runs the test again.
fn stable(report: &str) -> String {
    let mut stable = String::new();
    for line in report.lines().filter(|line| !line.starts_with("  rerun ")) {
        let mut parts = line.split("script_steps.rs:");
        stable += parts.next().unwrap_or_default();
        for part in parts {
            stable += "script_steps.rs:N";
            stable += part.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ':');
        }
        stable.push('\n');
    }
    stable
}

#[test]
fn the_report_of_an_access_that_does_not_fit() {
    let bus = Bus::new();
    let flash = bus.simulate_at::<Flash, _>(0x4002_2000, Plain).unwrap();
    let script =
        bus.expect(operation("erase", any_order![write("bank").of(2), write("wait"), read("status").returns(7)]));
    let report = report(|| {
        let mut regs = flash.regs();
        regs.key().write(0x4567_0123);
        regs.key().write(0xcdef_89ab);
        regs.control().modify(|control| control.with_locked(false));
        regs.control().modify(|control| control.with_erase(true));
        assert_eq!(regs.status().read(), 7, "the script answers");
        regs.bank().write(3);
    });
    assert!(!script.is_complete());
    assert_eq!(stable(&report), include_str!("script_steps/report.txt"), "{report}");
    assert!(report.contains("\n  rerun     cargo test -p memtrap"), "{report}");
}

#[test]
fn the_report_of_fields_that_do_not_fit() {
    for door in Door::ALL {
        let board = Board::new(*door);
        let script = board.bus.expect(seq![write("clock.enable"), operation("erase", seq![])]);
        let report = report(|| {
            board.enable();
            board.unlock();
            board.control(0x80, 0);
            board.control(0, 0x1);
            drop(script);
        });
        assert!(report.starts_with("memtrap: unexpected write of flash.control = 0x1\n"), "{report}");
        let differs = "\n  differs   in the bits 0x3; program is 0x1, expected 0x0; erase is 0x0, expected 0x1\n";
        assert!(report.contains(differs), "{report}");
        let expected = "\n  expected  write of `control` = 0x2 {erase=0x1}  (memtrap/tests/script_steps.rs:";
        assert!(report.contains(expected), "{report}");
    }
}
