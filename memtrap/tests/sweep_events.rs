//! An event of a model at each point of a driver's work finds where the driver loses what its device tells it.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;

use doors::Door;
use memtrap::{Bus, Context, Width, simulated, sweep_events, sweep_interrupts};
use std::panic::catch_unwind;

/// Messages, and a line that says that some have come.
#[simulated(size = 0x10, width = 32)]
pub struct Mailbox {
    /// Messages that wait.
    #[reg(0x0, ro)]
    pub count: u32,
    /// Takes so many messages.
    #[reg(0x4, wo)]
    pub take: u32,
    /// Lowers the line, whatever waits.
    #[reg(0x8, wo)]
    pub clear: u32,
}

struct Device;

const LINE: u32 = 7;
const MESSAGE: u64 = 3;

fn receive(regs: &mut mailbox::State, cx: &mut Context<'_>) {
    regs.count += 1;
    cx.raise(LINE);
}

impl mailbox::Model for Device {
    fn event(&mut self, regs: &mut mailbox::State, event: u64, cx: &mut Context<'_>) {
        assert_eq!(event, MESSAGE);
        receive(regs, cx);
    }

    fn write_take(&mut self, regs: &mut mailbox::State, value: u32, _cx: &mut Context<'_>) {
        regs.count -= value;
    }

    fn write_clear(&mut self, _regs: &mut mailbox::State, _value: u32, cx: &mut Context<'_>) {
        cx.lower(LINE);
    }
}

fn count(door: Door, base: usize) -> u64 {
    door.read(std::ptr::with_exposed_provenance_mut(base), mailbox::COUNT_OFFSET, Width::U32)
}

fn write(door: Door, base: usize, offset: usize, value: u64) {
    door.write(std::ptr::with_exposed_provenance_mut(base), offset, Width::U32, value);
}

/// Takes what waits, and clears the line when it has done so: too late for what has come meanwhile.
fn careless(door: Door, base: usize) {
    write(door, base, mailbox::TAKE_OFFSET, count(door, base));
    write(door, base, mailbox::CLEAR_OFFSET, 1);
}

/// Clears the line and then takes what waits: what comes meanwhile raises it again.
fn careful(door: Door, base: usize) {
    write(door, base, mailbox::CLEAR_OFFSET, 1);
    write(door, base, mailbox::TAKE_OFFSET, count(door, base));
}

/// A message comes, and its handler takes it; no message may be left behind.
fn test(bus: &Bus, door: Door, handler: fn(Door, usize)) {
    let sim = bus.simulate::<Mailbox, _>(Device).unwrap();
    let base = sim.base().expose_provenance();
    bus.on_interrupt(LINE, move || handler(door, base));
    sim.stimulate(|_, regs, cx| receive(regs, cx));
    assert_eq!(sim.state().count, 0, "a message is left behind");
    assert!(!bus.is_interrupt_pending(LINE));
}

#[test]
fn a_handler_that_clears_first_passes_at_every_point() {
    for &door in Door::ALL {
        let runs = sweep_events("mailbox", MESSAGE, |bus| test(bus, door, careful));
        assert_eq!(runs, 4, "before the first access and after each of three");
    }
}

#[test]
fn a_message_that_comes_before_the_line_is_cleared_is_lost() {
    for &door in Door::ALL {
        let panic = catch_unwind(|| sweep_events("mailbox", MESSAGE, |bus| test(bus, door, careless))).unwrap_err();
        let report = panic.downcast_ref::<String>().unwrap();
        let start = "memtrap: the test fails with 2 of 4 events:\n  after #1 read of mailbox.count\n";
        assert!(report.starts_with(start), "{report}");
        assert!(report.contains("\n  after #2 write of mailbox.take\n"), "{report}");
        assert!(report.contains("a message is left behind"), "{report}");
    }
}

#[test]
fn a_pulse_without_a_cause_does_not_find_it() {
    for &door in Door::ALL {
        assert_eq!(sweep_interrupts(LINE, |bus| test(bus, door, careless)), 4);
    }
}

#[test]
fn the_first_event_comes_before_the_first_access() {
    let order = std::sync::Mutex::new(Vec::new());
    sweep_events("mailbox", MESSAGE, |bus| {
        test(bus, Door::Typed, careful);
        order.lock().unwrap().push(bus.trace().to_string());
    });
    let order = order.lock().unwrap();
    assert!(!order[0].contains("event 3"), "the run as it is: {}", order[0]);
    let first = order[1].find("event 3").expect("the event is in the trace");
    assert!(order[1].find("#1 ").is_some_and(|access| first < access), "{}", order[1]);
}

#[test]
#[should_panic(expected = "memtrap: the sweep shows nothing: event 3 never reached a region `mailbax`")]
fn a_sweep_of_another_region_is_a_mistake() {
    sweep_events("mailbax", MESSAGE, |bus| test(bus, Door::Typed, careful));
}
