//! The system timer.

use super::block::{
    self, TimerControl, TimerReload,
    systick::{Model, State},
};
use crate::{
    bus::{Bus, Context, Region},
    error::MapError,
    mmio::Block,
    model::RegisterFile,
    models::device_by::device_by,
};
use std::time::Duration;

/// The counter has 24 bits.
const COUNTER: u32 = 0x00ff_ffff;

/// The event: the counter reaches zero.
const ZERO: u64 = 0;

/// The system timer of a Cortex-M, on the bus's virtual clock.
///
/// Follows the "Armv7-M Architecture Reference Manual" (ARM DDI 0403E.e), section B3.3, without a reference clock. What is
/// UNKNOWN after reset is zero. The registers are those of [`block::Systick`].
///
/// ```
/// # #[cfg(all(target_os = "linux", target_arch = "x86_64"))] {
/// use memtrap::{Bus, models::SysTick};
/// use std::time::Duration;
///
/// const SYSTICK: u32 = 1_000; // the bus's line for the exception
///
/// let bus = Bus::new();
/// let timer = SysTick::new(1_000_000).with_interrupt(SYSTICK).attach(&bus)?;
/// let register = |index: usize| timer.base().cast::<u32>().wrapping_add(index);
/// // Every 1,000 cycles, with an interrupt.
/// for (index, value) in [(1, 999), (2, 0), (0, 0b111)] {
///     // SAFETY: The region traps the access.
///     unsafe { register(index).write_volatile(value) };
/// }
/// bus.clock().sleep(Duration::from_micros(1_002));
/// assert!(bus.is_interrupt_pending(SYSTICK));
/// # }
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Debug)]
pub struct SysTick {
    registers: RegisterFile<block::Systick, Timer>,
}

device_by!(SysTick, registers);

impl SysTick {
    /// Address of the first register.
    pub const ADDRESS: usize = 0xe000_e010;

    /// A timer of a processor of this frequency in hertz, after reset.
    ///
    /// # Panics
    ///
    /// If it is 0.
    #[must_use]
    pub fn new(frequency: u32) -> Self {
        assert!(frequency > 0, "a timer of 0 hertz does not count");
        Self { registers: RegisterFile::new(Timer { frequency, interrupt: None, counter: Counter::Stopped(0) }) }
    }

    /// The bus's interrupt line of the exception SysTick, which is none of those of the interrupt controller.
    #[must_use]
    pub fn with_interrupt(mut self, line: u32) -> Self {
        self.registers.model.interrupt = Some(line);
        self
    }

    /// Maps the timer at its address.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn attach(self, bus: &Bus) -> Result<Region<Self>, MapError> {
        bus.map_at(Self::ADDRESS, block::Systick::MAP.size, self)
    }
}

/// Where the counter is, which the declaration does not say.
#[derive(Debug)]
struct Timer {
    /// Of the processor, in hertz.
    frequency: u32,
    /// The bus's line that the exception pulses.
    interrupt: Option<u32>,
    counter: Counter,
}

#[derive(Clone, Copy, Debug)]
enum Counter {
    /// It stands at this value.
    Stopped(u32),
    /// It reaches zero in this cycle since the bus was made, or did so last.
    Running { zero: u64 },
}

/// From one zero to the next, in cycles.
fn period(regs: &State) -> u64 {
    u64::from(regs.rvr.value()) + 1
}

impl Timer {
    fn cycle(&self, cx: &Context<'_>) -> u64 {
        let cycle = cx.now().as_nanos() * u128::from(self.frequency) / 1_000_000_000;
        u64::try_from(cycle).unwrap_or(u64::MAX)
    }

    fn value(&self, regs: &State, cx: &Context<'_>) -> u32 {
        let zero = match self.counter {
            Counter::Stopped(value) => return value,
            Counter::Running { zero } => zero,
        };
        let now = self.cycle(cx);
        let remaining = match zero.checked_sub(now) {
            Some(remaining) => remaining,
            // The first cycle behind zero loads the reload value.
            None => match (now - zero) % period(regs) {
                0 => 0,
                since => period(regs) - since,
            },
        };
        u32::try_from(remaining).unwrap_or(COUNTER)
    }

    /// Has the counter go on from a value.
    fn restart(&mut self, regs: &State, value: u32, cx: &mut Context<'_>) {
        cx.cancel(ZERO);
        if !regs.csr.enable() {
            self.counter = Counter::Stopped(value);
            return;
        }
        let now = self.cycle(cx);
        // From zero it goes on with the reload value; if that is zero as well, it stands (section B3.3.1).
        let until_zero = if value > 0 { u64::from(value) } else { period(regs) };
        self.counter = Counter::Running { zero: if value > 0 { now + until_zero } else { now } };
        if value > 0 || regs.rvr.value() > 0 {
            self.schedule(now + until_zero, cx);
        }
    }

    /// Schedules the event for when a cycle begins.
    fn schedule(&self, cycle: u64, cx: &mut Context<'_>) {
        let due = (u128::from(cycle) * 1_000_000_000).div_ceil(u128::from(self.frequency));
        let due = Duration::from_nanos(u64::try_from(due).unwrap_or(u64::MAX));
        cx.after(due.saturating_sub(cx.now()), ZERO);
    }
}

impl Model for Timer {
    fn write_csr(&mut self, regs: &mut State, value: TimerControl, cx: &mut Context<'_>) {
        let counter = self.value(regs, cx);
        regs.csr = regs.csr.with_enable(value.enable()).with_interrupt(value.interrupt());
        self.restart(regs, counter, cx);
    }

    fn write_rvr(&mut self, regs: &mut State, value: TimerReload, cx: &mut Context<'_>) {
        let counter = self.value(regs, cx);
        regs.rvr = value.with_reserved(0);
        self.restart(regs, counter, cx);
    }

    fn read_cvr(&mut self, regs: &mut State, cx: &mut Context<'_>) -> u32 {
        self.value(regs, cx)
    }

    /// Any write clears the counter and the flag, without the exception.
    fn write_cvr(&mut self, regs: &mut State, _value: u32, cx: &mut Context<'_>) {
        regs.csr.set_counted(false);
        self.restart(regs, 0, cx);
    }

    fn event(&mut self, regs: &mut State, _event: u64, cx: &mut Context<'_>) {
        regs.csr.set_counted(true);
        if let Some(line) = self.interrupt.filter(|_| regs.csr.interrupt()) {
            cx.pulse(line);
        }
        let Counter::Running { zero } = self.counter else { return };
        // The event may be late, but the counter was not.
        let zero = zero + self.cycle(cx).saturating_sub(zero) / period(regs) * period(regs);
        self.counter = Counter::Running { zero };
        if regs.rvr.value() > 0 {
            self.schedule(zero + period(regs), cx);
        }
    }

    fn reset(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        cx.cancel(ZERO);
        self.counter = Counter::Stopped(0);
        *regs = State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}
