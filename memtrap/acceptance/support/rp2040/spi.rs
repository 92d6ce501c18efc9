//! An SPI controller, a PL022 with FIFOs of 8 (RP2040 data sheet, section 4.4), whose output is wired to its input.

use super::aliased::{Peripheral, named};
use memtrap::{Context, map::RegisterMap};
use std::{collections::VecDeque, time::Duration};

const DEPTH: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct Spi {
    control: [u32; 2],
    prescaler: u32,
    dma: u32,
    transmit: VecDeque<u16>,
    receive: VecDeque<u16>,
}

impl Spi {
    /// The frequency of the wire's clock from the peripheral clock, both in hertz.
    pub(crate) fn clock(&self, peripheral: u32) -> u32 {
        peripheral / self.prescaler.max(1) / (1 + (self.control[0] >> 8))
    }

    /// The bits of a frame.
    pub(crate) fn bits(&self) -> u32 {
        1 + (self.control[0] & 0xf)
    }

    fn shift(&self, cx: &mut Context<'_>) {
        if !self.transmit.is_empty() && self.control[1] & 2 != 0 {
            let nanoseconds = u64::from(self.bits()) * 1_000_000_000 / u64::from(self.clock(125_000_000).max(1));
            cx.after(Duration::from_nanos(nanoseconds), 0);
        }
    }
}

impl Peripheral for Spi {
    fn map(&self) -> &'static RegisterMap {
        named!("spi0")
    }

    fn value(&self, offset: usize) -> u32 {
        match offset {
            0x00 | 0x04 => self.control[offset / 4],
            0x08 => self.receive.front().copied().unwrap_or(0).into(),
            0x0c => {
                let (sends, holds) = (self.transmit.len(), self.receive.len());
                [sends == 0, sends < DEPTH, holds > 0, holds == DEPTH, sends > 0]
                    .into_iter()
                    .enumerate()
                    .fold(0, |flags, (bit, set)| flags | u32::from(set) << bit)
            }
            0x10 => self.prescaler,
            0x24 => self.dma,
            _ => 0,
        }
    }

    fn taken(&mut self, offset: usize, cx: &mut Context<'_>) {
        if offset == 0x08 && self.receive.pop_front().is_some() {
            cx.progress();
        }
    }

    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) {
        match offset {
            0x00 | 0x04 => self.control[offset / 4] = value,
            0x08 if self.transmit.len() == DEPTH => cx.fail("data for a FIFO that is full"),
            0x08 => {
                self.transmit.push_back(value as u16);
                if self.transmit.len() == 1 {
                    self.shift(cx);
                }
            }
            0x10 => self.prescaler = value,
            0x24 => self.dma = value,
            _ => {}
        }
    }

    fn event(&mut self, cx: &mut Context<'_>) {
        let frame = self.transmit.pop_front();
        match frame {
            Some(_) if self.receive.len() == DEPTH => cx.fail("the receiver overruns"),
            Some(frame) => self.receive.push_back(frame),
            None => {}
        }
        self.shift(cx);
    }
}
