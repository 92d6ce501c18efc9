//! Crystal, PLLs and clock generators (RP2040 data sheet, sections 2.15, 2.16 and 2.18).

use super::aliased::{Peripheral, named};
use memtrap::{Context, map::RegisterMap};
use std::{collections::BTreeMap, time::Duration};

/// The crystal oscillator.
#[derive(Debug, Default)]
pub(crate) struct Xosc {
    ctrl: u32,
    startup: u32,
    stable: bool,
}

impl Xosc {
    fn is_enabled(&self) -> bool {
        self.ctrl >> 12 == 0xfab
    }
}

impl Peripheral for Xosc {
    fn map(&self) -> &'static RegisterMap {
        named!("xosc")
    }

    fn value(&self, offset: usize) -> u32 {
        match offset {
            0x0 => self.ctrl,
            0x4 => u32::from(self.stable) << 31 | u32::from(self.is_enabled()) << 12,
            0xc => self.startup,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) {
        match offset {
            0x0 => {
                self.ctrl = value;
                // STARTUP counts in multiples of 256 periods of the crystal.
                let periods = 256 * u64::from(self.startup);
                if self.is_enabled() {
                    cx.after(Duration::from_nanos(periods * 1_000_000_000 / u64::from(super::CRYSTAL)), 0);
                }
            }
            0xc => self.startup = value,
            _ => {}
        }
    }

    fn event(&mut self, _cx: &mut Context<'_>) {
        self.stable = true;
    }
}

/// A PLL.
#[derive(Debug)]
pub(crate) struct Pll {
    map: &'static RegisterMap,
    cs: u32,
    pwr: u32,
    fbdiv: u32,
    prim: u32,
    locked: bool,
    broken: bool,
}

impl Pll {
    pub(crate) fn system() -> Self {
        Self::new(named!("pll_sys"))
    }

    pub(crate) fn usb() -> Self {
        Self::new(named!("pll_usb"))
    }

    fn new(map: &'static RegisterMap) -> Self {
        Self { map, cs: 1, pwr: 0x2d, fbdiv: 0, prim: 0x7_7000, locked: false, broken: false }
    }

    /// Has it never lock.
    pub(crate) fn break_it(&mut self) {
        self.broken = true;
    }

    /// The frequency of its output in hertz, if there is one.
    pub(crate) fn output(&self) -> Option<u32> {
        const POSTDIVPD: u32 = 1 << 3;
        let vco = super::CRYSTAL / (self.cs & 0x3f) * self.fbdiv;
        let output = vco / (self.prim >> 16 & 7) / (self.prim >> 12 & 7);
        (self.locked && self.pwr & POSTDIVPD == 0).then_some(output)
    }
}

impl Peripheral for Pll {
    fn map(&self) -> &'static RegisterMap {
        self.map
    }

    fn value(&self, offset: usize) -> u32 {
        match offset {
            0x0 => self.cs | u32::from(self.locked) << 31,
            0x4 => self.pwr,
            0x8 => self.fbdiv,
            0xc => self.prim,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) {
        const OFF: u32 = 1 << 0 | 1 << 5;
        match offset {
            0x0 => self.cs = value & 0x13f,
            0x4 => {
                let was_on = self.pwr & OFF == 0;
                self.pwr = value & 0x2d;
                let is_on = self.pwr & OFF == 0;
                self.locked &= is_on;
                if is_on && !was_on && !self.broken {
                    cx.after(Duration::from_micros(100), 0);
                }
            }
            0x8 => self.fbdiv = value & 0xfff,
            0xc => self.prim = value & 0x7_7000,
            _ => {}
        }
    }

    fn event(&mut self, _cx: &mut Context<'_>) {
        self.locked = true;
    }
}

const REF: usize = 0x30;
const SYS: usize = 0x3c;
const USB: usize = 0x54;

/// The clock generators: of each CTRL, DIV and SELECTED.
#[derive(Debug, Default)]
pub(crate) struct Clocks(BTreeMap<usize, u32>);

impl Clocks {
    /// Whether the system clock comes from its PLL, undivided: source 1 is the auxiliary one, of which 0 is the PLL.
    pub(crate) fn system_is_pll(&self) -> bool {
        self.value(SYS) & 0xe1 == 1 && self.value(SYS + 4) == 0x100
    }

    /// Whether the USB clock comes from its PLL, undivided, and runs.
    pub(crate) fn usb_is_pll(&self) -> bool {
        self.value(USB) & 0x8e0 == 0x800 && self.value(USB + 4) == 0x100
    }
}

impl Peripheral for Clocks {
    fn map(&self) -> &'static RegisterMap {
        named!("clocks")
    }

    fn value(&self, offset: usize) -> u32 {
        let stored = |offset, reset| self.0.get(&offset).copied().unwrap_or(reset);
        match (offset / 4 % 3, offset) {
            (_, 0x78..) | (0, _) => stored(offset, 0),
            (1, _) => stored(offset, 0x100),
            // One bit for the source of those clocks that change it without a glitch.
            (_, 0x38) => 1 << (stored(REF, 0) & 3),
            (_, 0x44) => 1 << (stored(SYS, 0) & 1),
            _ => 1,
        }
    }

    fn write(&mut self, offset: usize, value: u32, _cx: &mut Context<'_>) {
        self.0.insert(offset, value);
    }
}
