//! `plic`: claims, completions, priorities and the threshold.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

#[path = "support/plic.rs"]
mod model;

use memtrap::Bus;
use model::{EXTERNAL, Model};
use plic::Plic;
use std::sync::{Arc, Mutex};

#[test]
fn a_handler_takes_sources_by_priority() {
    let bus = Bus::new();
    let region = Model::map(&bus);
    // SAFETY: The registers are a region's, which traps every access, and live as long as the process.
    let plic: &'static Plic = unsafe { Plic::from_addr(region.base().expose_provenance()) };
    assert_eq!((plic.probe_priority_bits(31_u32), plic.probe_threshold_bits(0_usize)), (7, 7));
    plic.set_threshold(0_usize, 1);
    for (source, priority) in [(3_u32, 2), (5, 7), (8, 2), (9, 1)] {
        plic.set_priority(source, priority);
        plic.enable(source, 0_usize);
    }
    plic.disable(8_u32, 0_usize);
    assert!(plic.is_enabled(3_u32, 0_usize) && !plic.is_enabled(8_u32, 0_usize));

    bus.mask_interrupts(true);
    for source in [3, 5, 8, 9] {
        region.stimulate(|plic, cx| plic.set_level(source, true, cx));
        assert!(plic.is_pending(source as u32));
    }
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (order, region) = (Arc::clone(&taken), Arc::new(region));
    let lines = Arc::clone(&region);
    bus.on_interrupt(EXTERNAL, move || {
        let source = plic.claim(0_usize).expect("the line is raised");
        order.lock().unwrap().push(source.get());
        lines.stimulate(|plic, cx| plic.set_level(source.get() as usize, false, cx));
        plic.complete(0_usize, source);
    });
    bus.mask_interrupts(false);
    assert_eq!(*taken.lock().unwrap(), [5, 3], "8 is disabled, and 9 not above the threshold");
    assert_eq!(plic.claim(0_usize), None);
    traces::keep(&bus.trace());
}
