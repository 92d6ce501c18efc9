//! `embassy-stm32` on an STM32F103, at its real addresses: clocks from a PLL, pins, a blocking UART.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../support/stored.rs"]
mod stored;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;
#[path = "../../support/usart.rs"]
mod usart;

use embassy_stm32::{
    Config, Peripherals,
    rcc::{APBPrescaler, Hse, HseMode, Pll, PllMul, PllPreDiv, PllSource, Sysclk},
    time::Hertz,
    usart::Uart,
};
use memtrap::{Bus, Region, models::Nvic};
use std::panic::{AssertUnwindSafe, catch_unwind};
use stored::Stored;
use usart::Usart as Model;

/// The peripherals that the start-up code and a UART touch (RM0008, section 3.3).
struct Chip {
    bus: Bus,
    rcc: Region<Stored>,
    gpioa: Region<Stored>,
    flash: Region<Stored>,
    usart: Region<Model>,
    _others: Vec<Region<Stored>>,
    _nvic: Region<Nvic>,
}

impl Chip {
    fn new(locks: bool) -> Self {
        let bus = Bus::new();
        let mut rcc = Stored::new("rcc", 0x400)
            .reset(0x00, 0x83)
            .reset(0x14, 0x14)
            .follow(0x00, 1 << 0, 1 << 1)
            .follow(0x00, 1 << 16, 1 << 17)
            .follow(0x04, 0b11, 0b1100)
            .follow(0x24, 1 << 0, 1 << 1);
        if locks {
            rcc = rcc.follow(0x00, 1 << 24, 1 << 25);
        }
        let gpio = |name: &'static str, address| {
            Stored::new(name, 0x400).reset(0, 0x4444_4444).reset(4, 0x4444_4444).at(&bus, address)
        };
        Self {
            rcc: rcc.at(&bus, 0x4002_1000),
            gpioa: gpio("gpioa", 0x4001_0800),
            flash: Stored::new("flash", 0x400).reset(0, 0x30).at(&bus, 0x4002_2000),
            usart: Model::at(&bus, 0x4001_3800, 72_000_000),
            _others: vec![
                gpio("gpiob", 0x4001_0c00),
                gpio("gpioc", 0x4001_1000),
                Stored::new("afio", 0x400).at(&bus, 0x4001_0000),
                Stored::new("dbgmcu", 0x400).at(&bus, 0xe004_2000),
                Stored::new("dma1", 0x400).at(&bus, 0x4002_0000),
                Stored::new("pwr", 0x400).at(&bus, 0x4000_7000),
            ],
            _nvic: Nvic::new(60).with_priority_bits(4).attach(&bus).unwrap(),
            bus,
        }
    }
}

/// 72 MHz from a crystal of 8 MHz.
fn start() -> Peripherals {
    let mut config = Config::default();
    config.rcc.hse = Some(Hse { freq: Hertz(8_000_000), mode: HseMode::Oscillator });
    config.rcc.pll = Some(Pll { src: PllSource::HSE, prediv: PllPreDiv::DIV1, mul: PllMul::MUL9 });
    config.rcc.sys = Sysclk::PLL1_P;
    config.rcc.apb1_pre = APBPrescaler::DIV2;
    embassy_stm32::init(config)
}

#[memtrap::test]
fn a_blocking_uart_sends_and_receives_at_its_baud_rate() {
    const TEXT: &[u8] = b"embassy";
    let chip = Chip::new(true);
    let uart = chip.bus.run(|| {
        let chip = start();
        let mut config = usart_config();
        config.baudrate = 57_600;
        let mut uart = Uart::new_blocking(chip.USART1, chip.PA10, chip.PA9, config).unwrap();
        uart.blocking_write(TEXT).unwrap();
        uart.blocking_flush().unwrap();
        uart
    });
    assert_eq!(chip.usart.device().sent(), TEXT);
    assert_eq!(chip.usart.device().baud_rate(), 57_600);
    assert_eq!(chip.rcc.device().value(4) & 0x3f_000f, 0x1d_000a, "the system clock is the PLL, 9 times the crystal");
    assert_eq!(chip.flash.device().value(0) & 7, 2, "two wait states above 48 MHz");
    assert_eq!(chip.gpioa.device().value(4) >> 6 & 0b11, 0b10, "PA9 is an output of the USART");

    chip.usart.stimulate(|usart, cx| usart.receive(b"ok", cx));
    let answer = chip.bus.run(move || {
        let mut uart = uart;
        let mut answer = [0; 2];
        uart.blocking_read(&mut answer).unwrap();
        answer
    });
    assert_eq!(&answer, b"ok");
    traces::keep(&chip.bus.trace());
}

fn usart_config() -> embassy_stm32::usart::Config {
    embassy_stm32::usart::Config::default()
}

#[memtrap::test]
fn a_pll_that_never_locks_ends_in_a_report() {
    let chip = Chip::new(false);
    let panic = catch_unwind(AssertUnwindSafe(|| chip.bus.run(|| drop(start()))));
    let report = *panic.expect_err("the driver waits in vain").downcast::<String>().unwrap();
    assert!(report.contains("rcc+0x000 never changed") && report.contains("embassy"), "{report}");
}
