//! `rp2040-hal` at the real addresses of the chip: clocks at start, a UART, SPI, and DMA in memory.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../support/rp2040/mod.rs"]
mod rp2040;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use embedded_hal::spi::{MODE_0, SpiBus as _};
use rp2040::{CRYSTAL, Chip};
use rp2040_hal::{
    Clock as _, Sio, Watchdog,
    clocks::{ClocksManager, InitError, init_clocks_and_plls},
    dma::{DMAExt as _, single_buffer},
    fugit::RateExtU32 as _,
    gpio::{FunctionSpi, FunctionUart, Pins},
    pac::Peripherals,
    spi::Spi,
    uart::{DataBits, StopBits, UartConfig, UartPeripheral},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// What every program for this chip does first.
fn start_clocks(chip: &mut Peripherals) -> Result<ClocksManager, InitError> {
    // SAFETY: The test's process runs one driver, and the peripherals are used once.
    let taken = unsafe { Peripherals::steal() };
    let mut watchdog = Watchdog::new(taken.WATCHDOG);
    init_clocks_and_plls(
        CRYSTAL,
        taken.XOSC,
        taken.CLOCKS,
        taken.PLL_SYS,
        taken.PLL_USB,
        &mut chip.RESETS,
        &mut watchdog,
    )
}

#[memtrap::test]
fn the_clocks_run_at_125_and_48_mhz() {
    let chip = Chip::new();
    let believed = chip.bus.run(|| {
        let mut peripherals = Peripherals::take().unwrap();
        let clocks = start_clocks(&mut peripherals).unwrap();
        [clocks.system_clock.freq(), clocks.peripheral_clock.freq(), clocks.usb_clock.freq()].map(|f| f.to_Hz())
    });
    assert_eq!(believed, [125_000_000, 125_000_000, 48_000_000]);
    assert_eq!(chip.system_clock(), Some(125_000_000), "what the chip's registers make of the crystal");
    assert_eq!(chip.usb_clock(), Some(48_000_000));
    assert!(chip.bus.clock().now().as_millis() >= 1, "the crystal takes a millisecond to start");
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_uart_sends_at_its_baud_rate() {
    const TEXT: &[u8] = b"forty-four bytes do not fit in the FIFO of 32";
    let chip = Chip::new();
    chip.bus.run(|| {
        let mut peripherals = Peripherals::take().unwrap();
        let clocks = start_clocks(&mut peripherals).unwrap();
        let sio = Sio::new(peripherals.SIO);
        let pins = Pins::new(peripherals.IO_BANK0, peripherals.PADS_BANK0, sio.gpio_bank0, &mut peripherals.RESETS);
        let pins = (pins.gpio0.into_function::<FunctionUart>(), pins.gpio1.into_function::<FunctionUart>());
        let config = UartConfig::new(115_200.Hz(), DataBits::Eight, None, StopBits::One);
        let uart = UartPeripheral::new(peripherals.UART0, pins, &mut peripherals.RESETS)
            .enable(config, clocks.peripheral_clock.freq())
            .unwrap();
        uart.write_full_blocking(TEXT);
        while uart.uart_is_busy() {}
    });
    assert_eq!(chip.uart.model().sent(), TEXT);
    // 125 MHz / 16 / (67 + 52/64) = 115,207 Bd, ten bits a character.
    assert_eq!(chip.uart.model().character_time(), Some(Duration::from_nanos(86_800)));
    assert_eq!([0, 1].map(|pin| chip.pin_function(pin)), [2, 2], "both pins belong to the UART");
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn spi_receives_what_it_sends_over_a_loop() {
    let chip = Chip::new();
    let received = chip.bus.run(|| {
        let mut peripherals = Peripherals::take().unwrap();
        let clocks = start_clocks(&mut peripherals).unwrap();
        let sio = Sio::new(peripherals.SIO);
        let pins = Pins::new(peripherals.IO_BANK0, peripherals.PADS_BANK0, sio.gpio_bank0, &mut peripherals.RESETS);
        let wires = (
            pins.gpio7.into_function::<FunctionSpi>(),
            pins.gpio4.into_function::<FunctionSpi>(),
            pins.gpio6.into_function::<FunctionSpi>(),
        );
        let mut spi = Spi::<_, _, _, 8>::new(peripherals.SPI0, wires).init(
            &mut peripherals.RESETS,
            clocks.peripheral_clock.freq(),
            5.MHz(),
            MODE_0,
        );
        let mut bytes: Vec<u8> = (0..20).collect();
        spi.transfer_in_place(&mut bytes).unwrap();
        spi.flush().unwrap();
        bytes
    });
    assert_eq!(received, (0..20).collect::<Vec<u8>>());
    let model = chip.spi.device();
    assert_eq!(model.inner().bits(), 8);
    let clock = model.inner().clock(125_000_000);
    assert!((4_500_000..=5_000_000).contains(&clock), "{clock} Hz");
    drop(model);
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn dma_copies_memory() {
    const WORDS: usize = 64;
    let chip = Chip::new();
    let ram = chip.bus.ram_at(0x2000_0000, 0x4_2000).unwrap();
    // The layer cuts its buffers' addresses to 32 bits.
    let buffer = || {
        let start = ram.allocate(4 * WORDS, 4).unwrap().cast::<u32>();
        // SAFETY: The words were not taken before, and stay until the process ends.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), WORDS) }
    };
    let (from, to) = (buffer(), buffer());
    (0..).zip(&mut *from).for_each(|(index, word)| *word = 0x0101_0101 * index);
    let from = &*from;
    let copy = chip.bus.run(move || {
        let mut peripherals = Peripherals::take().unwrap();
        let channels = peripherals.DMA.split(&mut peripherals.RESETS);
        let (_, _, to) = single_buffer::Config::new(channels.ch0, from, to).start().wait();
        &*to
    });
    assert_eq!(copy, from);
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_pll_that_never_locks_ends_in_a_report() {
    let chip = Chip::new();
    chip.pll_sys.device().inner_mut().break_it();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        chip.bus.run(|| {
            let mut peripherals = Peripherals::take().unwrap();
            start_clocks(&mut peripherals).map(drop)
        })
    }));
    let Err(panic) = panic else { panic!("the driver waits in vain") };
    let report = *panic.downcast::<String>().unwrap();
    assert!(report.contains("pll_sys+0x000 never changed"), "{report}");
    assert!(report.contains("rp2040_hal::pll") || report.contains("rp2040-hal-0.12.0/src/pll.rs"), "{report}");
}
