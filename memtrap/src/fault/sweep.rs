//! One fault at each access of a test, one run each.

use super::{FaultKind, on};
use crate::{bus::Bus, sweep, trace::any_access};

/// Runs `test` again and again on a bus of its own: once without a fault, and then once for each access it made and each
/// of `kinds` that can strike it, with that one fault.
///
/// The test passes if it returns, whatever the fault did to its driver: it asserts what must be true in any case, for
/// example that the driver has recovered or returned an error. Where a driver may wait for ever, the test runs it in
/// [`Bus::run`]. Returns the number of runs with a fault.
///
/// ```
/// # use memtrap::simulated;
/// # #[simulated(size = 0x100, width = 32)]
/// # pub struct Uart { #[reg(0x00, rw)] pub dr: u32, #[reg(0x30, rw)] pub cr: u32 }
/// # struct Plain;
/// # impl uart::Model for Plain {}
/// use memtrap::fault::{FaultKind, sweep_faults};
///
/// /// Enables the device and looks whether it is.
/// fn enable(regs: &mut Uart) -> Result<(), &'static str> {
///     regs.cr().write(1);
///     if regs.cr().read() == 1 { Ok(()) } else { Err("the device does not answer") }
/// }
///
/// let runs = sweep_faults([FaultKind::BusError, FaultKind::DropWrite, FaultKind::FlipBit(0)], |bus| {
///     let sim = bus.simulate::<Uart, _>(Plain).unwrap();
///     let result = enable(&mut sim.regs());
///     assert!(result.is_err() || sim.state().cr == 1, "the driver believes that the device is enabled");
/// });
/// assert_eq!(runs, 5); // three kinds for the write, two for the read
/// ```
///
/// # Panics
///
/// As the test itself if it fails without a fault; with all plans that made it fail; or if the test does not make the same
/// accesses in each run.
#[track_caller]
pub fn sweep_faults(kinds: impl IntoIterator<Item = FaultKind>, test: impl Fn(&Bus)) -> usize {
    let kinds: Vec<_> = kinds.into_iter().collect();
    let accesses = sweep::accesses(&test);
    let plans = accesses.iter().enumerate().flat_map(|(index, (direction, place))| {
        let plan = move |kind| (index + 1, kind, format!("#{} {direction} of {place}: {kind}", index + 1));
        kinds.iter().copied().filter(|kind| kind.strikes(*direction)).map(plan)
    });
    sweep::run(
        "faults",
        plans.map(|(number, kind, text)| {
            let test = &test;
            let run = move || {
                let bus = Bus::new();
                let injected = bus.inject(on(any_access()).nth(number).fault(kind));
                test(&bus);
                injected.struck() > 0
            };
            (text, run)
        }),
        "to run one of them alone, give the test's bus `fault::on(any_access()).nth(<number>).fault(<kind>)` with \
         `Bus::inject`",
    )
}
