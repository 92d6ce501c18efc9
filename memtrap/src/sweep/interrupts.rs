//! An interrupt at each point of a test, one run each.

use crate::bus::Bus;
use std::cell::Cell;

/// Runs `test` again and again on a bus of its own: once as it is, and then once for each access it made, with a pulse on
/// the interrupt `line` after that access; and once with a pulse as soon as the line has a handler, before any access that
/// follows.
///
/// This finds the places where a driver and its handler use the same registers or the same data and one of them does not
/// expect the other: a read-modify-write that a handler interrupts, a flag that is cleared after it was looked at. The
/// pulse comes from nowhere, as a spurious interrupt or one of another device on the line does; a handler that asks its
/// device finds what the device says. While the driver masks the line, the pulse waits.
///
/// The test passes if it returns. Returns the number of runs with an interrupt.
///
/// ```
/// # use memtrap::simulated;
/// # #[simulated(size = 0x100, width = 32)]
/// # pub struct Gpio { #[reg(0x00, rw)] pub out: u32 }
/// # struct Plain;
/// # impl gpio::Model for Plain {}
/// use memtrap::sweep_interrupts;
///
/// let runs = sweep_interrupts(7, |bus| {
///     let sim = bus.simulate::<Gpio, _>(Plain).unwrap();
///     let out = sim.base().expose_provenance();
///     // The handler sets a pin of its own.
///     bus.on_interrupt(7, move || {
///         // SAFETY: The address is that of the simulated block.
///         let mut regs = unsafe { Gpio::at(out) };
///         regs.out().modify(|pins| pins | 0x100);
///     });
///     // The driver sets another, and must not lose the handler's.
///     let mut regs = sim.regs();
///     bus.mask_interrupts(true);
///     regs.out().modify(|pins| pins | 1);
///     bus.mask_interrupts(false);
///     let expected = if bus.interrupts_served(7) > 0 { 0x101 } else { 1 };
///     assert_eq!(sim.state().out, expected);
/// });
/// assert_eq!(runs, 3);
/// ```
///
/// # Panics
///
/// As the test itself if it fails as it is; with all points at which it fails; if the handler was called in no run; or if
/// the test does not make the same accesses in each run.
#[track_caller]
pub fn sweep_interrupts(line: u32, test: impl Fn(&Bus)) -> usize {
    let accesses = super::accesses(&test);
    let served = Cell::new(0);
    let variants = super::points(&accesses).map(|(number, text)| {
        let (test, served) = (&test, &served);
        let run = move || {
            let bus = Bus::new();
            bus.pulse_after(number, line);
            test(&bus);
            served.set(served.get() + bus.interrupts_served(line));
            // Whether there is a handler at all is asked at the end.
            number == 0 || bus.has_reached_point()
        };
        (text, run)
    });
    let runs = super::run(
        "interrupts",
        variants,
        "the driver and its handler get in each other's way there: mask the line, or leave the registers to one of them",
    );
    assert!(served.get() > 0, "memtrap: the sweep shows nothing: interrupt {line} never had a handler that was called");
    runs
}
