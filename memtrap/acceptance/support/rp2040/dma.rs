//! The DMA controller, for transfers that nobody paces (RP2040 data sheet, section 2.5).

use super::aliased::{Peripheral, named};
use memtrap::{Context, DmaError, map::RegisterMap};
use std::time::Duration;

/// Registers of a channel; those of the aliases are the same in another order, the last of which starts it.
const READ_ADDRESS: usize = 0;
const WRITE_ADDRESS: usize = 1;
const COUNT: usize = 2;
const CONTROL: usize = 3;
const ALIASES: [[usize; 4]; 4] = [
    [READ_ADDRESS, WRITE_ADDRESS, COUNT, CONTROL],
    [CONTROL, READ_ADDRESS, WRITE_ADDRESS, COUNT],
    [CONTROL, COUNT, READ_ADDRESS, WRITE_ADDRESS],
    [CONTROL, WRITE_ADDRESS, COUNT, READ_ADDRESS],
];
const ENABLE: u32 = 1 << 0;
const BUSY: u32 = 1 << 24;
const CHANNELS: usize = 12;

/// Requests that are none: the transfer is as fast as it can be.
const UNPACED: u32 = 0x3f;

#[derive(Debug, Default)]
pub(crate) struct Dma {
    channels: [[u32; 4]; CHANNELS],
    interrupts: u32,
}

impl Dma {
    /// The channel and its register at an offset.
    fn register(offset: usize) -> Option<(usize, usize)> {
        (offset < 0x40 * CHANNELS).then(|| (offset / 0x40, ALIASES[offset / 0x10 % 4][offset / 4 % 4]))
    }

    fn transfer(&mut self, channel: usize, cx: &mut Context<'_>) -> Result<(), DmaError> {
        let [from, to, count, control] = self.channels[channel];
        let size = 1_u32 << (control >> 2 & 3);
        let step = |bit: u32| if control & 1 << bit != 0 { size } else { 0 };
        let (mut from, mut to) = (from, to);
        let mut element = vec![0; size as usize];
        for _ in 0..count {
            cx.dma().read(from.into(), &mut element)?;
            cx.dma().write(to.into(), &element)?;
            from += step(4);
            to += step(5);
        }
        self.channels[channel] = [from, to, 0, control & !BUSY];
        self.interrupts |= 1 << channel;
        Ok(())
    }
}

impl Peripheral for Dma {
    fn map(&self) -> &'static RegisterMap {
        named!("dma")
    }

    fn value(&self, offset: usize) -> u32 {
        match Self::register(offset) {
            Some((channel, register)) => self.channels[channel][register],
            None if offset == 0x400 => self.interrupts,
            None => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>) {
        let Some((channel, register)) = Self::register(offset) else { return };
        self.channels[channel][register] = value;
        let control = &mut self.channels[channel][CONTROL];
        if offset % 0x10 == 0xc && *control & ENABLE != 0 {
            if *control >> 15 & 0x3f != UNPACED {
                cx.fail("a transfer that is paced by a peripheral");
            }
            *control |= BUSY;
            cx.after(Duration::from_nanos(16 * u64::from(self.channels[channel][COUNT])), 0);
        }
    }

    fn event(&mut self, cx: &mut Context<'_>) {
        for channel in 0..CHANNELS {
            if self.channels[channel][CONTROL] & BUSY != 0
                && let Err(error) = self.transfer(channel, cx)
            {
                cx.fail(error.to_string());
            }
        }
    }
}
