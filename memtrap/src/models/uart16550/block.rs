//! The registers of a 16550, declared once: for drivers, for the simulation, and for the trace.

use crate::{FieldEnum, register, simulated};

/// 16550 UART, with registers next to each other.
///
/// Names, offsets and reset values: "PC16550D Universal Asynchronous Receiver/Transmitter with FIFOs" (National
/// Semiconductor, TL/C/8652), tables I and II. What the registers do: section 8, which has a part for each.
#[simulated(size = 0x8, width = 8, crate = crate)]
pub struct Uart16550 {
    /// Receiver buffer: a read takes from the FIFO, or the character that came last.
    #[reg(0x0, ro, read = pop)]
    pub rbr: u8,
    /// Transmitter holding register: a write enters the FIFO.
    #[reg(0x0, wo, write = push, overlaps(rbr))]
    pub thr: u8,
    /// Divisor latch, low byte. The divisor is that of the crystal's frequency by 16 times the baud rate.
    #[reg(0x0, rw, overlaps(rbr, thr), when = lcr.dlab)]
    pub dll: u8,
    /// Interrupt enable.
    #[reg(0x1, rw)]
    pub ier: InterruptEnable,
    /// Divisor latch, high byte.
    #[reg(0x1, rw, overlaps(ier), when = lcr.dlab)]
    pub dlm: u8,
    /// Interrupt identification. A read is the end of the transmitter's interrupt, if it tells of that.
    #[reg(0x2, ro, read = fields, reset = 0x01)]
    pub iir: InterruptIdentification,
    /// FIFO control.
    #[reg(0x2, wo, overlaps(iir))]
    pub fcr: FifoControl,
    /// Line control.
    #[reg(0x3, rw)]
    pub lcr: LineControl,
    /// Modem control.
    #[reg(0x4, rw)]
    pub mcr: ModemControl,
    /// Line status.
    #[reg(0x5, ro, read = fields, reset = 0x60)]
    pub lsr: LineStatus,
    /// Modem status.
    #[reg(0x6, ro, read = fields)]
    pub msr: ModemStatus,
    /// Scratchpad: whatever a driver likes.
    #[reg(0x7, rw)]
    pub scr: u8,
}

/// Interrupt enable (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct InterruptEnable {
    /// ERBFI: received data is available, or nobody fetches it.
    #[bits(0)]
    pub received: bool,
    /// ETBEI: the transmitter holding register is empty.
    #[bits(1)]
    pub transmitted: bool,
    /// ELSI: an error of the line.
    #[bits(2)]
    pub line_status: bool,
    /// EDSSI: a modem line has changed.
    #[bits(3)]
    pub modem_status: bool,
    /// Always zero.
    #[bits(4..=7, ro)]
    pub zero: u8,
}

/// Interrupt identification (TL/C/8652, section 8 and table IV).
#[register(u8, crate = crate)]
pub struct InterruptIdentification {
    /// No interrupt is pending.
    #[bits(0)]
    pub none: bool,
    /// The most urgent one that is.
    #[bits(1..=3)]
    pub source: InterruptSource,
    /// All ones while the FIFOs are enabled.
    #[bits(6..=7)]
    pub fifos: u8,
}

/// Sources of interrupts (TL/C/8652, table IV).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[field_enum(crate = crate)]
#[repr(u8)]
pub enum InterruptSource {
    /// A modem line has changed, until MSR is read.
    ModemStatus = 0b000,
    /// The transmitter holding register is empty, until it is written or IIR is read.
    Transmitter = 0b001,
    /// The receiver has as many characters as the driver wants to be told of.
    Receiver = 0b010,
    /// An error of the line, until LSR is read.
    LineStatus = 0b011,
    /// The receiver has characters that nobody fetches.
    TimeOut = 0b110,
    /// Not defined.
    #[other]
    Reserved(u8),
}

/// FIFO control (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct FifoControl {
    /// Both FIFOs are enabled; changing it empties them.
    #[bits(0)]
    pub enable: bool,
    /// Empties the receiver's FIFO.
    #[bits(1)]
    pub clear_receiver: bool,
    /// Empties the transmitter's FIFO.
    #[bits(2)]
    pub clear_transmitter: bool,
    /// What the pins for DMA do.
    #[bits(3)]
    pub dma_mode: bool,
    /// At how many characters the receiver asks for service.
    #[bits(6..=7)]
    pub trigger: TriggerLevel,
}

/// A level of the receiver's FIFO (TL/C/8652, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[field_enum(crate = crate)]
#[repr(u8)]
pub enum TriggerLevel {
    /// 1 character.
    One = 0,
    /// 4 characters.
    Four = 1,
    /// 8 characters.
    Eight = 2,
    /// 14 characters.
    Fourteen = 3,
}

/// Line control (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct LineControl {
    /// Bits of a character, less five.
    #[bits(0..=1)]
    pub word_length: u8,
    /// Two stop bits; one and a half with characters of five bits.
    #[bits(2)]
    pub stop_bits: bool,
    /// Sends and checks a parity bit.
    #[bits(3)]
    pub parity: bool,
    /// The parity is even.
    #[bits(4)]
    pub even_parity: bool,
    /// The parity bit is fixed.
    #[bits(5)]
    pub stick_parity: bool,
    /// Sends a break.
    #[bits(6)]
    pub send_break: bool,
    /// Divisor latch access: the divisor is where RBR, THR and IER are.
    #[bits(7)]
    pub dlab: bool,
}

/// Modem control (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct ModemControl {
    /// Data terminal ready.
    #[bits(0)]
    pub dtr: bool,
    /// Request to send.
    #[bits(1)]
    pub rts: bool,
    /// An output for any use.
    #[bits(2)]
    pub out1: bool,
    /// An output for any use; in a PC it lets the interrupt pass.
    #[bits(3)]
    pub out2: bool,
    /// What is sent is received, and the outputs are the inputs of MSR.
    #[bits(4)]
    pub loopback: bool,
    /// Always zero.
    #[bits(5..=7, ro)]
    pub zero: u8,
}

/// Line status (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct LineStatus {
    /// DR: a character was received.
    #[bits(0)]
    pub data_ready: bool,
    /// OE: a character was lost.
    #[bits(1, rc)]
    pub overrun_error: bool,
    /// PE: the parity was wrong.
    #[bits(2, rc)]
    pub parity_error: bool,
    /// FE: a stop bit was missing.
    #[bits(3, rc)]
    pub framing_error: bool,
    /// BI: the line was held low.
    #[bits(4, rc)]
    pub break_interrupt: bool,
    /// THRE: the transmitter takes a character, or all of its FIFO.
    #[bits(5)]
    pub thr_empty: bool,
    /// TEMT: everything was sent.
    #[bits(6)]
    pub transmitter_empty: bool,
    /// A character in the receiver's FIFO has an error.
    #[bits(7)]
    pub fifo_error: bool,
}

/// Modem status (TL/C/8652, section 8 and table II).
#[register(u8, crate = crate)]
pub struct ModemStatus {
    /// DCTS: CTS has changed.
    #[bits(0, rc)]
    pub cts_changed: bool,
    /// DDSR: DSR has changed.
    #[bits(1, rc)]
    pub dsr_changed: bool,
    /// TERI: the trailing edge of RI has come.
    #[bits(2, rc)]
    pub ri_ended: bool,
    /// DDCD: DCD has changed.
    #[bits(3, rc)]
    pub dcd_changed: bool,
    /// Clear to send.
    #[bits(4)]
    pub cts: bool,
    /// Data set ready.
    #[bits(5)]
    pub dsr: bool,
    /// Ring indicator.
    #[bits(6)]
    pub ri: bool,
    /// Data carrier detect.
    #[bits(7)]
    pub dcd: bool,
}
