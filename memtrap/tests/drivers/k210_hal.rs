//! `k210-hal` at the real addresses of the Kendryte K210: its layer is over a register crate that `svd2rust` made, and
//! small enough to compile for every test run.

use crate::traces;
use ::k210_hal::{Peripherals, clock::Clocks, prelude::*};
use memtrap::{Bus, Context, Device, Region, Simulation, Width, map::RegisterMap, simulated};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// The serial port of the chip's core complex (SiFive FE310-G002 manual, chapter 18).
#[simulated(size = 0x1000, width = 32)]
pub struct Uarths {
    /// A write sends; bit 31 of what is read says that there is no room (18.4).
    #[reg(0x00, rw)]
    pub txdata: u32,
    /// A read takes what has arrived; bit 31 says that nothing has (18.5).
    #[reg(0x04, ro, read = pop)]
    pub rxdata: u32,
    /// Bit 0: the transmitter is enabled (18.6).
    #[reg(0x08, rw)]
    pub txctrl: u32,
    /// Bit 0: the receiver is enabled (18.7).
    #[reg(0x0c, rw)]
    pub rxctrl: u32,
    /// Interrupt enables (18.8).
    #[reg(0x10, rw)]
    pub ie: u32,
    /// Interrupts that are pending (18.8).
    #[reg(0x14, ro)]
    pub ip: u32,
    /// The divisor, less one (18.9).
    #[reg(0x18, rw)]
    pub div: u32,
}

const FULL_OR_EMPTY: u32 = 1 << 31;
/// Frequency of the core that the layer takes for granted, in hertz.
const CLOCK: u64 = 403_000_000;

/// The ends of the wires.
#[derive(Debug, Default)]
pub struct Wires {
    waiting: VecDeque<u8>,
    sent: Vec<u8>,
    cut: bool,
}

impl Wires {
    /// Ten bits of the divided clock.
    fn character(regs: &uarths::State) -> Duration {
        Duration::from_nanos(10 * (u64::from(regs.div) + 1) * 1_000_000_000 / CLOCK)
    }
}

impl uarths::Model for Wires {
    fn read_txdata(&mut self, _: &mut uarths::State, _: &mut Context<'_>) -> u32 {
        if self.waiting.len() >= 8 { FULL_OR_EMPTY } else { 0 }
    }

    fn write_txdata(&mut self, regs: &mut uarths::State, value: u32, cx: &mut Context<'_>) {
        if self.waiting.is_empty() && regs.txctrl & 1 != 0 && !self.cut {
            cx.after(Self::character(regs), 0);
        }
        self.waiting.push_back(value as u8);
    }

    fn read_rxdata(&mut self, regs: &mut uarths::State, cx: &mut Context<'_>) -> u32 {
        let arrived = regs.rxdata.to_driver.pop_front();
        if arrived.is_some() {
            cx.progress();
        }
        arrived.filter(|_| regs.rxctrl & 1 != 0).unwrap_or(FULL_OR_EMPTY)
    }

    fn event(&mut self, regs: &mut uarths::State, _: u64, cx: &mut Context<'_>) {
        self.sent.extend(self.waiting.pop_front());
        if !self.waiting.is_empty() {
            cx.after(Self::character(regs), 0);
        }
    }
}

/// What each of the chip's pins is for.
struct Fpioa([u32; 64]);

impl Device for Fpioa {
    fn read(&mut self, access: memtrap::Access, _: &mut Context<'_>) -> Result<u64, memtrap::BusError> {
        Ok(self.0[access.offset / 4].into())
    }

    fn write(&mut self, access: memtrap::Access, value: u64, _: &mut Context<'_>) -> Result<(), memtrap::BusError> {
        self.0[access.offset / 4] = value as u32;
        Ok(())
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        static MAP: RegisterMap = RegisterMap::new("fpioa", 0x100, Width::U32, &[]);
        Some(&MAP)
    }
}

struct Chip {
    bus: Bus,
    uart: Simulation<Uarths, Wires>,
    fpioa: Region<Fpioa>,
}

impl Chip {
    fn new() -> Self {
        let bus = Bus::new();
        Self {
            uart: bus.simulate_at(0x3800_0000, Wires::default()).unwrap(),
            fpioa: bus.map_at(0x502b_0000, 0x100, Fpioa([0; 64])).unwrap(),
            bus,
        }
    }

    /// Runs a driver that has the serial port at 115,200 baud on pins 4 and 5.
    fn run<R: 'static>(&self, driver: impl FnOnce(&mut dyn FnMut(u8), &mut dyn FnMut() -> u8) -> R + 'static) -> R {
        self.bus.run(|| {
            // SAFETY: The test's process runs one driver. (`take` asks a RISC-V processor to mask its interrupts.)
            let chip = unsafe { Peripherals::steal() };
            let pins = (chip.pins.pin5, chip.pins.pin4);
            let serial = chip.UARTHS.configure(pins, 115_200.bps(), &Clocks::new());
            let (mut transmitter, mut receiver) = serial.split();
            driver(&mut |byte| while transmitter.write(byte).is_err() {}, &mut || loop {
                if let Ok(byte) = receiver.read() {
                    break byte;
                }
            })
        })
    }
}

#[memtrap::test]
fn it_waits_for_room_and_sends_at_its_baud_rate() {
    const TEXT: &[u8] = b"more than the eight bytes that fit";
    let chip = Chip::new();
    chip.run(|put, _| TEXT.iter().for_each(|byte| put(*byte)));
    assert_eq!(chip.uart.state().div, 3497, "403 MHz / 115,200, less one");
    assert_eq!(chip.uart.model().waiting.len(), 8, "the last ones are on their way");
    chip.bus.clock().sleep(Duration::from_millis(1));
    assert_eq!(chip.uart.model().sent, TEXT);
    assert_eq!([4, 5].map(|pin| chip.fpioa.device().0[pin] & 0xff), [18, 19], "the functions UARTHS_RX and UARTHS_TX");
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn it_takes_what_has_arrived() {
    let chip = Chip::new();
    chip.uart.stimulate(|_, regs, _| regs.rxdata.to_driver.extend(b"ok".map(u32::from)));
    assert_eq!(chip.run(|_, get| [get(), get()]), *b"ok");
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_wire_that_carries_nothing_ends_in_a_report() {
    let chip = Chip::new();
    chip.uart.model().cut = true;
    let panic = catch_unwind(AssertUnwindSafe(|| chip.run(|put, _| b"nine byte".iter().for_each(|byte| put(*byte)))));
    let report = *panic.expect_err("the FIFO stays full").downcast::<String>().unwrap();
    assert!(report.contains("uarths.txdata never changed") && report.contains("k210_hal"), "{report}");
}
