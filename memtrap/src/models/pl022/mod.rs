//! The PrimeCell synchronous serial port.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
mod block;
#[cfg(test)]
mod tests;

pub use block::*;

use super::output::Output;
use crate::bus::Context;
use std::{any::Any, fmt, time::Duration};

/// Frames that each FIFO holds.
const DEPTH: usize = 8;

/// Events of the model.
const SHIFTED: u64 = 0;
const TIMED_OUT: u64 = 1;

/// What is at the other end of an SPI bus.
pub trait SpiTarget: Any + Send {
    /// A frame of `bits` bits goes over the bus, both ways: takes what the controller sends, and returns what it receives.
    fn transfer(&mut self, sent: u16, bits: u32) -> u16;
}

/// A model of the PL022 synchronous serial port as an SPI controller, for the register block [`Pl022`].
///
/// Follows "PrimeCell Synchronous Serial Port (PL022) Technical Reference Manual", Arm DDI 0194G, chapter 3: both FIFOs,
/// frames of 4 to 16 bits that take the time of the divided clock, loopback, and the four interrupts. Target mode, the TI
/// and Microwire formats and DMA requests are not modelled; the chip select is a matter of GPIO, as on most boards, and the
/// target takes every frame.
///
/// ```
/// use memtrap::{Bus, models::pl022::{Pl022, Pl022Controller, SpiTarget}};
///
/// /// Sends back what it got, one frame later.
/// #[derive(Default)]
/// struct Delay(u16);
///
/// impl SpiTarget for Delay {
///     fn transfer(&mut self, sent: u16, _bits: u32) -> u16 {
///         std::mem::replace(&mut self.0, sent)
///     }
/// }
///
/// let bus = Bus::new();
/// let spi = bus.simulate::<Pl022, _>(Pl022Controller::new().with_target(Delay::default()))?;
/// // A driver gets `spi.base()` or `spi.regs()`.
/// # let _ = spi;
/// # Ok::<(), memtrap::MapError>(())
/// ```
pub struct Pl022Controller {
    clock: u32,
    output: Output,
    target: Option<Box<dyn SpiTarget>>,
    /// How long a frame takes, as of the last write of its format or the prescaler.
    frame: Option<Duration>,
    /// The frame in the shift register.
    shifting: Option<u16>,
    exchanged: Vec<(u16, u16)>,
}

impl Default for Pl022Controller {
    fn default() -> Self {
        Self::new()
    }
}

impl Pl022Controller {
    /// Frequency of SSPCLK unless set, in hertz.
    pub const CLOCK: u32 = 48_000_000;

    /// A port after reset, with no target and nothing on its interrupt output: it receives ones.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Self::CLOCK,
            output: Output::default(),
            target: None,
            frame: None,
            shifting: None,
            exchanged: Vec::new(),
        }
    }

    /// What is at the other end of the bus.
    #[must_use]
    pub fn with_target(self, target: impl SpiTarget) -> Self {
        Self { target: Some(Box::new(target)), ..self }
    }

    /// The bus's interrupt line that the combined interrupt output drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { output: Output::to(line), ..self }
    }

    /// Another frequency of SSPCLK, in hertz.
    #[must_use]
    pub fn with_clock(self, hertz: u32) -> Self {
        Self { clock: hertz, ..self }
    }

    /// The target, if it is a `T`.
    #[must_use]
    pub fn target<T: SpiTarget>(&mut self) -> Option<&mut T> {
        let target: &mut dyn Any = &mut **self.target.as_mut()?;
        target.downcast_mut()
    }

    /// The frames that went over the bus so far: sent and received.
    #[must_use]
    pub fn exchanged(&self) -> &[(u16, u16)] {
        &self.exchanged
    }

    /// How long a frame takes, if the clock is set up: bits times CPSDVSR times (1 + SCR) periods of SSPCLK (3.3.1).
    #[must_use]
    pub fn frame_time(&self) -> Option<Duration> {
        self.frame
    }

    /// Bits of a frame, unless SSPCR0.DSS holds a reserved value (3.3.1).
    fn bits(regs: &pl022::State) -> Option<u32> {
        let bits = u32::from(regs.cr0.data_size()) + 1;
        (bits >= 4).then_some(bits)
    }

    fn time(&self, regs: &pl022::State) -> Option<Duration> {
        let prescaler = 2 * u64::from(regs.cpsr.half_divisor());
        if prescaler == 0 || self.clock == 0 {
            return None;
        }
        let periods = u64::from(Self::bits(regs)?) * prescaler * (1 + u64::from(regs.cr0.clock_rate()));
        Some(Duration::from_nanos(periods * 1_000_000_000 / u64::from(self.clock)))
    }

    /// Takes the next frame into the shift register, if it is free and has a clock.
    fn start(&mut self, regs: &mut pl022::State, cx: &mut Context<'_>) {
        let Some(time) = self.frame.filter(|_| self.shifting.is_none() && regs.cr1.enable()) else { return };
        if let Some(frame) = regs.dr.from_driver.pop_front() {
            self.shifting = Some(frame as u16);
            cx.after(time, SHIFTED);
        }
    }

    /// The frame in the shift register has gone over the bus.
    fn shifted(&mut self, regs: &mut pl022::State, cx: &mut Context<'_>) {
        let (Some(sent), Some(bits)) = (self.shifting.take(), Self::bits(regs)) else { return };
        let mask = u16::MAX >> (16 - bits);
        let sent = sent & mask;
        let received = match &mut self.target {
            _ if regs.cr1.loopback() => sent,
            Some(target) => target.transfer(sent, bits) & mask,
            None => mask,
        };
        self.exchanged.push((sent, received));
        if regs.dr.to_driver.len() < DEPTH {
            regs.dr.to_driver.push_back(received.into());
        } else {
            regs.ris.set_overrun(true);
        }
        self.restart_time_out(regs, cx);
    }

    /// A receive FIFO that nobody reads for 32 bit periods asks for service (3.3.8).
    fn restart_time_out(&self, regs: &pl022::State, cx: &mut Context<'_>) {
        cx.cancel(TIMED_OUT);
        if let (Some(frame), Some(bits)) = (self.frame, Self::bits(regs))
            && !regs.dr.to_driver.is_empty()
        {
            cx.after(frame * 32 / bits, TIMED_OUT);
        }
    }
}

/// What the declaration says is not repeated: that the masked status is computed, that a one written to the clear register
/// clears a raw interrupt, and which bits stay zero.
impl pl022::Model for Pl022Controller {
    fn write_cr1(&mut self, regs: &mut pl022::State, value: PortControl, _cx: &mut Context<'_>) {
        regs.cr1 = value.with_reserved(0);
        if !value.enable() {
            // Disabled in the middle of a frame, the port finishes it (3.3.2).
            regs.dr.from_driver.clear();
        }
    }

    fn read_dr(&mut self, regs: &mut pl022::State, cx: &mut Context<'_>) -> u32 {
        let Some(frame) = regs.dr.to_driver.pop_front() else { return 0 };
        cx.progress();
        regs.ris.set_receive_timeout(false);
        self.restart_time_out(regs, cx);
        frame
    }

    fn write_dr(&mut self, regs: &mut pl022::State, value: u32, cx: &mut Context<'_>) {
        if regs.dr.from_driver.len() < DEPTH {
            regs.dr.from_driver.push_back(value & 0xffff);
        } else {
            cx.note(format!("{value:#x} is lost: the transmit FIFO is full"));
        }
    }

    fn event(&mut self, regs: &mut pl022::State, event: u64, cx: &mut Context<'_>) {
        match event {
            SHIFTED => self.shifted(regs, cx),
            _ => regs.ris.set_receive_timeout(true),
        }
    }

    /// The next frame, the flags, both FIFOs' interrupts when they are half full or half empty (3.3.7), which nobody can
    /// clear (3.3.9), and the line.
    fn drive(&mut self, regs: &mut pl022::State, cx: &mut Context<'_>) {
        self.frame = self.time(regs);
        self.start(regs, cx);
        let (transmit, receive) = (regs.dr.from_driver.len(), regs.dr.to_driver.len());
        regs.sr = Status::new()
            .with_tx_empty(transmit == 0)
            .with_tx_not_full(transmit < DEPTH)
            .with_rx_not_empty(receive > 0)
            .with_rx_full(receive >= DEPTH)
            .with_busy(self.shifting.is_some() || transmit > 0);
        regs.ris.set_receive(receive >= DEPTH / 2);
        regs.ris.set_transmit(transmit <= DEPTH / 2);
        self.output.set(regs.mis().bits() != 0, cx);
    }

    fn reset(&mut self, regs: &mut pl022::State, cx: &mut Context<'_>) {
        cx.cancel(SHIFTED);
        cx.cancel(TIMED_OUT);
        (self.frame, self.shifting) = (None, None);
        *regs = pl022::State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

impl fmt::Debug for Pl022Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pl022Controller")
            .field("clock", &self.clock)
            .field("output", &self.output)
            .field("frame", &self.frame)
            .field("shifting", &self.shifting)
            .field("exchanged", &self.exchanged)
            .finish_non_exhaustive()
    }
}
