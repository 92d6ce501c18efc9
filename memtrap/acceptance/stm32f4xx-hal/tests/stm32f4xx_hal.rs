//! `stm32f4xx-hal` on an STM32F401, at its real addresses: clocks from a PLL, a timer, a UART.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../support/bit_band.rs"]
mod bit_band;
#[path = "../../support/stored.rs"]
mod stored;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;
#[expect(dead_code, reason = "the other driver's test receives as well")]
#[path = "../../support/usart.rs"]
mod usart;

use bit_band::BitBand;
use memtrap::{Bus, Region};
use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
};
use stm32f4xx_hal::{pac::Peripherals, prelude::*, rcc::Config};
use stored::Stored;
use usart::Usart;

/// The peripherals that the start-up code and a UART touch (RM0368, section 2.3).
struct Chip {
    bus: Bus,
    rcc: Region<Stored>,
    gpioa: Region<Stored>,
    flash: Region<Stored>,
    usart: Region<Usart>,
    _pwr: Region<Stored>,
    _bit_band: Region<BitBand>,
}

impl Chip {
    fn new(has_crystal: bool) -> Self {
        let bus = Bus::new();
        let mut rcc = Stored::new("rcc", 0x400)
            .reset(0x00, 0x83)
            .reset(0x04, 0x2400_3010)
            .follow(0x00, 1 << 0, 1 << 1)
            .follow(0x00, 1 << 24, 1 << 25)
            .follow(0x08, 0b11, 0b1100);
        if has_crystal {
            rcc = rcc.follow(0x00, 1 << 16, 1 << 17);
        }
        Self {
            rcc: rcc.at(&bus, 0x4002_3800),
            gpioa: Stored::new("gpioa", 0x400).reset(0, 0x0c00_0000).at(&bus, 0x4002_0000),
            flash: Stored::new("flash", 0x400).at(&bus, 0x4002_3c00),
            usart: Usart::at(&bus, 0x4001_1000, 84_000_000),
            _pwr: Stored::new("pwr", 0x400).reset(4, 1 << 14).at(&bus, 0x4000_7000),
            _bit_band: BitBand::at(&bus),
            bus,
        }
    }
}

#[memtrap::test]
fn a_uart_sends_at_84_mhz() {
    let chip = Chip::new(true);
    chip.bus.run(|| {
        let peripherals = Peripherals::take().unwrap();
        let mut rcc = peripherals.RCC.freeze(Config::hse(8.MHz()).sysclk(84.MHz()));
        assert_eq!(rcc.clocks.sysclk().raw(), 84_000_000);
        let gpioa = peripherals.GPIOA.split(&mut rcc);
        let mut uart = peripherals.USART1.tx(gpioa.pa9, 115_200.bps(), &mut rcc).unwrap();
        write!(uart, "value: {:02}", 7).unwrap();
        while uart.flush().is_err() {}
    });
    assert_eq!(chip.usart.device().sent(), b"value: 07");
    let baud = chip.usart.device().baud_rate();
    assert!((114_900..115_500).contains(&baud), "{baud} baud");
    let pll = chip.rcc.device().value(4);
    let (m, n, p) = (pll & 0x3f, pll >> 6 & 0x1ff, 2 * (pll >> 16 & 3) + 2);
    assert_eq!(8_000_000 / m * n / p, 84_000_000, "what the registers make of the crystal");
    assert_eq!(chip.rcc.device().value(8) & 0xf, 0b1010, "the system clock is the PLL");
    assert_eq!(chip.flash.device().value(0) & 0xf, 2, "two wait states");
    assert_eq!(chip.gpioa.device().value(0x24) >> 4 & 0xf, 7, "PA9 belongs to the USART");
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_missing_crystal_ends_in_a_report() {
    let chip = Chip::new(false);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        chip.bus.run(|| {
            let peripherals = Peripherals::take().unwrap();
            drop(peripherals.RCC.freeze(Config::hse(8.MHz()).sysclk(84.MHz())));
        });
    }));
    let report = *panic.expect_err("the driver waits in vain").downcast::<String>().unwrap();
    assert!(report.contains("rcc+0x000 never changed") && report.contains("stm32f4xx"), "{report}");
}
