//! The chip: its peripherals at their addresses (RP2040 data sheet, section 2.2).

use super::{
    aliased::{Aliased, Peripheral, SIZE, named},
    clocks::{Clocks, Pll, Xosc},
    dma::Dma,
    spi::Spi,
    uart::Uart,
};
use memtrap::{Access, Bus, BusError, Context, Device, Region, map::RegisterMap};
use std::collections::BTreeMap;

/// A peripheral that keeps what is written: as much of it as the driver needs.
#[derive(Debug)]
pub(super) struct Stored {
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
pub(super) struct Resets(u32);

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
pub(super) struct Sio;

impl Device for Sio {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Chip {
    pub(super) bus: Bus,
    pub(super) pll_sys: Region<Aliased<Pll>>,
    pub(super) uart: Region<Aliased<Uart>>,
    pub(super) spi: Region<Aliased<Spi>>,
    pll_usb: Region<Aliased<Pll>>,
    clocks: Region<Aliased<Clocks>>,
    io: Region<Aliased<Stored>>,
    _resets: Region<Aliased<Resets>>,
    _xosc: Region<Aliased<Xosc>>,
    _pads: Region<Aliased<Stored>>,
    _watchdog: Region<Aliased<Stored>>,
    _dma: Region<Aliased<Dma>>,
    _sio: Region<Sio>,
}

impl Chip {
    pub(super) fn new() -> Self {
        let bus = Bus::new();
        Self {
            clocks: at(&bus, 0x4000_8000, Aliased::new(Clocks::default())),
            _resets: at(&bus, 0x4000_c000, Aliased::new(Resets(0x1ff_ffff))),
            io: at(&bus, 0x4001_4000, Stored::new(named!("io_bank0"))),
            _pads: at(&bus, 0x4001_c000, Stored::new(named!("pads_bank0"))),
            _xosc: at(&bus, 0x4002_4000, Aliased::new(Xosc::default())),
            pll_sys: at(&bus, 0x4002_8000, Aliased::new(Pll::system())),
            pll_usb: at(&bus, 0x4002_c000, Aliased::new(Pll::usb())),
            uart: at(&bus, 0x4003_4000, Aliased::new(Uart::default())),
            spi: at(&bus, 0x4003_c000, Aliased::new(Spi::default())),
            _dma: at(&bus, 0x5000_0000, Aliased::new(Dma::default())),
            _watchdog: at(&bus, 0x4005_8000, Stored::new(named!("watchdog"))),
            _sio: bus.map_at(0xd000_0000, 0x1000, Sio).unwrap(),
            bus,
        }
    }

    /// The frequency of the system clock in hertz, if it comes from a PLL that runs.
    pub(super) fn system_clock(&self) -> Option<u32> {
        let output = self.pll_sys.device().inner().output();
        output.filter(|_| self.clocks.device().inner().system_is_pll())
    }

    /// The frequency of the USB clock in hertz, if it comes from a PLL that runs.
    pub(super) fn usb_clock(&self) -> Option<u32> {
        let output = self.pll_usb.device().inner().output();
        output.filter(|_| self.clocks.device().inner().usb_is_pll())
    }

    /// The function that a pin was given.
    pub(super) fn pin_function(&self, pin: usize) -> u32 {
        self.io.device().inner().value(8 * pin + 4) & 0x1f
    }
}

fn at<P: Peripheral>(bus: &Bus, address: usize, peripheral: Aliased<P>) -> Region<Aliased<P>> {
    bus.map_at(address, SIZE, peripheral).unwrap_or_else(|error| panic!("{error}"))
}
