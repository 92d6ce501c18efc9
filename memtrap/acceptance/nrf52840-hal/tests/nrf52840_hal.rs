//! `nrf52840-hal` at the real addresses of the chip: a UART that masters memory, random numbers, the temperature.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../support/stored.rs"]
mod stored;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Access, Bus, BusError, Context, Device, Ram, Region, Width, map::RegisterMap};
use nrf52840_hal::{
    Rng, Temp,
    gpio::{Level, p0},
    pac::{Peripherals, UARTE0},
    uarte::{Baudrate, Error, Parity, Pins, Uarte},
};
use std::{collections::BTreeMap, time::Duration};
use stored::Stored;

/// The UART with EasyDMA (nRF52840 product specification 1.7, section 6.34).
#[derive(Default)]
struct UartModel {
    registers: BTreeMap<usize, u32>,
    incoming: Vec<u8>,
    wire: Vec<u8>,
}

/// Offsets: tasks, events, registers.
const STARTRX: usize = 0x000;
const STARTTX: usize = 0x008;
const STOPTX: usize = 0x00c;
const ENDRX: usize = 0x110;
const ENDTX: usize = 0x120;
const RXSTARTED: usize = 0x14c;
const TXSTOPPED: usize = 0x158;
const ENABLE: usize = 0x500;
const BAUDRATE: usize = 0x524;
const RXD: usize = 0x534;
const TXD: usize = 0x544;

impl UartModel {
    fn get(&self, offset: usize) -> u32 {
        self.registers.get(&offset).copied().unwrap_or(0)
    }

    /// How long so many characters take: BAUDRATE is a fraction of 16 MHz, in 2^32.
    fn duration(&self, characters: usize) -> Duration {
        let baud = u64::from(self.get(BAUDRATE)) * 16_000_000 >> 32;
        Duration::from_nanos(10_000_000_000 * characters as u64 / baud.max(1))
    }
}

impl Device for UartModel {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(self.get(access.offset).into())
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        self.registers.insert(access.offset, value as u32);
        let is_enabled = self.get(ENABLE) == 8;
        match access.offset {
            STARTTX | STARTRX if !is_enabled => cx.fail("a transfer is started while the UART is not enabled"),
            STARTTX => cx.after(self.duration(self.get(TXD + 4) as usize), ENDTX as u64),
            STARTRX => {
                cx.after(Duration::from_micros(1), RXSTARTED as u64);
                cx.after(self.duration(self.get(RXD + 4) as usize), ENDRX as u64);
            }
            STOPTX => cx.after(Duration::from_micros(1), TXSTOPPED as u64),
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        let event = event as usize;
        if event == ENDTX {
            let mut bytes = vec![0; self.get(TXD + 4) as usize];
            match cx.dma().read(self.get(TXD).into(), &mut bytes) {
                Ok(()) => self.wire.extend(bytes),
                Err(error) => cx.fail(error.to_string()),
            }
        } else if event == ENDRX {
            let bytes: Vec<_> = self.incoming.drain(..self.get(RXD + 4) as usize).collect();
            if let Err(error) = cx.dma().write(self.get(RXD).into(), &bytes) {
                cx.fail(error.to_string());
            }
            self.registers.insert(RXD + 8, bytes.len() as u32);
        }
        self.registers.insert(event, 1);
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        static MAP: RegisterMap = RegisterMap::new("uarte0", 0x1000, Width::U32, &[]);
        Some(&MAP)
    }
}

/// Something that makes a value some time after it was started: the random number generator (section 6.19) and the
/// thermometer (section 6.29).
struct Sensor {
    map: &'static RegisterMap,
    values: Vec<u32>,
    period: Duration,
    ready: bool,
    runs: bool,
    again: bool,
}

impl Sensor {
    fn at(
        bus: &Bus,
        address: usize,
        map: &'static RegisterMap,
        values: &[u32],
        period: u64,
        again: bool,
    ) -> Region<Self> {
        let period = Duration::from_micros(period);
        let sensor = Self { map, values: values.to_vec(), period, ready: false, runs: false, again };
        bus.map_at(address, 0x1000, sensor).unwrap()
    }
}

impl Device for Sensor {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            0x100 => Ok(self.ready.into()),
            0x508 => {
                cx.progress();
                let value = self.values.remove(0);
                self.values.push(value);
                Ok(value.into())
            }
            _ => Ok(0),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x000 => {
                self.runs = true;
                cx.after(self.period, 0);
            }
            0x004 => {
                self.runs = false;
                cx.cancel(0);
            }
            0x100 => self.ready = value != 0,
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, _: u64, cx: &mut Context<'_>) {
        self.ready = true;
        if self.again && self.runs {
            cx.after(self.period, 0);
        }
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(self.map)
    }
}

struct Chip {
    bus: Bus,
    ram: Ram,
    uart: Region<UartModel>,
    gpio: Region<Stored>,
}

impl Chip {
    fn new() -> Self {
        let bus = Bus::new();
        Self {
            ram: bus.ram_at(0x2000_0000, 0x1_0000).unwrap(),
            uart: bus.map_at(0x4000_2000, 0x1000, UartModel::default()).unwrap(),
            gpio: Stored::new("p0", 0x1000).at(&bus, 0x5000_0000),
            bus,
        }
    }

    /// A buffer where the UART reaches it.
    fn buffer(&self, contents: &[u8]) -> &'static mut [u8] {
        let start = self.ram.allocate(contents.len(), 4).unwrap();
        self.ram.write(start.as_ptr().addr() - 0x2000_0000, contents);
        // SAFETY: The bytes were not taken before, and stay until the process ends.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), contents.len()) }
    }
}

fn uart() -> Uarte<UARTE0> {
    let chip = Peripherals::take().unwrap();
    let port = p0::Parts::new(chip.P0);
    let pins = Pins {
        rxd: port.p0_08.into_floating_input().degrade(),
        txd: port.p0_06.into_push_pull_output(Level::High).degrade(),
        cts: None,
        rts: None,
    };
    Uarte::new(chip.UARTE0, pins, Parity::EXCLUDED, Baudrate::BAUD115200)
}

#[memtrap::test]
fn a_uart_sends_and_receives_by_dma() {
    let chip = Chip::new();
    chip.uart.device().incoming = b"answer".to_vec();
    let (greeting, answer) = (chip.buffer(b"greeting"), chip.buffer(&[0; 6]));
    let answer = chip.bus.run(|| {
        let mut uart = uart();
        uart.write(greeting).unwrap();
        uart.read(answer).unwrap();
        answer
    });
    assert_eq!((&*answer, &*chip.uart.device().wire), (&b"answer"[..], &b"greeting"[..]));
    assert_eq!(chip.gpio.device().value(0x508), 1 << 6, "the transmitter's pin idles high");
    // 14 characters at 115,200 baud.
    assert!(chip.bus.clock().now() > Duration::from_micros(14 * 86));
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn a_buffer_where_the_dma_does_not_reach_is_refused() {
    let chip = Chip::new();
    chip.bus.run(|| {
        let on_the_heap = vec![1, 2, 3];
        assert!(matches!(uart().write(&on_the_heap), Err(Error::BufferNotInRAM)));
    });
    assert!(chip.uart.device().wire.is_empty());
    traces::keep(&chip.bus.trace());
}

#[memtrap::test]
fn random_numbers_and_the_temperature_are_waited_for() {
    static RNG: RegisterMap = RegisterMap::new("rng", 0x1000, Width::U32, &[]);
    static TEMP: RegisterMap = RegisterMap::new("temp", 0x1000, Width::U32, &[]);
    let bus = Bus::new();
    let rng = Sensor::at(&bus, 0x4000_d000, &RNG, &[0x12, 0x34, 0x56], 120, true);
    // In quarters of a degree.
    let _thermometer = Sensor::at(&bus, 0x4000_c000, &TEMP, &[-5_i32 as u32], 36, false);
    let (bytes, temperature) = bus.run(|| {
        let chip = Peripherals::take().unwrap();
        let mut bytes = [0; 5];
        Rng::new(chip.RNG).random(&mut bytes);
        (bytes, Temp::new(chip.TEMP).measure().to_num::<f32>())
    });
    assert_eq!(bytes, [0x12, 0x34, 0x56, 0x12, 0x34]);
    assert!(!rng.device().runs, "it is stopped when it is not needed");
    assert_eq!(temperature, -1.25);
    assert!(bus.clock().now() > Duration::from_micros(5 * 120 + 36));
    traces::keep(&bus.trace());
}
