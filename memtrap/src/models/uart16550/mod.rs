//! The 16550 UART.

mod interrupts;
mod line;
mod receiver;
mod registers;
#[cfg(test)]
mod tests;
mod transmitter;

use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};
use line::Line;
use receiver::Receiver;
use registers::{fcr, ier, lcr, lsr, mcr, msr, offset};
use std::time::Duration;
use transmitter::Transmitter;

/// Events of the model.
const TRANSMITTED: u64 = 0;
const ARRIVED: u64 = 1;
const TIMED_OUT: u64 = 2;

/// A 16550 UART with 16-byte FIFOs, for memory ([`Bus::map`](crate::Bus::map)) and for ports
/// ([`Bus::ports`](crate::Bus::ports)).
///
/// Follows the data sheet "PC16550D Universal Asynchronous Receiver/Transmitter with FIFOs" (National Semiconductor,
/// TL/C/8652), section 8, whose register names it uses. Every character takes the time that the divisor and the format
/// give it. Loopback, the FIFOs, their trigger levels and time-out, the priorities of the four interrupt sources and the
/// edges of the modem lines are modelled. Parity and framing errors, DMA signals and the break condition are not.
///
/// ```
/// use memtrap::{Bus, models::Uart16550};
/// use std::time::Duration;
///
/// let bus = Bus::new();
/// let uart = bus.ports(0x3f8..=0x3ff, Uart16550::new())?;
/// uart.stimulate(|uart, cx| uart.receive(b"from the other end", cx));
/// bus.clock().sleep(Duration::from_millis(1));
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Debug)]
pub struct Uart16550 {
    stride: Width,
    interrupt: Option<u32>,
    line: Line,
    transmitter: Transmitter,
    receiver: Receiver,
    ier: u8,
    mcr: u8,
    scr: u8,
    inputs: ModemInputs,
    /// The bits of MSR that tell of changes.
    changes: u8,
    /// The transmitter has become empty, and nobody was told yet.
    emptied: bool,
}

/// The levels of the modem control inputs: `true` is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModemInputs {
    /// Clear to send: the other end's RTS.
    pub cts: bool,
    /// Data set ready: the other end's DTR.
    pub dsr: bool,
    /// Ring indicator.
    pub ri: bool,
    /// Data carrier detect.
    pub dcd: bool,
}

impl Default for ModemInputs {
    /// A null-modem cable to an end that is ready.
    fn default() -> Self {
        Self { cts: true, dsr: true, ri: false, dcd: true }
    }
}

impl Default for Uart16550 {
    fn default() -> Self {
        Self::new()
    }
}

impl Uart16550 {
    /// Frequency of the crystal unless set, in hertz: divisor 1 is 115,200 baud.
    pub const CLOCK: u32 = 1_843_200;

    /// A UART after reset, with registers next to each other and nothing on its interrupt output.
    #[must_use]
    pub fn new() -> Self {
        Self {
            stride: Width::U8,
            interrupt: None,
            line: Line::new(Self::CLOCK),
            transmitter: Transmitter::default(),
            receiver: Receiver::default(),
            ier: 0,
            mcr: 0,
            scr: 0,
            inputs: ModemInputs::default(),
            changes: 0,
            emptied: false,
        }
    }

    /// Registers that start this far apart, as on most systems on a chip. They answer to accesses of up to this width,
    /// of which the low byte counts.
    #[must_use]
    pub fn with_stride(self, stride: Width) -> Self {
        Self { stride, ..self }
    }

    /// The bus's interrupt line that the interrupt output drives.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { interrupt: Some(line), ..self }
    }

    /// Another frequency of the crystal, in hertz.
    #[must_use]
    pub fn with_clock(mut self, hertz: u32) -> Self {
        self.line.clock = hertz;
        self
    }

    /// Size of the register block in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        8 * self.stride.bytes()
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn sent(&self) -> &[u8] {
        &self.transmitter.sent
    }

    /// Lets `bytes` arrive from the other end, one after the other, each taking the time of a character.
    pub fn receive(&mut self, bytes: &[u8], cx: &mut Context<'_>) {
        let idle = self.receiver.arriving.is_empty();
        self.receiver.arriving.extend(bytes);
        if idle && !bytes.is_empty() {
            cx.after(self.line.character().unwrap_or_default(), ARRIVED);
        }
    }

    /// Sets the levels of the modem control inputs.
    pub fn set_modem_inputs(&mut self, inputs: ModemInputs, cx: &mut Context<'_>) {
        let before = self.modem_lines();
        self.inputs = inputs;
        self.note_changes(before);
        self.drive_interrupt(cx);
    }

    /// How long a character takes on the wire, or `None` while the divisor is 0 and the clock stands still.
    #[must_use]
    pub fn character_time(&self) -> Option<Duration> {
        self.line.character()
    }

    /// The upper half of MSR: what the modem lines are, or in loopback what the outputs are.
    fn modem_lines(&self) -> u8 {
        let [cts, dsr, ri, dcd] = if self.mcr & mcr::LOOP != 0 {
            [mcr::RTS, mcr::DTR, mcr::OUT1, mcr::OUT2].map(|output| self.mcr & output != 0)
        } else {
            [self.inputs.cts, self.inputs.dsr, self.inputs.ri, self.inputs.dcd]
        };
        u8::from(cts) << 4 | u8::from(dsr) << 5 | u8::from(ri) << 6 | u8::from(dcd) << 7
    }

    fn note_changes(&mut self, before: u8) {
        let now = self.modem_lines();
        let changed = before ^ now;
        self.changes |= changed >> 4 & (msr::DCTS | msr::DDSR | msr::DDCD);
        // The ring indicator reports its trailing edge only.
        self.changes |= (before & !now) >> 4 & msr::TERI;
    }

    fn set_mcr(&mut self, value: u8) {
        let before = self.modem_lines();
        self.mcr = value & mcr::ALL;
        self.note_changes(before);
    }

    fn set_ier(&mut self, value: u8) {
        let newly = value & !self.ier;
        self.ier = value & ier::ALL;
        // Enabling the source while the holding register is empty asks for service at once (section 8.6.2).
        self.emptied |= newly & ier::ETBEI != 0 && self.transmitter.is_empty();
    }

    fn set_fcr(&mut self, value: u8) {
        if (value ^ self.receiver.fcr) & fcr::ENABLE != 0 {
            self.receiver.clear();
            self.transmitter.clear();
        }
        self.receiver.fcr = if value & fcr::ENABLE != 0 { value } else { 0 };
        self.transmitter.fifo = value & fcr::ENABLE != 0;
        if value & fcr::CLEAR_RECEIVER != 0 {
            self.receiver.clear();
        }
        if value & fcr::CLEAR_TRANSMITTER != 0 {
            self.transmitter.clear();
        }
    }

    fn transmit(&mut self, byte: u8, cx: &mut Context<'_>) {
        self.emptied = false;
        if self.transmitter.hold(byte) {
            self.start_transmission(cx);
        } else {
            cx.note(format!("{byte:#04x} is lost: the transmitter is full"));
        }
    }

    /// Moves the next byte into the shift register if that is empty and has a clock.
    fn start_transmission(&mut self, cx: &mut Context<'_>) {
        if let Some(time) = self.line.character()
            && self.transmitter.shift()
        {
            self.emptied |= self.transmitter.is_empty();
            cx.after(time, TRANSMITTED);
        }
    }

    /// The receiver got a byte from the wire or the loop.
    fn take_in(&mut self, byte: u8, cx: &mut Context<'_>) {
        self.receiver.take_in(byte);
        self.restart_time_out(cx);
    }

    /// A FIFO that nobody has filled or emptied for four characters asks for service below its trigger level too.
    fn restart_time_out(&mut self, cx: &mut Context<'_>) {
        cx.cancel(TIMED_OUT);
        self.receiver.timed_out = false;
        if self.receiver.is_fifo() && !self.receiver.is_empty() {
            cx.after(4 * self.line.character().unwrap_or_default(), TIMED_OUT);
        }
    }

    fn lsr(&self) -> u8 {
        self.receiver.status() | self.transmitter.status()
    }

    /// The register at an offset of the region.
    fn register(&self, access: Access) -> Result<usize, BusError> {
        let stride = self.stride.bytes();
        let register = access.offset / stride;
        (access.offset.is_multiple_of(stride) && register < 8).then_some(register).ok_or(BusError::Unmapped)
    }

    fn divisor_is_accessible(&self) -> bool {
        self.line.lcr & lcr::DLAB != 0
    }

    /// What a read returns, before its effects.
    fn value(&self, register: usize) -> u8 {
        match register {
            offset::DATA if self.divisor_is_accessible() => self.line.divisor.to_le_bytes()[0],
            offset::IER if self.divisor_is_accessible() => self.line.divisor.to_le_bytes()[1],
            offset::DATA => self.receiver.front(),
            offset::IER => self.ier,
            offset::IIR_FCR => self.iir(),
            offset::LCR => self.line.lcr,
            offset::MCR => self.mcr,
            offset::LSR => self.lsr(),
            offset::MSR => self.modem_lines() | self.changes,
            _ => self.scr,
        }
    }
}

impl Device for Uart16550 {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let register = self.register(access)?;
        let value = self.value(register);
        match register {
            offset::DATA if !self.divisor_is_accessible() => {
                if self.receiver.pop() {
                    cx.progress();
                }
                self.restart_time_out(cx);
            }
            offset::IIR_FCR => self.identified(value),
            offset::LSR => self.receiver.overrun = false,
            offset::MSR => self.changes = 0,
            _ => {}
        }
        self.drive_interrupt(cx);
        Ok(u64::from(value))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let [value, ..] = value.to_le_bytes();
        match self.register(access)? {
            offset::DATA if self.divisor_is_accessible() => self.line.set_divisor(0, value),
            offset::IER if self.divisor_is_accessible() => self.line.set_divisor(1, value),
            offset::DATA => self.transmit(value, cx),
            offset::IER => self.set_ier(value),
            offset::IIR_FCR => {
                self.set_fcr(value);
                self.restart_time_out(cx);
            }
            offset::LCR => self.line.lcr = value,
            offset::MCR => self.set_mcr(value),
            offset::LSR | offset::MSR => return Err(BusError::ReadOnly),
            _ => self.scr = value,
        }
        self.start_transmission(cx);
        self.drive_interrupt(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        let stride = self.stride.bytes();
        (offset.is_multiple_of(stride) && offset < self.size()).then(|| u64::from(self.value(offset / stride)))
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        match event {
            TRANSMITTED => {
                if let Some(byte) = self.transmitter.finish() {
                    if self.mcr & mcr::LOOP != 0 { self.take_in(byte, cx) } else { self.transmitter.sent.push(byte) }
                }
                self.start_transmission(cx);
            }
            ARRIVED => {
                if let Some(byte) = self.receiver.arriving.pop_front() {
                    // In loopback the receiver's input is disconnected (section 8.7).
                    if self.mcr & mcr::LOOP == 0 {
                        self.take_in(byte, cx);
                    }
                }
                if !self.receiver.arriving.is_empty() {
                    cx.after(self.line.character().unwrap_or_default(), ARRIVED);
                }
            }
            _ => self.receiver.timed_out = !self.receiver.is_empty(),
        }
        self.drive_interrupt(cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        for event in [TRANSMITTED, ARRIVED, TIMED_OUT] {
            cx.cancel(event);
        }
        let (clock, inputs) = (self.line.clock, self.inputs);
        let fresh = Self { stride: self.stride, interrupt: self.interrupt, ..Self::new() };
        *self = Self { line: Line::new(clock), inputs, ..fresh };
        self.drive_interrupt(cx);
    }

    fn bus_width(&self) -> Width {
        self.stride
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(registers::map(self.stride))
    }
}

impl Transmitter {
    fn status(&self) -> u8 {
        let empty = if self.is_empty() { lsr::THRE } else { 0 };
        if self.is_idle() { empty | lsr::TEMT } else { empty }
    }
}
