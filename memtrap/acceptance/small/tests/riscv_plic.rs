//! `riscv_plic`: the same controller through `tock-registers`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

#[path = "support/plic.rs"]
mod model;

use memtrap::Bus;
use model::{EXTERNAL, Model};
use riscv_plic::Plic;
use std::{num::NonZeroU32, ptr::NonNull};

fn source(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

#[test]
fn a_source_comes_again_only_when_it_was_completed() {
    let bus = Bus::new();
    let region = Model::map(&bus);
    // SAFETY: The registers are a region's, which traps every access.
    let mut plic = unsafe { Plic::new(NonNull::new(region.base()).unwrap().cast()) };
    plic.init_by_context(0);
    plic.set_priority(source(4), 1);
    plic.enable(source(4), 0);
    region.stimulate(|plic, cx| plic.set_level(4, true, cx));
    assert!(bus.is_interrupt_pending(EXTERNAL));
    assert_eq!(plic.claim(0), Some(source(4)));
    assert!(!bus.is_interrupt_pending(EXTERNAL));
    assert_eq!(plic.claim(0), None, "it is being handled");
    plic.complete(0, source(4));
    assert!(plic.is_pending(source(4)), "its line is still high");
    plic.set_threshold(0, 7);
    assert!(!bus.is_interrupt_pending(EXTERNAL));
    traces::keep(&bus.trace());
}
