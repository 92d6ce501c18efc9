//! `riscv_goldfish`: a clock of 64 bits in two halves.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Access, Bus, BusError, Context, Device};
use riscv_goldfish::Rtc;
use std::time::Duration;

/// The virtual clock of QEMU's "virt" machines (docs "goldfish-virtual-hardware", "Goldfish RTC"): reading the low half
/// keeps the high half of the same moment.
#[derive(Default)]
struct Goldfish {
    offset: u64,
    high: u32,
    new_high: u32,
}

impl Device for Goldfish {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            0x0 => {
                let now = self.offset.wrapping_add(cx.now().as_nanos() as u64);
                self.high = (now >> 32) as u32;
                Ok(now & 0xffff_ffff)
            }
            0x4 => Ok(self.high.into()),
            _ => Err(BusError::Unmapped),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x0 => self.offset = (u64::from(self.new_high) << 32 | value).wrapping_sub(cx.now().as_nanos() as u64),
            0x4 => self.new_high = value as u32,
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }
}

#[test]
fn the_halves_belong_together_when_the_low_one_wraps() {
    let region = Bus::new().map(0x20, Goldfish::default()).unwrap();
    let rtc = Rtc::new(region.base().expose_provenance());
    // The low half of this second wraps within it.
    let second =
        (1_700_000_000_u64..).find(|second| (second * 1_000_000_000) as u32 > 0xffff_ffff - 1_000_000_000).unwrap();
    rtc.set_unix_timestamp(second);
    for _ in 0..20 {
        let (seconds, passed) = (rtc.get_unix_timestamp(), region.bus().clock().now());
        assert_eq!(seconds, second + passed.as_secs());
        region.bus().clock().sleep(Duration::from_millis(100));
    }
    traces::keep(&region.trace());
}
