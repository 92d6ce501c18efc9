//! Sites that are hot, and what becomes of them.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{
    Access, Bus, BusError, Context, Device,
    promotion::{self, Promotion},
};
use std::arch::asm;

/// Counts accesses; a read gives the number of accesses before.
#[derive(Debug, Default)]
struct Counter {
    reads: u64,
    writes: u64,
    sum: u64,
}

impl Device for Counter {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.reads += 1;
        Ok(self.reads)
    }

    fn write(&mut self, _access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.writes += 1;
        self.sum += value;
        Ok(())
    }
}

#[inline(never)]
fn load(at: *const u32) -> u32 {
    let value;
    // SAFETY: One load of the register.
    unsafe { asm!("mov {0:e}, [{1}]", out(reg) value, in(reg) at, options(nostack, preserves_flags)) };
    value
}

#[inline(never)]
fn store(at: *mut u32, value: u32) {
    // SAFETY: One store to the register.
    unsafe { asm!("mov [{1}], {0:e}", in(reg) value, in(reg) at, options(nostack, preserves_flags)) };
}

#[test]
fn a_hot_site_reaches_the_same_device_without_traps() {
    Promotion::after(3).apply();
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    let register = region.base().cast::<u32>();
    for n in 1..=1000 {
        assert_eq!(load(register), n);
        store(register, n);
    }
    assert_eq!(region.device().reads, 1000);
    assert_eq!(region.device().sum, 500_500);
    let statistics = promotion::statistics();
    assert!(statistics.promoted >= 2, "{statistics:?}");
    assert!(statistics.entries >= 2 * 990, "{statistics:?}");
    let mut memory = 7;
    store(&raw mut memory, 8);
    assert_eq!(load(&raw const memory), 8);
}
