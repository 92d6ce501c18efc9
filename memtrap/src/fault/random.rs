//! Plans drawn from a seed, one run each.

use super::{FaultKind, Plan};
use crate::{
    bus::Bus,
    run::ThisTest,
    sweep::{self, first_line},
};
use std::{
    env,
    hash::{BuildHasher as _, RandomState},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The environment variable that repeats a run: the seed of the plan that failed.
const SEED: &str = "MEMTRAP_SEED";

/// Faults of a plan at most.
const MOST: u64 = 4;

/// A driver that tries again makes more accesses than it does without a fault: plans reach so many times as far.
const REACH: usize = 2;

/// Runs `test` on a bus of its own once without a fault, and then `runs` times with a random [`Plan`] of one to four faults
/// of these kinds.
///
/// Where [`sweep_faults`](super::sweep_faults) tries each fault alone, this finds what takes two: a retry that fails as
/// well, a lost write behind a wrong status. The test asserts what must be true in any case, and runs a driver that
/// may wait for ever in [`Bus::run`]. Returns the number of runs in which a fault has struck: those of a driver that gives up
/// early may strike nothing.
///
/// Each test process draws other plans. A report of one that fails gives its seed; with the environment variable
/// `MEMTRAP_SEED` set to it, the test runs with that plan only. Before it is reported, a plan loses the faults without which
/// the test fails as well.
///
/// ```
/// # use memtrap::simulated;
/// # #[simulated(size = 0x100, width = 32)]
/// # pub struct Uart { #[reg(0x00, rw)] pub dr: u32, #[reg(0x30, rw)] pub cr: u32 }
/// # struct Plain;
/// # impl uart::Model for Plain {}
/// use memtrap::fault::{FaultKind, random_faults};
///
/// /// Enables the device, if need be three times, and looks whether it is.
/// fn enable(regs: &mut Uart) -> Result<(), &'static str> {
///     for _ in 0..3 {
///         regs.cr().write(1);
///         if regs.cr().read() == 1 {
///             return Ok(());
///         }
///     }
///     Err("the device does not answer")
/// }
///
/// random_faults([FaultKind::BusError, FaultKind::DropWrite], 100, |bus| {
///     let sim = bus.simulate::<Uart, _>(Plain).unwrap();
///     let result = enable(&mut sim.regs());
///     assert!(result.is_err() || sim.state().cr == 1, "the driver believes that the device is enabled");
/// });
/// ```
///
/// # Panics
///
/// As the test itself if it fails without a fault; with the plan and its seed if it fails with one; if there are no `kinds`,
/// or the test makes no access; or if `MEMTRAP_SEED` is set to something else than a seed.
#[track_caller]
pub fn random_faults(kinds: impl IntoIterator<Item = FaultKind>, runs: usize, test: impl Fn(&Bus)) -> usize {
    let kinds: Vec<_> = kinds.into_iter().collect();
    assert!(!kinds.is_empty(), "memtrap: there are no kinds of faults to choose from");
    let accesses = sweep::accesses(&test).len();
    assert!(accesses > 0, "memtrap: the test makes no access that a fault could strike");
    let seeds: Vec<_> = match env::var(SEED) {
        Ok(seed) => vec![parse(&seed)],
        Err(_) => (0..runs as u64).map(|number| RandomState::new().hash_one(number)).collect(),
    };
    let mut struck = 0;
    for seed in seeds {
        match run(draw(seed, &kinds, REACH * accesses), &test) {
            Ok(has_struck) => struck += usize::from(has_struck),
            Err(failing) => panic!("{}", report(seed, &shrink(failing, &test))),
        }
    }
    struck
}

/// The seed that a report has printed.
#[track_caller]
fn parse(text: &str) -> u64 {
    let digits = text.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
    let seed = digits.unwrap_or_else(|| text.parse());
    seed.unwrap_or_else(|_| panic!("memtrap: {SEED} is `{text}`, which is no seed: give it as a report has printed it"))
}

/// The plan of a seed.
fn draw(seed: u64, kinds: &[FaultKind], accesses: usize) -> Plan {
    let mut numbers = Numbers(seed);
    let faults = 1 + numbers.below(MOST);
    let fault = |_| (1 + numbers.below(accesses as u64) as usize, kinds[numbers.below(kinds.len() as u64) as usize]);
    Plan::new((0..faults).map(fault))
}

/// A plan with which the test fails.
struct Failing {
    plan: Plan,
    /// What each fault has struck first, if anything.
    places: Vec<Option<String>>,
    /// The first line of the message with which the test has failed.
    message: String,
}

/// Runs the test with the plan; whether a fault has struck.
///
/// # Errors
///
/// The plan, if the test fails with it.
fn run(plan: Plan, test: &impl Fn(&Bus)) -> Result<bool, Failing> {
    let bus = Bus::new();
    let injected = plan.inject(&bus);
    match catch_unwind(AssertUnwindSafe(|| test(&bus))) {
        Ok(()) => Ok(injected.iter().any(|fault| fault.struck() > 0)),
        Err(panic) => {
            let places = injected.iter().map(|fault| fault.first().map(str::to_owned)).collect();
            Err(Failing { plan, places, message: first_line(panic.as_ref()).to_owned() })
        }
    }
}

/// Leaves out faults for as long as the test fails without them.
fn shrink(mut failing: Failing, test: &impl Fn(&Bus)) -> Failing {
    let mut index = 0;
    while index < failing.plan.faults().len() {
        match run(failing.plan.without(index), test) {
            Err(simpler) => failing = simpler,
            Ok(_) => index += 1,
        }
    }
    failing
}

#[cold]
fn report(seed: u64, failing: &Failing) -> String {
    let Failing { plan, places, message } = failing;
    let mut report = format!("memtrap: the test fails with a random plan of faults: {message}");
    let lines = plan.faults().iter().zip(places).map(|((number, kind), place)| match place {
        Some(place) => format!("#{number} {place}: {kind}"),
        None => format!("#{number} {kind}"),
    });
    for (index, line) in lines.enumerate() {
        report += &format!("\n  {:<8}  {line}", if index == 0 { "plan" } else { "" });
    }
    match ThisTest::here().command() {
        Some(command) => report + &format!("\n  rerun     {SEED}={seed:#x} {command}"),
        None => report + &format!("\n  seed      {SEED}={seed:#x}"),
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): any seed is a good one.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_plan() {
        let kinds = [FaultKind::BusError, FaultKind::DropWrite, FaultKind::FlipBit(3)];
        let plan = |seed| draw(seed, &kinds, 10);
        let plans: Vec<_> = (0..200).map(plan).collect();
        assert_eq!(plans, (0..200).map(plan).collect::<Vec<_>>());
        for count in 1..=4 {
            assert!(plans.iter().any(|plan| plan.faults().len() == count), "a plan of {count}");
        }
        let faults: Vec<_> = plans.iter().flat_map(Plan::faults).collect();
        assert!((1..=10).all(|number| faults.iter().any(|(at, _)| *at == number)), "each access");
        assert!(faults.iter().all(|(at, _)| (1..=10).contains(at)));
        assert!(kinds.iter().all(|kind| faults.iter().any(|(_, other)| other == kind)), "each kind");
    }

    #[test]
    fn a_seed_is_written_as_it_is_printed() {
        assert_eq!((parse("0x1f"), parse("31")), (31, 31));
    }

    #[test]
    #[should_panic(expected = "memtrap: MEMTRAP_SEED is `x`, which is no seed")]
    fn something_else_is_no_seed() {
        parse("x");
    }
}
