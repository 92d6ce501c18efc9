//! `dw_apb_uart`: a 16550 with a fractional divisor, through `tock-registers`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use dw_apb_uart::DW8250;
use memtrap::{Access, Bus, BusError, Context, Device, Region, Width, models::Uart16550};
use std::time::Duration;

/// The DesignWare APB UART (DW_apb_uart databook, chapter 5): a 16550 of 32-bit registers with a few of its own.
struct DesignWare {
    uart: Uart16550,
    fraction: u32,
}

impl Device for DesignWare {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            0x00..0x20 => self.uart.read(access, cx),
            // USR: never busy.
            0x7c => Ok(0),
            0xc0 => Ok(self.fraction.into()),
            // CPR: a bus of 32 bits, FIFOs of 16.
            0xf4 => Ok(0x0001_0002),
            _ => Err(BusError::Unmapped),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x00..0x20 => self.uart.write(access, value, cx),
            0xc0 => {
                self.fraction = value as u32;
                Ok(())
            }
            _ => Err(BusError::Unmapped),
        }
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        self.uart.event(event, cx);
    }
}

fn uart() -> Region<DesignWare> {
    let uart = Uart16550::new().with_stride(Width::U32).with_clock(25_000_000);
    Bus::new().map(0x100, DesignWare { uart, fraction: 0 }).unwrap()
}

#[test]
fn it_talks_at_its_baud_rate() {
    let region = uart();
    let address = region.base().expose_provenance();
    let mut driver = region.bus().run(move || {
        let mut driver = DW8250::new(address);
        driver.init();
        b"dw".iter().for_each(|byte| driver.putchar(*byte));
        driver
    });
    region.bus().clock().sleep(Duration::from_millis(1));
    let model = region.device();
    assert_eq!(model.uart.sent(), b"dw");
    // 25 MHz / 16 / 115,200 = 13 + 36/64.
    assert_eq!(model.fraction, 36);
    let baud = 10.0 / model.uart.character_time().unwrap().as_secs_f64();
    assert!((115_200.0..121_000.0).contains(&baud), "{baud}: the integer part alone divides by 13");
    drop(model);

    assert_eq!(driver.getchar(), None);
    region.stimulate(|model, cx| model.uart.receive(b"!", cx));
    region.bus().clock().sleep(Duration::from_millis(1));
    assert_eq!((driver.getchar(), driver.cpr() & 3), (Some(b'!'), 2));
    traces::keep(&region.trace());
}
