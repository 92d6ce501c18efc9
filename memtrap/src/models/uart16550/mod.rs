//! The 16550 UART.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
pub mod block;
mod model;
#[cfg(test)]
mod tests;

use super::{device_by::device_by, output::Output, strided::Strided};
use crate::{bus::Context, map::Width};
use model::Chip;
use std::time::Duration;

/// A 16550 UART with 16-byte FIFOs, for memory ([`Bus::map`](crate::Bus::map)) and for ports
/// ([`Bus::ports`](crate::Bus::ports)).
///
/// Follows the data sheet "PC16550D Universal Asynchronous Receiver/Transmitter with FIFOs" (National Semiconductor,
/// TL/C/8652), section 8, whose register names it uses. Every character takes the time that the divisor and the format
/// give it. Loopback, the FIFOs, their trigger levels and time-out, the priorities of the four interrupt sources and the
/// edges of the modem lines are modelled. Parity and framing errors, DMA signals and the break condition are not.
///
/// The registers are those of [`block::Uart16550`].
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
    registers: Strided<block::Uart16550, Chip>,
}

device_by!(Uart16550, registers);

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
        let mut registers = Strided::new(Chip::new(Self::CLOCK));
        registers.file.state = registers.file.model.registers();
        Self { registers }
    }

    /// Registers that start this far apart, as on most systems on a chip. They answer to accesses of up to this width,
    /// of which the low byte counts.
    #[must_use]
    pub fn with_stride(mut self, stride: Width) -> Self {
        self.registers.stride = stride;
        self
    }

    /// The bus's interrupt line that the interrupt output drives.
    #[must_use]
    pub fn with_interrupt(mut self, line: u32) -> Self {
        self.registers.file.model.output = Output::to(line);
        self
    }

    /// Another frequency of the crystal, in hertz.
    #[must_use]
    pub fn with_clock(mut self, hertz: u32) -> Self {
        self.registers.file.model.clock = hertz;
        self
    }

    /// Size of the register block in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.registers.size()
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn sent(&self) -> &[u8] {
        &self.registers.file.model.sent
    }

    /// Lets `bytes` arrive from the other end, one after the other, each taking the time of a character.
    pub fn receive(&mut self, bytes: &[u8], cx: &mut Context<'_>) {
        self.registers.file.stimulate(cx, |chip, regs, cx| chip.receive(bytes, regs, cx));
    }

    /// Sets the levels of the modem control inputs.
    pub fn set_modem_inputs(&mut self, inputs: ModemInputs, cx: &mut Context<'_>) {
        self.registers.file.stimulate(cx, |chip, _, _| chip.inputs = inputs);
    }

    /// How long a character takes on the wire, or `None` while the divisor is 0 and the clock stands still.
    #[must_use]
    pub fn character_time(&self) -> Option<Duration> {
        self.registers.file.model.character(&self.registers.file.state)
    }
}
