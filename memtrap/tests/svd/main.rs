//! Chips from CMSIS-SVD files: what the file declares is what an access through the trapped door finds. A process of its own
//! for each test, since all use the same addresses.

mod mistakes;
mod models;
mod mutations;
#[path = "../support/pointer.rs"]
mod pointer;
mod registers;

use memtrap::{
    Bus,
    svd::{Chip, SimulatedChip},
};

/// The file that the tests are about.
pub(crate) const TINY: &str = include_str!("tiny.svd");

pub(crate) fn tiny() -> Chip {
    Chip::parse(TINY).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn simulated() -> (Bus, SimulatedChip) {
    let bus = Bus::new();
    let sim = tiny().simulate(&bus).unwrap_or_else(|error| panic!("{error}"));
    (bus, sim)
}

/// The message of the panic that `work` ends with.
pub(crate) fn message(work: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).expect_err("it panics");
    panic.downcast_ref::<String>().expect("reports are strings").clone()
}
