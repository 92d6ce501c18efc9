//! An event of a model at each point of a test, one run each.

use crate::bus::Bus;
use std::cell::Cell;

/// Runs `test` again and again on a bus of its own: once as it is, and then once for each access it made, with the `event`
/// for the model of `region` after that access; and once with the event as soon as any line has a handler, before any
/// access that follows.
///
/// Where the pulse of [`sweep_interrupts`](crate::sweep_interrupts) comes from nowhere, here the device has a cause: its
/// model changes its registers and raises its line, as its `event` function says, and the handler finds both. This finds the places where a driver loses what the device tells it: a flag that is cleared after the device has
/// set it again, a driver that goes to sleep when the news has already come. `region` is a name as traces show it. After an
/// access that was made while no region has this name, nothing happens.
///
/// The test passes if it returns. Returns the number of runs with an event.
///
/// ```
/// use memtrap::{Context, simulated, sweep_events};
///
/// #[simulated(size = 0x10, width = 32)]
/// pub struct Uart {
///     #[reg(0x0, ro)]
///     pub count: u32,
///     #[reg(0x4, wo)]
///     pub clear: u32,
/// }
///
/// /// Holds line 7 while a byte waits.
/// struct Receiver;
///
/// impl uart::Model for Receiver {
///     fn event(&mut self, regs: &mut uart::State, _event: u64, cx: &mut Context<'_>) {
///         regs.count += 1;
///         cx.raise(7);
///     }
///
///     fn write_clear(&mut self, regs: &mut uart::State, value: u32, cx: &mut Context<'_>) {
///         regs.count -= value;
///         if regs.count == 0 {
///             cx.lower(7);
///         }
///     }
/// }
///
/// let runs = sweep_events("uart", 0, |bus| {
///     let sim = bus.simulate::<Uart, _>(Receiver).unwrap();
///     let base = sim.base().expose_provenance();
///     bus.on_interrupt(7, move || {
///         // SAFETY: The address is that of the simulated block.
///         unsafe { Uart::at(base) }.clear().write(1);
///     });
///     let _seen = sim.regs().count().read();
///     assert_eq!(sim.state().count, 0, "the handler takes what arrives");
/// });
/// assert_eq!(runs, 2);
/// ```
///
/// # Panics
///
/// As the test itself if it fails as it is; with all points at which it fails; if the event reached the model in no run; or
/// if the test does not make the same accesses in each run.
#[track_caller]
pub fn sweep_events(region: &str, event: u64, test: impl Fn(&Bus)) -> usize {
    let accesses = super::accesses(&test);
    let delivered = Cell::new(false);
    let variants = super::points(&accesses).map(|(number, text)| {
        let (test, delivered) = (&test, &delivered);
        let run = move || {
            let bus = Bus::new();
            bus.event_after(number, region, event);
            test(&bus);
            delivered.set(delivered.get() || bus.has_delivered());
            // A driver that polls has no handlers.
            number == 0 || bus.has_reached_point()
        };
        (text, run)
    });
    let runs = super::run(
        "events",
        variants,
        "the driver does not expect the event there: look again after what it clears, and mask the line around what it \
         shares with its handler",
    );
    assert!(delivered.get(), "memtrap: the sweep shows nothing: event {event} never reached a region `{region}`");
    runs
}
