//! `sifive-test-device`: the machine is switched off in the middle of a store.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Access, Bus, BusError, Context, Device, trace::EventKind};
use sifive_test_device::SifiveTestDevice;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Ends the machine, and with it the driver.
struct Finisher;

impl Device for Finisher {
    fn read(&mut self, _: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Err(BusError::WriteOnly)
    }

    fn write(&mut self, _: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match value & 0xffff {
            0x3333 => cx.fail(format!("the machine has failed with code {}", value >> 16)),
            0x5555 => cx.fail("the machine has passed"),
            0x7777 => cx.fail("the machine starts again"),
            _ => {}
        }
        Ok(())
    }
}

fn end(how: impl FnOnce(&SifiveTestDevice) + 'static) -> String {
    let bus = Bus::new();
    let region = bus.map(0x1000, Finisher).unwrap();
    let address = region.base().expose_provenance();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        bus.run(move || {
            let device = std::ptr::with_exposed_provenance::<SifiveTestDevice>(address);
            // SAFETY: The register is a region's, which traps every access.
            how(unsafe { &*device });
        });
    }));
    let trace = bus.trace();
    assert_eq!(trace.events().iter().filter(|event| matches!(event.kind, EventKind::Access(_))).count(), 1);
    traces::keep(&trace);
    *panic.expect_err("the driver never comes back").downcast::<String>().unwrap()
}

#[test]
fn the_code_of_a_failure_arrives() {
    assert!(end(|device| device.fail(42)).contains("the machine has failed with code 42"));
}

#[test]
fn success_arrives() {
    assert!(end(|device| device.pass()).contains("the machine has passed"));
}
