//! An RP2040: its peripherals at their addresses (RP2040 data sheet, section 2.2), with a crystal of 12 MHz.
#![allow(dead_code, reason = "each test looks at some of the peripherals")]

mod aliased;
mod clocks;
mod dma;
mod spi;

use aliased::{Aliased, Peripheral, SIZE, named};
use clocks::{Clocks, Pll, Xosc};
use dma::Dma;
use memtrap::{
    Access, Bus, BusError, Context, Device, Region, Simulation,
    bus::{AliasKind, AliasWindow},
    map::RegisterMap,
    models::pl011::{Pl011, Pl011Uart},
};
use spi::Spi;
use std::collections::BTreeMap;

/// The frequency of the crystal, in hertz.
pub(crate) const CRYSTAL: u32 = 12_000_000;

/// A peripheral that keeps what is written: as much of it as the driver needs.
#[derive(Debug)]
pub(crate) struct Stored {
    map: &'static RegisterMap,
    values: BTreeMap<usize, u32>,
}

impl Stored {
    fn new(map: &'static RegisterMap) -> Aliased<Self> {
        Aliased::new(Self { map, values: BTreeMap::new() })
    }
}

impl Peripheral for Stored {
    fn map(&self) -> &'static RegisterMap {
        self.map
    }

    fn value(&self, offset: usize) -> u32 {
        self.values.get(&offset).copied().unwrap_or(0)
    }

    fn write(&mut self, offset: usize, value: u32, _cx: &mut Context<'_>) {
        self.values.insert(offset, value);
    }
}

/// The reset controller (section 2.14): a peripheral is out of reset as soon as its bit is clear.
#[derive(Debug)]
pub(crate) struct Resets(u32);

impl Peripheral for Resets {
    fn map(&self) -> &'static RegisterMap {
        named!("resets")
    }

    fn value(&self, offset: usize) -> u32 {
        match offset {
            0x0 => self.0,
            0x8 => !self.0 & 0x1ff_ffff,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32, _cx: &mut Context<'_>) {
        if offset == 0 {
            self.0 = value & 0x1ff_ffff;
        }
    }
}

/// The single-cycle I/O block (section 2.3.1), whose set and clear registers have offsets of their own.
#[derive(Debug)]
pub(crate) struct Sio;

impl Device for Sio {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

/// Where UART0 is.
const UART0: usize = 0x4003_4000;

#[derive(Debug)]
pub(crate) struct Chip {
    pub(crate) bus: Bus,
    pub(crate) pll_sys: Region<Aliased<Pll>>,
    /// A PL011 with a FIFO of 32 (section 4.2).
    pub(crate) uart: Simulation<Pl011, Pl011Uart>,
    _uart_aliases: [Region<AliasWindow>; 3],
    pub(crate) spi: Region<Aliased<Spi>>,
    pll_usb: Region<Aliased<Pll>>,
    clocks: Region<Aliased<Clocks>>,
    io: Region<Aliased<Stored>>,
    _resets: Region<Aliased<Resets>>,
    _xosc: Region<Aliased<Xosc>>,
    _pads: Region<Aliased<Stored>>,
    _watchdog: Region<Aliased<Stored>>,
    _rosc: Region<Aliased<Stored>>,
    _vreg: Region<Aliased<Stored>>,
    _dma: Region<Aliased<Dma>>,
    _sio: Region<Sio>,
}

impl Chip {
    pub(crate) fn new() -> Self {
        let bus = Bus::new();
        // The peripheral clock is the system clock.
        let model = Pl011Uart::new().with_clock(125_000_000);
        let uart = bus.simulate_at::<Pl011, _>(UART0, model).unwrap_or_else(|error| panic!("{error}"));
        let aliases = [(0x1000, AliasKind::Toggle), (0x2000, AliasKind::Set), (0x3000, AliasKind::Clear)];
        Self {
            _uart_aliases: aliases
                .map(|(offset, alias)| uart.alias_at(UART0 + offset, alias).unwrap_or_else(|error| panic!("{error}"))),
            uart,
            clocks: at(&bus, 0x4000_8000, Aliased::new(Clocks::default())),
            _resets: at(&bus, 0x4000_c000, Aliased::new(Resets(0x1ff_ffff))),
            io: at(&bus, 0x4001_4000, Stored::new(named!("io_bank0"))),
            _pads: at(&bus, 0x4001_c000, Stored::new(named!("pads_bank0"))),
            _xosc: at(&bus, 0x4002_4000, Aliased::new(Xosc::default())),
            pll_sys: at(&bus, 0x4002_8000, Aliased::new(Pll::system())),
            pll_usb: at(&bus, 0x4002_c000, Aliased::new(Pll::usb())),
            spi: at(&bus, 0x4003_c000, Aliased::new(Spi::default())),
            _dma: at(&bus, 0x5000_0000, Aliased::new(Dma::default())),
            _rosc: at(&bus, 0x4006_0000, Stored::new(named!("rosc"))),
            _vreg: at(&bus, 0x4006_4000, Stored::new(named!("vreg_and_chip_reset"))),
            _watchdog: at(&bus, 0x4005_8000, Stored::new(named!("watchdog"))),
            _sio: bus.map_at(0xd000_0000, 0x1000, Sio).unwrap(),
            bus,
        }
    }

    /// The frequency of the system clock in hertz, if it comes from a PLL that runs.
    pub(crate) fn system_clock(&self) -> Option<u32> {
        let output = self.pll_sys.device().inner().output();
        output.filter(|_| self.clocks.device().inner().system_is_pll())
    }

    /// The frequency of the USB clock in hertz, if it comes from a PLL that runs.
    pub(crate) fn usb_clock(&self) -> Option<u32> {
        let output = self.pll_usb.device().inner().output();
        output.filter(|_| self.clocks.device().inner().usb_is_pll())
    }

    /// The function that a pin was given.
    pub(crate) fn pin_function(&self, pin: usize) -> u32 {
        self.io.device().inner().value(8 * pin + 4) & 0x1f
    }
}

fn at<P: Peripheral>(bus: &Bus, address: usize, peripheral: Aliased<P>) -> Region<Aliased<P>> {
    bus.map_at(address, SIZE, peripheral).unwrap_or_else(|error| panic!("{error}"))
}
