//! The transmitter of a UART: a PL011 with a FIFO of 32 (RP2040 data sheet, section 4.2).

use super::aliased::{Peripheral, named};
use memtrap::{Context, map::RegisterMap};
use std::{collections::VecDeque, time::Duration};

/// The frequency of the peripheral clock, in hertz.
const CLOCK: u64 = 125_000_000;

#[derive(Debug, Default)]
pub(super) struct Uart {
    divisor: (u32, u32),
    latched: (u32, u32),
    line: u32,
    control: u32,
    dma: u32,
    fifo: VecDeque<u8>,
    wire: Vec<u8>,
}

impl Uart {
    /// What went over the wire.
    pub(super) fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The baud rate from a clock, both in hertz.
    pub(super) fn baud_rate(&self, clock: u64) -> u64 {
        let (integer, fraction) = self.latched;
        4 * clock / (64 * u64::from(integer) + u64::from(fraction))
    }

    fn send_next(&self, cx: &mut Context<'_>) {
        if !self.fifo.is_empty() && self.latched.0 > 0 {
            cx.after(Duration::from_nanos(10 * 1_000_000_000 / self.baud_rate(CLOCK)), 0);
        }
    }
}

impl Peripheral for Uart {
    fn map(&self) -> &'static RegisterMap {
        named!("uart0")
    }

    fn value(&self, offset: usize) -> u32 {
        match offset {
            0x18 => {
                let (empty, full) = (self.fifo.is_empty(), self.fifo.len() == 32);
                u32::from(!empty) << 3 | 1 << 4 | u32::from(full) << 5 | u32::from(empty) << 7
            }
            0x24 => self.divisor.0,
            0x28 => self.divisor.1,
            0x2c => self.line,
            0x30 => self.control,
            0x48 => self.dma,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) {
        match offset {
            0x00 if self.control & 0x101 != 0x101 => cx.fail("data for a transmitter that is not enabled"),
            0x00 if self.fifo.len() == 32 => cx.fail("data for a FIFO that is full"),
            0x00 => {
                self.fifo.push_back(value as u8);
                if self.fifo.len() == 1 {
                    self.send_next(cx);
                }
            }
            0x24 => self.divisor.0 = value,
            0x28 => self.divisor.1 = value,
            0x2c => {
                self.line = value;
                self.latched = self.divisor;
            }
            0x30 => self.control = value,
            0x48 => self.dma = value,
            _ => {}
        }
    }

    fn event(&mut self, cx: &mut Context<'_>) {
        self.wire.extend(self.fifo.pop_front());
        self.send_next(cx);
    }
}
