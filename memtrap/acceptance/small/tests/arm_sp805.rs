//! `arm-sp805`: a watchdog that bites when it is not fed.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use arm_sp805::Watchdog;
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use safe_mmio::UniqueMmioPointer;
use std::{ptr::NonNull, time::Duration};

const LINE: u32 = 9;

/// The watchdog module (ARM DDI 0270B, chapter 3), at one microsecond a count.
#[derive(Default)]
struct Sp805 {
    load: u32,
    control: u32,
    raised: bool,
    locked: bool,
    resets: u32,
}

impl Sp805 {
    fn restart(&mut self, cx: &mut Context<'_>) {
        cx.cancel(0);
        if self.control & 1 != 0 {
            cx.after(Duration::from_micros(self.load.into()), 0);
        }
    }
}

impl Device for Sp805 {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from(match access.offset {
            0x000 => self.load,
            0x008 => self.control,
            0x010 => self.raised.into(),
            0xc00 => self.locked.into(),
            _ => return Err(BusError::Unmapped),
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u32;
        if self.locked && access.offset != 0xc00 {
            cx.fail("a write to the locked watchdog is lost");
            return Ok(());
        }
        match access.offset {
            0x000 => {
                self.load = value;
                self.restart(cx);
            }
            0x008 => {
                self.control = value;
                self.restart(cx);
            }
            0x00c => {
                self.raised = false;
                cx.lower(LINE);
                self.restart(cx);
            }
            0xc00 => self.locked = value != 0x1acc_e551,
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }

    fn event(&mut self, _: u64, cx: &mut Context<'_>) {
        // The first time it asks, the second time it bites (section 2.2).
        if self.raised && self.control & 2 != 0 {
            self.resets += 1;
        }
        self.raised = true;
        cx.raise(LINE);
        self.restart(cx);
    }
}

fn watchdog() -> (Region<Sp805>, Watchdog<'static>) {
    let region = Bus::new().map(0x1000, Sp805::default()).unwrap();
    let registers = NonNull::new(region.base()).unwrap().cast();
    // SAFETY: The registers are a region's, which traps every access; nobody else has a pointer to them.
    let registers = unsafe { UniqueMmioPointer::new(registers) };
    (region, Watchdog::new(registers, 1_000))
}

#[test]
fn it_bites_only_when_it_is_not_fed() {
    let (region, mut watchdog) = watchdog();
    let clock = region.bus().clock();
    watchdog.enable();
    for _ in 0..10 {
        clock.sleep(Duration::from_micros(900));
        watchdog.update();
    }
    let state = || {
        let model = region.device();
        (model.raised, model.resets)
    };
    assert_eq!(state(), (false, 0));
    clock.sleep(Duration::from_micros(1_100));
    assert_eq!(state(), (true, 0));
    clock.sleep(Duration::from_micros(1_000));
    assert_eq!(state(), (true, 1));
    traces::keep(&region.trace());
}

#[test]
fn it_sleeps_when_it_is_disabled_and_is_locked() {
    let (region, mut watchdog) = watchdog();
    watchdog.enable();
    watchdog.disable();
    region.bus().clock().sleep(Duration::from_secs(1));
    let model = region.device();
    assert_eq!((model.raised, model.locked), (false, true));
    drop(model);
    traces::keep(&region.trace());
}
