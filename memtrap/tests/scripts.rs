//! Scripts watch the accesses of both doors, and say what they expected instead.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;
#[path = "support/uart.rs"]
mod support;

use doors::Door;
use memtrap::{
    Bus, Simulation, Width, any_order, register,
    script::{Step, modify, modify_fields, poll},
    seq, simulated,
    trace::{read, write},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

use support::{Plain, Uart};

/// A reset controller.
#[simulated(size = 0x10, width = 32)]
pub struct Resets {
    #[reg(0x0, rw)]
    pub release: u32,
}

impl resets::Model for Plain {}

/// Two devices on one bus, and a driver of both.
struct Board {
    door: Door,
    bus: Bus,
    uart: Simulation<Uart, Plain>,
    resets: Simulation<Resets, Plain>,
}

impl Board {
    fn new(door: Door) -> Self {
        let bus = Bus::new();
        let uart = bus.simulate(Plain).unwrap();
        let resets = bus.simulate(Plain).unwrap();
        Self { door, bus, uart, resets }
    }

    fn write(&self, offset: usize, value: u32) {
        self.door.write(self.uart.base(), offset, Width::U32, value.into());
    }

    fn read(&self, offset: usize) -> u32 {
        self.door.read(self.uart.base(), offset, Width::U32) as u32
    }

    /// Brings the UART up and sends a text.
    fn drive(&self) {
        self.resets.regs().release().write(1);
        self.write(0x28, 3);
        self.write(0x24, 26);
        self.write(0x30, self.read(0x30) | 1);
        for byte in *b"hi" {
            while self.read(0x18) & 0x20 != 0 {}
            self.write(0x00, u32::from(byte));
        }
    }
}

fn baud_rate() -> Step {
    any_order![write("ibrd").of(26), write("fbrd").of(3)]
}

/// The report of a test that fails; one that waits for the trapped door is raised by the script's end.
fn report(work: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(work)).expect_err("the test fails").downcast::<String>().expect("a report is text")
}

#[test]
fn a_script_spans_devices_and_is_complete() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let script = board.bus.expect(seq![
            write("resets.release").of(1),
            baud_rate(),
            modify("cr", 0x1, 0x1),
            seq![poll(read("fr").with_clear(0x20)), write("dr")].times(1..=16),
        ]);
        assert!(!script.is_complete());
        board.drive();
        assert!(script.is_complete());
    }
}

#[test]
fn a_script_answers_reads_in_the_place_of_the_device() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let _script = board.bus.expect(seq![
            read("fr").returns(0xb0).times(2),
            read("fr").returns(0x90),
            read("fr"),
            read("cr").returns(7),
        ]);
        let values = [board.read(0x18), board.read(0x18), board.read(0x18), board.read(0x18), board.read(0x30)];
        assert_eq!(values, [0xb0, 0xb0, 0x90, 0x90, 7]);
    }
}

#[test]
fn what_is_not_expected_is_reported_with_both_lines_and_what_was_possible() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let line = line!() + 1;
        let script = board.bus.expect(seq![write("ibrd").of(26), write("fbrd")]);
        let report = report(|| {
            board.write(0x24, 24);
            drop(script);
        });
        assert!(report.starts_with("memtrap: unexpected write of uart.ibrd = 0x18\n"), "{report}");
        assert!(report.contains("\n  expected  write of `ibrd` = 0x1a  (memtrap/tests/scripts.rs:"), "{report}");
        assert!(report.contains(&format!("scripts.rs:{line})\n  differs   in the bits 0x2\n")), "{report}");
        let from = report.lines().find(|line| line.starts_with("  from      ")).expect("it says who made the access");
        assert!(from.contains(if door == Door::Typed { "scripts.rs:" } else { "doors.rs:" }), "{report}");
        assert!(report.contains("#1     W uart.ibrd  0x00000018"), "{report}");
    }
}

#[test]
fn the_alternatives_that_are_left_are_listed() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let script = board.bus.expect(seq![any_order![write("ibrd"), write("fbrd"), read("fr")], write("cr")]);
        let report = report(|| {
            board.write(0x28, 5);
            board.write(0x30, 1);
            drop(script);
        });
        assert!(report.starts_with("memtrap: unexpected write of uart.cr = 0x1\n"), "{report}");
        let expected = report.split_once("\n  expected  ").unwrap().1.split_once("\n  last").unwrap().0;
        let expected: Vec<_> = expected.lines().map(|line| line.split("  (").next().unwrap().trim()).collect();
        assert_eq!(expected, ["write of `ibrd`", "or read of `fr`"]);
    }
}

#[test]
fn an_access_behind_the_end_is_not_expected() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let script = board.bus.expect(write("cr"));
        let report = report(|| {
            board.write(0x30, 1);
            board.write(0x30, 1);
            drop(script);
        });
        assert!(report.contains("\n  expected  nothing more: the script is complete\n"), "{report}");
    }
}

#[test]
fn what_is_missing_is_reported_when_the_script_is_dropped() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let script = board.bus.expect(seq![write("ibrd"), write("fbrd").of(3), write("cr")]);
        board.write(0x24, 26);
        let report = report(|| drop(script));
        assert!(
            report.starts_with("memtrap: the driver ended before the script did\n")
                && report.contains("\n  expected  write of `fbrd` = 0x3  ("),
            "{report}"
        );
        assert!(report.contains("\n  last      #1     W uart.ibrd  0x0000001a\n"), "{report}");
        // The bus goes on without it.
        board.write(0x30, 1);
        drop(board.bus.trace());
    }
}

#[test]
fn a_script_may_look_away() {
    for &door in Door::ALL {
        let board = Board::new(door);
        let _script = board.bus.expect(seq![write("dr").of(b'h'), write("dr").of(b'i')]).allow_reads();
        board.read(0x18);
        board.write(0x00, u32::from(b'h'));
        board.read(0x18);
        board.write(0x00, u32::from(b'i'));

        let board = Board::new(door);
        let _script = board.bus.expect(write("release")).only("resets");
        board.drive();

        let board = Board::new(door);
        let _script = board.bus.expect(write("cr")).allow(write("ibrd"));
        board.write(0x24, 1);
        board.write(0x30, 1);
        board.write(0x24, 2);
    }
}

#[test]
fn a_driver_on_a_stack_of_its_own_is_ended_by_what_is_not_expected() {
    let board = Board::new(Door::Typed);
    let bus = board.bus.clone();
    let _script = bus.expect(seq![write("ibrd"), write("fbrd")]);
    let base = board.uart.base().expose_provenance();
    let report = report(|| {
        bus.run(move || {
            // SAFETY: The address is that of the simulated block.
            let mut regs = unsafe { Uart::at(base) };
            regs.ibrd().write(1);
            regs.cr().write(1);
            unreachable!("the driver was ended");
        })
    });
    assert!(report.starts_with("memtrap: unexpected write of uart.cr = 0x1\n"), "{report}");
}

#[test]
#[should_panic(expected = "memtrap: no region of this bus has a register `crr`")]
fn a_script_for_a_register_that_does_not_exist_is_a_mistake() {
    let board = Board::new(Door::Typed);
    let _script = board.bus.expect(seq![write("cr"), any_order![write("crr")]]);
}

/// A timer.
#[simulated(size = 0x10, width = 32)]
pub struct Timer {
    #[reg(0x0, rw, reset = 0x70)]
    pub control: Control,
}

/// Control of the timer.
#[register(u32)]
pub struct Control {
    #[bits(0)]
    pub enable: bool,
    #[bits(4..=7)]
    pub prescaler: u8,
}

impl timer::Model for Plain {}

#[test]
fn fields_are_modified_by_name() {
    for &door in Door::ALL {
        let bus = Bus::new();
        let timer = bus.simulate::<Timer, _>(Plain).unwrap();
        let write = |bits| {
            let _before = door.read(timer.base(), timer::CONTROL_OFFSET, Width::U32);
            door.write(timer.base(), timer::CONTROL_OFFSET, Width::U32, bits);
        };
        let script = bus.expect(modify_fields("control", [("enable", 1)]));
        write(0x71);
        drop(script);
        drop(bus.trace());
        let script = bus.expect(modify_fields("timer.control", [("enable", 0), ("prescaler", 2)]));
        let report = report(|| {
            write(0x21);
            drop(script);
        });
        assert!(report.starts_with("memtrap: unexpected write of timer.control = 0x21\n"), "{report}");
        assert!(report.contains("\n  differs   in the bits 0x1; enable is 0x1, expected 0x0\n"), "{report}");
    }
}

#[test]
#[should_panic(expected = "can have a field `enabled`: there are enable, prescaler")]
fn a_field_that_does_not_exist_is_a_mistake() {
    let bus = Bus::new();
    let _timer = bus.simulate::<Timer, _>(Plain).unwrap();
    drop(bus.expect(modify_fields("control", [("enabled", 1)])));
}
