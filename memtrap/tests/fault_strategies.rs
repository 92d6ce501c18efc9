//! Plans of faults as strategies of `proptest`, whose failing cases shrink.

use memtrap::{
    Bus,
    fault::{
        FaultKind, Plan,
        strategy::{any_kind, plans, plans_of},
    },
    simulated,
};
use proptest::{
    strategy::{Just, Strategy},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use std::{fmt::Debug, time::Duration};

/// A switch that says whether it is on.
#[simulated(size = 0x10, width = 32)]
pub struct Switch {
    #[reg(0x0, rw)]
    pub control: u32,
}

struct Plain;

impl switch::Model for Plain {}

/// Tries until the switch says that it is on.
fn turn_on(regs: &mut Switch, tries: usize) -> bool {
    (0..tries).any(|_| {
        regs.control().write(1);
        regs.control().read() == 1
    })
}

/// The simplest value for which the property does not hold. The same in every run.
fn simplest<T: Debug>(strategy: impl Strategy<Value = T>, holds: impl Fn(&T) -> bool) -> T {
    let config = Config { failure_persistence: None, cases: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner
        .run(&strategy, |value| if holds(&value) { Ok(()) } else { Err(TestCaseError::fail("it does not hold")) });
    match result {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("the property holds: {other:?}"),
    }
}

#[test]
fn a_failing_plan_shrinks_to_the_faults_that_matter() {
    let holds = |plan: &Plan| {
        let bus = Bus::new();
        let sim = bus.simulate::<Switch, _>(Plain).unwrap();
        plan.inject(&bus);
        turn_on(&mut sim.regs(), 2)
    };
    // Two tries of two accesses each; the driver gives up if something happens to both.
    let plan = simplest(plans_of(Just(FaultKind::DropWrite), 10, 0..=5), holds);
    assert_eq!(plan, Plan::new([(1, FaultKind::DropWrite), (3, FaultKind::DropWrite)]));
    // Of all kinds the first is the simplest.
    let plan = simplest(plans(10, 0..=5), holds);
    assert_eq!(plan.faults().len(), 2, "{plan}");
    assert!(plan.faults().iter().all(|(_, kind)| *kind == FaultKind::BusError), "{plan}");
}

#[test]
fn each_kind_comes_up_and_shrinks_to_its_simplest() {
    let simplest = |kind: fn(&FaultKind) -> bool| simplest(any_kind(), |other| !kind(other));
    assert_eq!(simplest(|_| true), FaultKind::BusError);
    assert_eq!(simplest(|kind| matches!(kind, FaultKind::StuckAt(_))), FaultKind::StuckAt(0));
    assert_eq!(simplest(|kind| matches!(kind, FaultKind::StuckAt(0x100..))), FaultKind::StuckAt(0x100));
    assert_eq!(simplest(|kind| matches!(kind, FaultKind::FlipBit(_))), FaultKind::FlipBit(0));
    assert_eq!(simplest(|kind| matches!(kind, FaultKind::FlipBit(40..))), FaultKind::FlipBit(40));
    assert_eq!(simplest(|kind| *kind == FaultKind::DropWrite), FaultKind::DropWrite);
    assert_eq!(simplest(|kind| *kind == FaultKind::DoubleWrite), FaultKind::DoubleWrite);
    let longest = simplest(|kind| matches!(kind, FaultKind::Delay(time) if *time > Duration::from_millis(5)));
    assert_eq!(longest, FaultKind::Delay(Duration::from_nanos(5_000_001)));
}

#[test]
#[should_panic(expected = "memtrap: there is no access that a fault could strike")]
fn a_plan_needs_an_access() {
    let _plans = plans(0, 1);
}
