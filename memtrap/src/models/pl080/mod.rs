//! The PrimeCell DMA controller.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
mod block;
#[cfg(test)]
mod tests;

pub use block::*;

use super::output::Output;
use crate::{bus::Context, error::BusError};
use std::time::Duration;

/// Number of channels.
const CHANNELS: usize = 8;

/// A model of the PL080 DMA controller, for the register block [`Pl080`].
///
/// Follows "PrimeCell DMA Controller (PL080) Technical Reference Manual", Arm DDI 0196, chapter 3: transfers
/// from memory to memory with elements of different widths, addresses that move or stay, linked lists, and the combined
/// interrupt. An element takes two cycles of the bus, and is seen in memory when its item of the list is done. Memory
/// that devices cannot reach is a bus error, which ends the channel with an error interrupt. Not modelled, and a failed
/// test, is a transfer that a peripheral requests. Arbitration between channels, bursts, locked transfers, big-endian
/// masters and the separate interrupt outputs are not modelled.
///
/// ```
/// use memtrap::{Bus, models::pl080::{Pl080, Pl080Engine}};
///
/// let bus = Bus::new();
/// let memory = bus.ram(0x1000)?;
/// memory.set_bus_address(0x2000_0000);
/// let dma = bus.simulate::<Pl080, _>(Pl080Engine::new().with_interrupt(24))?;
/// // A driver gets `dma.base()` or `dma.regs()`, and buffers in `memory`.
/// # let _ = dma;
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pl080Engine {
    clock: u32,
    output: Output,
    /// Channels that are in the middle of an item.
    running: [bool; CHANNELS],
}

impl Default for Pl080Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Pl080Engine {
    /// Frequency of the bus clock HCLK unless set, in hertz.
    pub const CLOCK: u32 = 100_000_000;

    /// A controller after reset, with nothing on its interrupt output.
    #[must_use]
    pub fn new() -> Self {
        Self { clock: Self::CLOCK, output: Output::default(), running: [false; CHANNELS] }
    }

    /// The bus's interrupt line that the combined interrupt output drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { output: Output::to(line), ..self }
    }

    /// Another frequency of the bus clock, in hertz.
    ///
    /// # Panics
    ///
    /// If it is 0.
    #[must_use]
    pub fn with_clock(self, hertz: u32) -> Self {
        assert!(hertz > 0, "memtrap: a clock of 0 Hz stands still");
        Self { clock: hertz, ..self }
    }

    /// Lets a channel run, or stand still, as the registers say.
    fn update(&mut self, regs: &pl080::State, channel: usize, cx: &mut Context<'_>) {
        let configuration = regs.channel_configuration[channel];
        let runs = regs.configuration.enable() && configuration.enable() && !configuration.halt();
        if runs && configuration.flow_control() != 0 {
            cx.fail(
                "a transfer that a peripheral requests is not modelled: only flow control 0, from memory to memory, is",
            );
        } else if runs && !self.running[channel] {
            self.begin(regs, channel, cx);
        } else if !runs && self.running[channel] {
            self.running[channel] = false;
            cx.cancel(channel as u64);
        }
    }

    /// Begins with the item in a channel's registers.
    fn begin(&mut self, regs: &pl080::State, channel: usize, cx: &mut Context<'_>) {
        let cycles = 2 * u64::from(regs.control[channel].transfer_size());
        self.running[channel] = true;
        cx.after(Duration::from_nanos(cycles * 1_000_000_000 / u64::from(self.clock)), channel as u64);
    }

    /// Carries out the item in a channel's registers, and leaves there what the hardware does: the addresses behind it.
    fn transfer(regs: &mut pl080::State, channel: usize, cx: &mut Context<'_>) -> Result<(), BusError> {
        let control = regs.control[channel];
        let source = bytes(control.source_width())?;
        let destination = bytes(control.destination_width())?;
        let total = source * usize::from(control.transfer_size());
        if !total.is_multiple_of(destination) {
            return Err(BusError::refused(format!("{total} bytes are no whole elements of {destination}")));
        }
        let mut data = vec![0; total];
        let mut from = u64::from(regs.src_addr[channel]);
        let mut to = u64::from(regs.dest_addr[channel]);
        if control.source_increment() {
            cx.dma().read(from, &mut data)?;
            from += total as u64;
        } else {
            data.chunks_mut(source).try_for_each(|element| cx.dma().read(from, element))?;
        }
        if control.destination_increment() {
            cx.dma().write(to, &data)?;
            to += total as u64;
        } else {
            data.chunks(destination).try_for_each(|element| cx.dma().write(to, element))?;
        }
        (regs.src_addr[channel], regs.dest_addr[channel]) = (from as u32, to as u32);
        regs.control[channel].set_transfer_size(0);
        Ok(())
    }

    /// Loads the next item of a channel's list into its registers; `false` if there is none.
    fn load(regs: &mut pl080::State, channel: usize, cx: &mut Context<'_>) -> Result<bool, BusError> {
        // The lowest bits are the bus master.
        let at = regs.lli[channel] & !0b11;
        if at == 0 {
            return Ok(false);
        }
        let mut words = [0; 4];
        for (word, offset) in words.iter_mut().zip((0..).step_by(4)) {
            *word = u32::from_le_bytes(cx.dma().read_array(u64::from(at) + offset)?);
        }
        let [source, destination, next, control] = words;
        (regs.src_addr[channel], regs.dest_addr[channel], regs.lli[channel]) = (source, destination, next);
        regs.control[channel] = ChannelControl::from_bits(control);
        Ok(true)
    }

    /// The item is done, and with it the terminal count reached, if it says so; whether another one follows.
    fn finish(regs: &mut pl080::State, channel: usize, cx: &mut Context<'_>) -> Result<bool, BusError> {
        let interrupts = regs.control[channel].terminal_count_interrupt();
        Self::transfer(regs, channel, cx)?;
        if interrupts {
            regs.raw_int_tc_status |= 1 << channel;
        }
        Self::load(regs, channel, cx)
    }
}

/// Bytes of an element.
fn bytes(width: ElementWidth) -> Result<usize, BusError> {
    match width {
        ElementWidth::Byte => Ok(1),
        ElementWidth::Halfword => Ok(2),
        ElementWidth::Word => Ok(4),
        ElementWidth::Reserved(code) => {
            Err(BusError::refused(format!("a width of {code} is reserved (DMACCxControl)")))
        }
    }
}

/// A bit for each channel.
fn mask(which: impl Fn(usize) -> bool) -> u32 {
    (0..CHANNELS).filter(|channel| which(*channel)).fold(0, |mask, channel| mask | 1 << channel)
}

impl pl080::Model for Pl080Engine {
    fn write_configuration(&mut self, regs: &mut pl080::State, value: Configuration, cx: &mut Context<'_>) {
        regs.configuration = value;
        for channel in 0..CHANNELS {
            self.update(regs, channel, cx);
        }
    }

    fn write_channel_configuration(
        &mut self,
        regs: &mut pl080::State,
        channel: usize,
        value: ChannelConfiguration,
        cx: &mut Context<'_>,
    ) {
        regs.channel_configuration[channel] = value;
        self.update(regs, channel, cx);
    }

    fn event(&mut self, regs: &mut pl080::State, channel: u64, cx: &mut Context<'_>) {
        let channel = channel as usize;
        self.running[channel] = false;
        match Self::finish(regs, channel, cx) {
            Ok(true) => return self.begin(regs, channel, cx),
            Ok(false) => {}
            Err(error) => {
                cx.note(format!("channel {channel}: {error}"));
                regs.raw_int_error_status |= 1 << channel;
            }
        }
        regs.channel_configuration[channel].set_enable(false);
    }

    /// The interrupts that are not masked, and the line.
    fn drive(&mut self, regs: &mut pl080::State, cx: &mut Context<'_>) {
        let channels = regs.channel_configuration;
        regs.enbld_chns = mask(|channel| channels[channel].enable());
        regs.int_tc_status = regs.raw_int_tc_status & mask(|channel| channels[channel].terminal_count_interrupt());
        regs.int_error_status = regs.raw_int_error_status & mask(|channel| channels[channel].error_interrupt());
        self.output.set(regs.int_status() != 0, cx);
    }

    fn reset(&mut self, regs: &mut pl080::State, cx: &mut Context<'_>) {
        for channel in 0..CHANNELS {
            cx.cancel(channel as u64);
        }
        self.running = [false; CHANNELS];
        *regs = pl080::State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}
