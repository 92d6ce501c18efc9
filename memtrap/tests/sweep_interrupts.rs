//! An interrupt at each point of a driver's work finds where it and its handler get in each other's way.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;

use doors::Door;
use memtrap::{Bus, Width, simulated, sweep_interrupts};
use std::panic::catch_unwind;

/// A port of pins.
#[simulated(size = 0x100, width = 32)]
pub struct Gpio {
    #[reg(0x00, rw)]
    pub direction: u32,
    #[reg(0x04, rw)]
    pub out: u32,
}

struct Plain;

impl gpio::Model for Plain {}

const LINE: u32 = 7;
const HANDLERS_PIN: u64 = 0x100;

/// Sets a pin, in a load and a store.
fn set(door: Door, base: usize, pin: u64) {
    let base = std::ptr::with_exposed_provenance_mut(base);
    let pins = door.read(base, gpio::OUT_OFFSET, Width::U32);
    door.write(base, gpio::OUT_OFFSET, Width::U32, pins | pin);
}

/// A test of a driver that sets a pin, in a critical section if it is `careful`, while the handler sets another.
fn test(bus: &Bus, door: Door, careful: bool) {
    let sim = bus.simulate::<Gpio, _>(Plain).unwrap();
    let base = sim.base().expose_provenance();
    bus.on_interrupt(LINE, move || set(door, base, HANDLERS_PIN));
    door.write(sim.base(), gpio::DIRECTION_OFFSET, Width::U32, 0x101);
    let masked = bus.mask_interrupts(careful);
    set(door, base, 1);
    bus.mask_interrupts(masked);
    let handlers = if bus.interrupts_served(LINE) > 0 { HANDLERS_PIN } else { 0 };
    assert_eq!(u64::from(sim.state().out), 1 | handlers, "a pin was lost");
}

#[test]
fn a_critical_section_passes_at_every_point() {
    for &door in Door::ALL {
        let runs = sweep_interrupts(LINE, |bus| test(bus, door, true));
        assert_eq!(runs, 4, "before the first access and after each of three");
    }
}

#[test]
fn a_lost_update_is_found_where_it_happens() {
    for &door in Door::ALL {
        let panic = catch_unwind(|| sweep_interrupts(LINE, |bus| test(bus, door, false))).unwrap_err();
        let report = panic.downcast_ref::<String>().unwrap();
        assert!(
            report.starts_with("memtrap: the test fails with 1 of 4 interrupts:\n  after #2 read of gpio.out\n"),
            "{report}"
        );
        assert!(report.contains("a pin was lost"), "{report}");
    }
}

#[test]
fn the_first_interrupt_comes_before_the_first_access() {
    let order = std::sync::Mutex::new(Vec::new());
    sweep_interrupts(LINE, |bus| {
        test(bus, Door::Typed, true);
        let first = bus.trace().accesses().next().map(|access| access.register());
        order.lock().unwrap().push(first.flatten());
    });
    // The run as it is, then the one that the handler begins.
    assert_eq!(order.lock().unwrap()[..2], [Some("direction"), Some("out")]);
}

#[test]
#[should_panic(expected = "memtrap: the sweep shows nothing: interrupt 8 never had a handler that was called")]
fn a_sweep_of_another_line_is_a_mistake() {
    sweep_interrupts(8, |bus| test(bus, Door::Typed, true));
}
