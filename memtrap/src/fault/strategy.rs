//! Faults and plans of them as strategies of the crate `proptest`, whose failing cases shrink: to fewer faults, at earlier
//! accesses, of simpler kinds. (Feature `proptest`.)
//!
//! ```
//! # use memtrap::simulated;
//! # #[simulated(size = 0x100, width = 32)]
//! # pub struct Uart { #[reg(0x00, rw)] pub dr: u32, #[reg(0x30, rw)] pub cr: u32 }
//! # struct Plain;
//! # impl uart::Model for Plain {}
//! use memtrap::{Bus, fault::{FaultKind, strategy::plans_of}};
//! use proptest::{prop_assert, prop_oneof, proptest, strategy::Just};
//!
//! /// Enables the device and looks whether it is.
//! fn enable(regs: &mut Uart) -> Result<(), &'static str> {
//!     regs.cr().write(1);
//!     if regs.cr().read() == 1 { Ok(()) } else { Err("the device does not answer") }
//! }
//!
//! proptest! {
//!     # #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]
//!     # /*
//!     #[test]
//!     # */
//!     fn the_driver_knows_whether_the_device_is_enabled(
//!         plan in plans_of(prop_oneof![Just(FaultKind::BusError), Just(FaultKind::DropWrite)], 2, 0..=2)
//!     ) {
//!         let bus = Bus::new();
//!         let sim = bus.simulate::<Uart, _>(Plain).unwrap();
//!         plan.inject(&bus);
//!         let result = enable(&mut sim.regs());
//!         prop_assert!(result.is_err() || sim.state().cr == 1);
//!     }
//! }
//! # the_driver_knows_whether_the_device_is_enabled();
//! ```

use super::{FaultKind, Plan};
use proptest::{
    collection::{SizeRange, vec},
    prop_oneof,
    strategy::{Just, Strategy},
};
use std::time::Duration;

/// The longest delay of [`any_kind`].
const LONGEST: Duration = Duration::from_secs(1);

/// Any kind of fault: stuck values of 64 bits, any bit, delays of up to a second. Simpler is what comes first in
/// [`FaultKind`], with a lower value.
pub fn any_kind() -> impl Strategy<Value = FaultKind> + Clone {
    prop_oneof![
        Just(FaultKind::BusError),
        proptest::num::u64::ANY.prop_map(FaultKind::StuckAt),
        (0..64_u32).prop_map(FaultKind::FlipBit),
        Just(FaultKind::DropWrite),
        Just(FaultKind::DoubleWrite),
        (0..=LONGEST.as_nanos() as u64).prop_map(|time| FaultKind::Delay(Duration::from_nanos(time))),
    ]
}

/// Plans of so many faults of [`any_kind`] at the first `accesses` accesses of a test.
///
/// # Panics
///
/// If `accesses` is 0.
#[track_caller]
pub fn plans(accesses: usize, faults: impl Into<SizeRange>) -> impl Strategy<Value = Plan> + Clone {
    plans_of(any_kind(), accesses, faults)
}

/// Plans of so many faults of these kinds, which may be one: `Just(FaultKind::DropWrite)`, at the first `accesses` accesses
/// of a test.
///
/// # Panics
///
/// If `accesses` is 0.
#[track_caller]
pub fn plans_of<K: Strategy<Value = FaultKind> + Clone>(
    kinds: K,
    accesses: usize,
    faults: impl Into<SizeRange>,
) -> impl Strategy<Value = Plan> + Clone {
    assert!(accesses > 0, "memtrap: there is no access that a fault could strike");
    vec((1..=accesses, kinds), faults).prop_map(Plan::new)
}
