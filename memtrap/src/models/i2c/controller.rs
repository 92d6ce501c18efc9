//! What the declaration of the controller does not say: the bus with its targets.

use super::{
    block::{
        Command,
        i2c::{Model, State},
    },
    target::I2cTarget,
};
use crate::{bus::Context, models::output::Output};
use std::{collections::BTreeMap, fmt, time::Duration};

/// The event of the model: the command is carried out.
const DONE: u64 = 0;

/// What the controller is doing on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between STOP and START.
    Idle,
    /// After START: the next byte is an address.
    Addressing,
    /// A target, or nobody, was addressed.
    Transfer(Option<u8>),
}

pub(super) struct Controller {
    /// Frequency of the bus clock in hertz.
    pub(super) clock: u32,
    pub(super) output: Output,
    pub(super) targets: BTreeMap<u8, Box<dyn I2cTarget>>,
    /// The command that is being carried out.
    command: Option<Command>,
    phase: Phase,
}

impl Controller {
    pub(super) fn new(clock: u32) -> Self {
        Self { clock, output: Output::default(), targets: BTreeMap::new(), command: None, phase: Phase::Idle }
    }

    /// A period of SCL: five times the prescaler plus one (3.2.1).
    fn period(&self, regs: &State) -> Duration {
        let cycles = 5 * (u64::from(u16::from_le_bytes([regs.prerlo, regs.prerhi])) + 1);
        Duration::from_nanos(cycles * 1_000_000_000 / u64::from(self.clock.max(1)))
    }

    /// The target that was addressed.
    fn addressed(&mut self) -> Option<&mut dyn I2cTarget> {
        let Phase::Transfer(Some(address)) = self.phase else { return None };
        Some(&mut **self.targets.get_mut(&address)?)
    }

    /// A byte goes to the targets; whether it is acknowledged.
    fn send(&mut self, byte: u8, now: Duration) -> bool {
        if self.phase != Phase::Addressing {
            return self.addressed().is_some_and(|target| target.write(byte, now));
        }
        let address = byte >> 1;
        let acknowledged = self.targets.get_mut(&address).is_some_and(|target| target.start(byte & 1 != 0, now));
        self.phase = Phase::Transfer(acknowledged.then_some(address));
        acknowledged
    }

    fn carry_out(&mut self, command: Command, regs: &mut State, now: Duration) {
        if command.start() {
            self.phase = Phase::Addressing;
        }
        if command.write() {
            let acknowledged = self.send(regs.txr, now);
            regs.sr.set_nack(!acknowledged);
        } else if command.read() {
            // If nobody was addressed, nobody drives the line.
            regs.rxr = self.addressed().map_or(0xff, |target| target.read(now));
            regs.sr.set_nack(command.nack());
        }
        if command.stop() {
            if let Some(target) = self.addressed() {
                target.stop(now);
            }
            self.phase = Phase::Idle;
        }
        regs.sr.set_interrupt(true);
    }

    /// The prescaler may be changed only while the controller is off (3.2.1).
    fn is_prescaler_fixed(regs: &State, cx: &mut Context<'_>) -> bool {
        if regs.ctr.enable() {
            cx.note("the prescaler is not changed: the controller is enabled");
        }
        regs.ctr.enable()
    }
}

impl Model for Controller {
    fn write_prerlo(&mut self, regs: &mut State, value: u8, cx: &mut Context<'_>) {
        if !Self::is_prescaler_fixed(regs, cx) {
            regs.prerlo = value;
        }
    }

    fn write_prerhi(&mut self, regs: &mut State, value: u8, cx: &mut Context<'_>) {
        if !Self::is_prescaler_fixed(regs, cx) {
            regs.prerhi = value;
        }
    }

    fn write_cr(&mut self, regs: &mut State, value: Command, cx: &mut Context<'_>) {
        if value.interrupt_acknowledge() {
            regs.sr.set_interrupt(false);
        }
        let transfers = value.read() || value.write();
        if !(transfers || value.start() || value.stop()) {
            return;
        }
        if !regs.ctr.enable() {
            cx.note("the command is lost: the controller is not enabled");
        } else if self.command.is_some() {
            cx.fail("the driver has issued a command while another is being carried out: SR.TIP says when it is done");
        } else {
            self.command = Some(value);
            cx.after(self.period(regs) * if transfers { 9 } else { 1 }, DONE);
        }
    }

    fn event(&mut self, regs: &mut State, _event: u64, cx: &mut Context<'_>) {
        if let Some(command) = self.command.take() {
            self.carry_out(command, regs, cx.now());
        }
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        regs.sr.set_transfer(self.command.is_some());
        regs.sr.set_busy(self.phase != Phase::Idle);
        self.output.set(regs.sr.interrupt() && regs.ctr.interrupt_enable(), cx);
    }

    fn reset(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        cx.cancel(DONE);
        (self.command, self.phase) = (None, Phase::Idle);
        *regs = State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller")
            .field("clock", &self.clock)
            .field("output", &self.output)
            .field("targets", &self.targets.keys())
            .field("command", &self.command)
            .field("phase", &self.phase)
            .finish()
    }
}
