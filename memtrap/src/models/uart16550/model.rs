//! What the declaration of a 16550 does not say: characters that take their time, and the interrupts.

use super::{
    ModemInputs,
    block::{
        FifoControl, InterruptEnable, InterruptIdentification, InterruptSource, LineStatus, ModemStatus, TriggerLevel,
        uart16550::{Model, State},
    },
};
use crate::{bus::Context, models::output::Output};
use std::{collections::VecDeque, time::Duration};

/// Characters that each FIFO holds.
const DEPTH: usize = 16;

/// Events of the model.
const TRANSMITTED: u64 = 0;
const ARRIVED: u64 = 1;
const TIMED_OUT: u64 = 2;

#[derive(Debug)]
pub(super) struct Chip {
    /// Frequency of the crystal in hertz.
    pub(super) clock: u32,
    pub(super) output: Output,
    /// What went over the wire.
    pub(super) sent: Vec<u8>,
    pub(super) inputs: ModemInputs,
    /// Characters on the wire that are still to come.
    arriving: VecDeque<u8>,
    /// The character in the transmitter's shift register.
    shifting: Option<u8>,
    /// What was read last: an empty receiver gives it again.
    last: u8,
    /// Nobody has fetched what the receiver has for four characters.
    timed_out: bool,
    /// The transmitter has become empty, and nobody was told yet.
    emptied: bool,
}

impl Chip {
    pub(super) fn new(clock: u32) -> Self {
        Self {
            clock,
            output: Output::default(),
            sent: Vec::new(),
            inputs: ModemInputs::default(),
            arriving: VecDeque::new(),
            shifting: None,
            last: 0,
            timed_out: false,
            emptied: false,
        }
    }

    /// The registers after reset, which show the inputs as they are.
    pub(super) fn registers(&self) -> State {
        let mut regs = State::default();
        regs.msr = self.modem_lines(&regs);
        regs
    }

    /// The time of one character, if there is a baud clock: 16 periods of the divided crystal a bit (section 8,
    /// "Programmable baud generator").
    pub(super) fn character(&self, regs: &State) -> Option<Duration> {
        let divisor = u16::from_le_bytes([regs.dll, regs.dlm]);
        if divisor == 0 || self.clock == 0 {
            return None;
        }
        let data = u64::from(regs.lcr.word_length()) + 5;
        // In half bits: two stop bits, but one and a half with five data bits.
        let stop = match (regs.lcr.stop_bits(), data) {
            (false, _) => 2,
            (true, 5) => 3,
            (true, _) => 4,
        };
        let half_bits = 2 * (1 + data + u64::from(regs.lcr.parity())) + stop;
        let nanoseconds = half_bits * 8 * u64::from(divisor) * 1_000_000_000 / u64::from(self.clock);
        Some(Duration::from_nanos(nanoseconds))
    }

    /// Lets `bytes` arrive, one after the other.
    pub(super) fn receive(&mut self, bytes: &[u8], regs: &State, cx: &mut Context<'_>) {
        let idle = self.arriving.is_empty();
        self.arriving.extend(bytes);
        if idle && !bytes.is_empty() {
            cx.after(self.character(regs).unwrap_or_default(), ARRIVED);
        }
    }

    /// Characters that a FIFO holds: one if they are disabled.
    fn capacity(regs: &State) -> usize {
        if regs.fcr.enable() { DEPTH } else { 1 }
    }

    /// Moves the next character into the shift register if that is empty and has a clock.
    fn start(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        let Some(time) = self.character(regs).filter(|_| self.shifting.is_none()) else { return };
        self.shifting = regs.thr.from_driver.pop_front();
        if self.shifting.is_some() {
            self.emptied |= regs.thr.from_driver.is_empty();
            cx.after(time, TRANSMITTED);
        }
    }

    /// The receiver got a character from the wire or the loop. Without room for it, a FIFO keeps what it has, and a single
    /// character is overwritten.
    fn take_in(&mut self, byte: u8, regs: &mut State, cx: &mut Context<'_>) {
        let capacity = Self::capacity(regs);
        let received = &mut regs.rbr.to_driver;
        if received.len() >= capacity {
            regs.lsr.set_overrun_error(true);
            if capacity == 1 {
                received.pop_back();
            }
        }
        if received.len() < capacity {
            received.push_back(byte);
        }
        self.restart_time_out(regs, cx);
    }

    fn clear_receiver(&mut self, regs: &mut State) {
        regs.rbr.to_driver.clear();
        self.timed_out = false;
    }

    /// A FIFO that nobody has filled or emptied for four characters asks for service below its trigger level too.
    fn restart_time_out(&mut self, regs: &State, cx: &mut Context<'_>) {
        cx.cancel(TIMED_OUT);
        self.timed_out = false;
        if regs.fcr.enable() && !regs.rbr.to_driver.is_empty() {
            cx.after(4 * self.character(regs).unwrap_or_default(), TIMED_OUT);
        }
    }

    /// Whether there are as many characters as the driver wants to be told of.
    fn is_at_trigger_level(regs: &State) -> bool {
        let level = match regs.fcr.trigger() {
            _ if !regs.fcr.enable() => 1,
            TriggerLevel::One => 1,
            TriggerLevel::Four => 4,
            TriggerLevel::Eight => 8,
            TriggerLevel::Fourteen => 14,
        };
        regs.rbr.to_driver.len() >= level
    }

    /// The upper half of MSR: what the modem lines are, or in loopback what the outputs are.
    fn modem_lines(&self, regs: &State) -> ModemStatus {
        let (mcr, inputs) = (regs.mcr, self.inputs);
        let [cts, dsr, ri, dcd] = if mcr.loopback() {
            [mcr.rts(), mcr.dtr(), mcr.out1(), mcr.out2()]
        } else {
            [inputs.cts, inputs.dsr, inputs.ri, inputs.dcd]
        };
        ModemStatus::new().with_cts(cts).with_dsr(dsr).with_ri(ri).with_dcd(dcd)
    }

    /// The modem lines as they are, and what has changed since MSR was read.
    fn modem_status(&self, regs: &State) -> ModemStatus {
        let (before, now) = (regs.msr, self.modem_lines(regs));
        now.with_cts_changed(before.cts_changed() || before.cts() != now.cts())
            .with_dsr_changed(before.dsr_changed() || before.dsr() != now.dsr())
            .with_ri_ended(before.ri_ended() || before.ri() && !now.ri())
            .with_dcd_changed(before.dcd_changed() || before.dcd() != now.dcd())
    }

    fn line_status(&self, regs: &State) -> LineStatus {
        let empty = regs.thr.from_driver.is_empty();
        regs.lsr
            .with_data_ready(!regs.rbr.to_driver.is_empty())
            .with_thr_empty(empty)
            .with_transmitter_empty(empty && self.shifting.is_none())
    }

    /// The most urgent source that is enabled and pending (table IV).
    fn interrupt_source(&self, regs: &State) -> Option<InterruptSource> {
        let enabled = regs.ier;
        let modem = regs.msr;
        let modem_changed = modem.cts_changed() || modem.dsr_changed() || modem.ri_ended() || modem.dcd_changed();
        [
            (InterruptSource::LineStatus, enabled.line_status() && regs.lsr.overrun_error()),
            (InterruptSource::Receiver, enabled.received() && Self::is_at_trigger_level(regs)),
            (InterruptSource::TimeOut, enabled.received() && self.timed_out),
            (InterruptSource::Transmitter, enabled.transmitted() && self.emptied),
            (InterruptSource::ModemStatus, enabled.modem_status() && modem_changed),
        ]
        .into_iter()
        .find_map(|(source, pending)| pending.then_some(source))
    }
}

/// What the declaration says is not repeated: which registers are at one offset, and what a read of LSR and MSR clears.
impl Model for Chip {
    fn read_rbr(&mut self, regs: &mut State, cx: &mut Context<'_>) -> u8 {
        if let Some(byte) = regs.rbr.to_driver.pop_front() {
            self.last = byte;
            cx.progress();
        }
        self.restart_time_out(regs, cx);
        self.last
    }

    fn write_thr(&mut self, regs: &mut State, value: u8, cx: &mut Context<'_>) {
        self.emptied = false;
        if regs.thr.from_driver.len() < Self::capacity(regs) {
            regs.thr.from_driver.push_back(value);
        } else {
            cx.note(format!("{value:#04x} is lost: the transmitter is full"));
        }
    }

    fn write_ier(&mut self, regs: &mut State, value: InterruptEnable, _cx: &mut Context<'_>) {
        // Enabling the source while the holding register is empty asks for service at once.
        let newly = value.transmitted() && !regs.ier.transmitted();
        self.emptied |= newly && regs.thr.from_driver.is_empty();
        regs.ier = value.with_zero(0);
    }

    fn read_iir(&mut self, regs: &mut State, _cx: &mut Context<'_>) -> InterruptIdentification {
        if !regs.iir.none() && regs.iir.source() == InterruptSource::Transmitter {
            self.emptied = false;
        }
        regs.iir
    }

    fn write_fcr(&mut self, regs: &mut State, value: FifoControl, cx: &mut Context<'_>) {
        let changed = value.enable() != regs.fcr.enable();
        regs.fcr = if value.enable() { value } else { FifoControl::new() };
        if changed || value.clear_receiver() {
            self.clear_receiver(regs);
        }
        // What is in the shift register is sent all the same.
        if changed || value.clear_transmitter() {
            regs.thr.from_driver.clear();
        }
        self.restart_time_out(regs, cx);
    }

    fn event(&mut self, regs: &mut State, event: u64, cx: &mut Context<'_>) {
        match event {
            TRANSMITTED => {
                if let Some(byte) = self.shifting.take() {
                    if regs.mcr.loopback() { self.take_in(byte, regs, cx) } else { self.sent.push(byte) }
                }
            }
            ARRIVED => {
                // In loopback the receiver's input is disconnected.
                if let Some(byte) = self.arriving.pop_front().filter(|_| !regs.mcr.loopback()) {
                    self.take_in(byte, regs, cx);
                }
                if !self.arriving.is_empty() {
                    cx.after(self.character(regs).unwrap_or_default(), ARRIVED);
                }
            }
            _ => self.timed_out = !regs.rbr.to_driver.is_empty(),
        }
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        self.start(regs, cx);
        regs.lsr = self.line_status(regs);
        regs.msr = self.modem_status(regs);
        let source = self.interrupt_source(regs);
        regs.iir = InterruptIdentification::new()
            .with_none(source.is_none())
            .with_source(source.unwrap_or(InterruptSource::ModemStatus))
            .with_fifos(if regs.fcr.enable() { 0b11 } else { 0 });
        self.output.set(source.is_some(), cx);
    }

    fn reset(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        for event in [TRANSMITTED, ARRIVED, TIMED_OUT] {
            cx.cancel(event);
        }
        let sent = std::mem::take(&mut self.sent);
        *self = Self { output: self.output, inputs: self.inputs, sent, ..Self::new(self.clock) };
        *regs = self.registers();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}
