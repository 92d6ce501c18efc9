//! The PrimeCell synchronous serial port.

mod registers;
#[cfg(test)]
mod tests;

use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};
use registers::{cr1, interrupt, offset, sr};
use std::{any::Any, collections::VecDeque, fmt, time::Duration};

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

/// A PL022 synchronous serial port as an SPI controller, 0x1000 bytes.
///
/// Follows "PrimeCell Synchronous Serial Port (PL022) Technical Reference Manual", Arm DDI 0194G, chapter 3, whose register
/// names it uses: both FIFOs, frames of 4 to 16 bits that take the time of the divided clock, loopback, and the four
/// interrupts. Target mode, the TI and Microwire formats and DMA requests are not modelled; the chip select is a matter of
/// GPIO, as on most boards, and the target takes every frame.
///
/// ```
/// use memtrap::{Bus, models::{Pl022, SpiTarget}};
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
/// let spi = bus.map(0x1000, Pl022::new().with_target(Delay::default()))?;
/// # let _ = spi;
/// # Ok::<(), memtrap::MapError>(())
/// ```
pub struct Pl022 {
    clock: u32,
    line: Option<u32>,
    target: Option<Box<dyn SpiTarget>>,
    cr0: u32,
    cr1: u32,
    cpsr: u32,
    imsc: u32,
    dmacr: u32,
    transmit: VecDeque<u16>,
    receive: VecDeque<u16>,
    shifting: Option<u16>,
    overrun: bool,
    timed_out: bool,
    exchanged: Vec<(u16, u16)>,
}

impl Default for Pl022 {
    fn default() -> Self {
        Self::new()
    }
}

impl Pl022 {
    /// Frequency of SSPCLK unless set, in hertz.
    pub const CLOCK: u32 = 48_000_000;

    /// A port after reset, with no target and nothing on its interrupt output: it receives ones.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Self::CLOCK,
            line: None,
            target: None,
            cr0: 0,
            cr1: 0,
            cpsr: 0,
            imsc: 0,
            dmacr: 0,
            transmit: VecDeque::new(),
            receive: VecDeque::new(),
            shifting: None,
            overrun: false,
            timed_out: false,
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
        Self { line: Some(line), ..self }
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

    /// Bits of a frame, unless SSPCR0.DSS holds a reserved value (3.3.1).
    fn bits(&self) -> Option<u32> {
        let bits = (self.cr0 & 0xf) + 1;
        (bits >= 4).then_some(bits)
    }

    /// How long a frame takes, if the clock is set up: bits times CPSDVSR times (1 + SCR) periods of SSPCLK (3.3.1).
    #[must_use]
    pub fn frame_time(&self) -> Option<Duration> {
        let prescaler = u64::from(self.cpsr & 0xfe);
        if prescaler == 0 || self.clock == 0 {
            return None;
        }
        let periods = u64::from(self.bits()?) * prescaler * (1 + u64::from(self.cr0 >> 8 & 0xff));
        Some(Duration::from_nanos(periods * 1_000_000_000 / u64::from(self.clock)))
    }

    fn is_enabled(&self) -> bool {
        self.cr1 & cr1::SSE != 0
    }

    /// Takes the next frame into the shift register, if it is free and has a clock.
    fn start(&mut self, cx: &mut Context<'_>) {
        if self.shifting.is_some() || !self.is_enabled() {
            return;
        }
        let Some(time) = self.frame_time() else { return };
        if let Some(frame) = self.transmit.pop_front() {
            self.shifting = Some(frame);
            cx.after(time, SHIFTED);
        }
    }

    /// The frame in the shift register has gone over the bus.
    fn shifted(&mut self, cx: &mut Context<'_>) {
        let (Some(sent), Some(bits)) = (self.shifting.take(), self.bits()) else { return };
        let mask = u16::MAX >> (16 - bits);
        let sent = sent & mask;
        let received = match &mut self.target {
            _ if self.cr1 & cr1::LBM != 0 => sent,
            Some(target) => target.transfer(sent, bits) & mask,
            None => mask,
        };
        self.exchanged.push((sent, received));
        if self.receive.len() < DEPTH {
            self.receive.push_back(received);
        } else {
            self.overrun = true;
        }
        self.restart_time_out(cx);
    }

    /// A receive FIFO that nobody reads for 32 bit periods asks for service (3.3.8).
    fn restart_time_out(&mut self, cx: &mut Context<'_>) {
        cx.cancel(TIMED_OUT);
        if let (Some(frame), Some(bits)) = (self.frame_time(), self.bits())
            && !self.receive.is_empty()
        {
            cx.after(frame * 32 / bits, TIMED_OUT);
        }
    }

    fn sr(&self) -> u32 {
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        bit(self.transmit.is_empty(), sr::TFE)
            | bit(self.transmit.len() < DEPTH, sr::TNF)
            | bit(!self.receive.is_empty(), sr::RNE)
            | bit(self.receive.len() >= DEPTH, sr::RFF)
            | bit(self.shifting.is_some() || !self.transmit.is_empty(), sr::BSY)
    }

    /// The raw interrupts: both FIFOs ask when they are half full or half empty (3.3.7).
    fn ris(&self) -> u32 {
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        bit(self.overrun, interrupt::ROR)
            | bit(self.timed_out, interrupt::RT)
            | bit(self.receive.len() >= DEPTH / 2, interrupt::RX)
            | bit(self.transmit.len() <= DEPTH / 2, interrupt::TX)
    }

    fn drive_interrupt(&self, cx: &mut Context<'_>) {
        if let Some(line) = self.line {
            if self.ris() & self.imsc != 0 { cx.raise(line) } else { cx.lower(line) }
        }
    }

    /// What a read returns, before its effects.
    fn value(&self, offset: usize) -> Result<u32, BusError> {
        Ok(match offset {
            offset::CR0 => self.cr0,
            offset::CR1 => self.cr1,
            offset::DR => u32::from(self.receive.front().copied().unwrap_or(0)),
            offset::SR => self.sr(),
            offset::CPSR => self.cpsr,
            offset::IMSC => self.imsc,
            offset::RIS => self.ris(),
            offset::MIS => self.ris() & self.imsc,
            offset::ICR => return Err(BusError::WriteOnly),
            offset::DMACR => self.dmacr,
            offset::ID..0x1000 => u32::from(registers::IDENTIFICATION[(offset - offset::ID) / 4]),
            _ => return Err(BusError::Unmapped),
        })
    }
}

impl Device for Pl022 {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        // The registers are 16 bits wide, and the bus has 32 (3.1).
        if access.width < Width::U16 || !access.offset.is_multiple_of(4) {
            return Err(BusError::Width { expected: Width::U32 });
        }
        let value = self.value(access.offset)?;
        if access.offset == offset::DR && self.receive.pop_front().is_some() {
            cx.progress();
            self.timed_out = false;
            self.restart_time_out(cx);
            self.drive_interrupt(cx);
        }
        Ok(u64::from(value))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        // A byte or a half-word at the start of a register is what drivers write to the data register.
        if !access.offset.is_multiple_of(4) {
            return Err(BusError::Width { expected: Width::U32 });
        }
        let value = value as u32;
        match access.offset {
            offset::CR0 => self.cr0 = value & 0xffff,
            offset::CR1 => {
                self.cr1 = value & cr1::ALL;
                if !self.is_enabled() {
                    // Disabled in the middle of a frame, the port finishes it (3.3.2).
                    self.transmit.clear();
                }
            }
            offset::DR if self.transmit.len() >= DEPTH => {
                cx.note(format!("{value:#x} is lost: the transmit FIFO is full"))
            }
            offset::DR => self.transmit.push_back(value as u16),
            offset::CPSR => self.cpsr = value & 0xfe,
            offset::IMSC => self.imsc = value & interrupt::ALL,
            offset::ICR => {
                self.overrun &= value & interrupt::ROR == 0;
                self.timed_out &= value & interrupt::RT == 0;
            }
            offset::DMACR => self.dmacr = value & 0b11,
            offset::SR | offset::RIS | offset::MIS | offset::ID..0x1000 => return Err(BusError::ReadOnly),
            _ => return Err(BusError::Unmapped),
        }
        self.start(cx);
        self.drive_interrupt(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        self.value(offset).ok().map(u64::from)
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        match event {
            SHIFTED => {
                self.shifted(cx);
                self.start(cx);
            }
            _ => self.timed_out = true,
        }
        self.drive_interrupt(cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        cx.cancel(SHIFTED);
        cx.cancel(TIMED_OUT);
        let (target, exchanged) = (self.target.take(), std::mem::take(&mut self.exchanged));
        *self = Self { clock: self.clock, line: self.line, target, exchanged, ..Self::new() };
        self.drive_interrupt(cx);
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&registers::MAP)
    }
}

impl fmt::Debug for Pl022 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pl022")
            .field("enabled", &self.is_enabled())
            .field("transmit", &self.transmit)
            .field("shifting", &self.shifting)
            .field("receive", &self.receive)
            .finish_non_exhaustive()
    }
}
