//! `embassy-rp` on an RP2040, at its real addresses: clocks at start, a blocking UART.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../support/rp2040/mod.rs"]
mod rp2040;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use embassy_rp::{
    Peripherals,
    clocks::{clk_peri_freq, clk_sys_freq, clk_usb_freq},
    config::Config,
    uart::{self, Uart},
};
use memtrap::models::Nvic;
use rp2040::Chip;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

fn start() -> Peripherals {
    embassy_rp::init(Config::default())
}

#[memtrap::test]
fn the_clocks_run_at_125_and_48_mhz() {
    let chip = Chip::new();
    let _nvic = Nvic::new(26).with_priority_bits(2).attach(&chip.bus).unwrap();
    let believed = chip.bus.run(|| {
        start();
        [clk_sys_freq(), clk_peri_freq(), clk_usb_freq()]
    });
    assert_eq!(believed, [125_000_000, 125_000_000, 48_000_000]);
    assert_eq!(chip.system_clock(), Some(125_000_000), "what the chip's registers make of the crystal");
    assert_eq!(chip.usb_clock(), Some(48_000_000));
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_blocking_uart_sends_and_receives_at_its_baud_rate() {
    const TEXT: &[u8] = b"forty-four bytes do not fit in the FIFO of 32";
    let chip = Chip::new();
    let _nvic = Nvic::new(26).with_priority_bits(2).attach(&chip.bus).unwrap();
    let uart = chip.bus.run(|| {
        let chip = start();
        let mut config = uart::Config::default();
        config.baudrate = 57_600;
        let mut uart = Uart::new_blocking(chip.UART0, chip.PIN_0, chip.PIN_1, config);
        uart.blocking_write(TEXT).unwrap();
        uart.blocking_flush().unwrap();
        uart
    });
    // The driver's `flush` waits for an empty FIFO, which says nothing of the shift register (Arm DDI 0183G, 3.3.3): the last
    // character is still under way.
    let (last, others) = TEXT.split_last().unwrap();
    assert_eq!(chip.uart.model().sent(), others);
    let character = chip.uart.model().character_time().unwrap();
    chip.bus.clock().sleep(character);
    assert_eq!(chip.uart.model().sent().last(), Some(last));
    // 125 MHz / 16 / (135 + 41/64) = 57,597 Bd, ten bits a character.
    assert_eq!(character, Duration::from_nanos(173_620));
    assert_eq!([0, 1].map(|pin| chip.pin_function(pin)), [2, 2], "both pins belong to the UART");

    chip.uart.stimulate(|uart, _, cx| uart.receive(b"ok", cx));
    let answer = chip.bus.run(move || {
        let mut uart = uart;
        let mut answer = [0; 2];
        uart.blocking_read(&mut answer).unwrap();
        answer
    });
    assert_eq!(&answer, b"ok");
    traces::keep(&chip.bus.trace());
}

/// Other than most drivers this one waits only so long: a million reads, which is more than memtrap permits unless it is told.
#[memtrap::test]
fn a_pll_that_never_locks_is_an_error_of_the_driver() {
    let chip = Chip::new();
    chip.bus.set_poll_budget(2_000_000);
    chip.pll_sys.device().inner_mut().break_it();
    let panic = catch_unwind(AssertUnwindSafe(|| chip.bus.run(|| drop(start()))));
    let message = *panic.expect_err("the driver gives up").downcast::<String>().unwrap();
    assert_eq!(message, "Failed to configure PLL_SYS: PllLockTimedOut");
}
