//! `arm_pl031`: a clock that is set, ticks and rings.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use arm_pl031::Rtc;
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::time::Duration;

const LINE: u32 = 2;

/// The PrimeCell real time clock (ARM DDI 0224C, chapter 3): counts seconds of the bus's clock.
#[derive(Default)]
struct Pl031 {
    /// The counter when it was set, and when that was.
    loaded: u32,
    at: Duration,
    match_value: u32,
    mask: bool,
    raw: bool,
}

impl Pl031 {
    fn now(&self, cx: &Context<'_>) -> u32 {
        self.loaded.wrapping_add((cx.now() - self.at).as_secs() as u32)
    }

    /// Schedules when the counter reaches the match value.
    fn arm(&self, cx: &mut Context<'_>) {
        cx.cancel(0);
        let seconds = self.match_value.wrapping_sub(self.now(cx));
        if seconds > 0 {
            cx.after(Duration::from_secs(seconds.into()), 0);
        }
    }

    fn drive(&self, cx: &mut Context<'_>) {
        if self.raw && self.mask { cx.raise(LINE) } else { cx.lower(LINE) }
    }
}

impl Device for Pl031 {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from(match access.offset {
            0x00 => self.now(cx),
            0x04 => self.match_value,
            0x08 => self.loaded,
            0x10 => self.mask.into(),
            0x14 => self.raw.into(),
            0x18 => (self.raw && self.mask).into(),
            _ => return Err(BusError::Unmapped),
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x04 => self.match_value = value as u32,
            0x08 => (self.loaded, self.at) = (value as u32, cx.now()),
            0x10 => self.mask = value & 1 != 0,
            0x1c => self.raw &= value & 1 == 0,
            _ => return Err(BusError::Unmapped),
        }
        if matches!(access.offset, 0x04 | 0x08) {
            self.arm(cx);
        }
        self.drive(cx);
        Ok(())
    }

    fn event(&mut self, _: u64, cx: &mut Context<'_>) {
        self.raw = true;
        self.drive(cx);
    }
}

fn clock() -> (Region<Pl031>, Rtc) {
    let region = Bus::new().map(0x1000, Pl031::default()).unwrap();
    // SAFETY: The registers are a region's, which traps every access.
    let rtc = unsafe { Rtc::new(region.base().cast()) };
    (region, rtc)
}

#[test]
fn it_ticks_from_the_time_it_was_set_to() {
    let (region, mut rtc) = clock();
    rtc.set_unix_timestamp(1_700_000_000);
    region.bus().clock().sleep(Duration::from_secs(3_601));
    assert_eq!(rtc.get_unix_timestamp(), 1_700_003_601);
    traces::keep(&region.trace());
}

#[test]
fn it_rings_when_it_is_time() {
    let (region, mut rtc) = clock();
    rtc.set_unix_timestamp(1_000);
    rtc.set_match_timestamp(1_060);
    rtc.enable_interrupt(true);
    region.bus().clock().wait_for_interrupt();
    assert!(rtc.matched() && rtc.interrupt_pending());
    assert_eq!(rtc.get_unix_timestamp(), 1_060);
    rtc.clear_interrupt();
    assert!(!rtc.matched() && !region.bus().is_interrupt_pending(LINE));
    traces::keep(&region.trace());
}
