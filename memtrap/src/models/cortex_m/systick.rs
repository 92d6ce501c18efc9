//! The system timer.

use crate::{
    bus::{Access, Bus, Context, Device, Region},
    error::{BusError, MapError},
    map::{
        AccessKind::{ReadOnly, ReadWrite},
        Register, RegisterMap,
        Width::{self, U32},
    },
};
use std::time::Duration;

/// Offsets from [`SysTick::ADDRESS`], in bytes.
const CSR: usize = 0x0;
const RVR: usize = 0x4;
const CVR: usize = 0x8;
const CALIB: usize = 0xc;

/// Bits of CSR (section B3.3.3).
const ENABLE: u32 = 1 << 0;
const TICKINT: u32 = 1 << 1;
const CLKSOURCE: u32 = 1 << 2;
const COUNTFLAG: u32 = 1 << 16;

/// The counter has 24 bits.
const COUNTER: u32 = 0x00ff_ffff;
/// There is no reference clock, so the counter is clocked by the processor; and its calibration value is not known.
const NO_REFERENCE: u32 = 1 << 31;

/// The event: the counter reaches zero.
const ZERO: u64 = 0;

static MAP: RegisterMap = RegisterMap::new("systick", 0x10, U32, {
    const REGISTERS: &[Register] = &[
        Register::new("csr", CSR, U32, ReadWrite, CLKSOURCE as u64),
        Register::new("rvr", RVR, U32, ReadWrite, 0),
        Register::new("cvr", CVR, U32, ReadWrite, 0),
        Register::new("calib", CALIB, U32, ReadOnly, NO_REFERENCE as u64),
    ];
    REGISTERS
});

/// The system timer of a Cortex-M, on the bus's virtual clock.
///
/// Follows the "Armv7-M Architecture Reference Manual" (ARM DDI 0403E.e), section B3.3, without a reference clock. What is
/// UNKNOWN after reset is zero.
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
    frequency: u32,
    interrupt: Option<u32>,
    control: u32,
    reload: u32,
    counted: bool,
    counter: Counter,
}

/// Where the counter is.
#[derive(Clone, Copy, Debug)]
enum Counter {
    /// It stands at this value.
    Stopped(u32),
    /// It reaches zero in this cycle since the bus was made, or did so last.
    Running { zero: u64 },
}

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
        Self { frequency, interrupt: None, control: CLKSOURCE, reload: 0, counted: false, counter: Counter::Stopped(0) }
    }

    /// The bus's interrupt line of the exception SysTick, which is none of those of the interrupt controller.
    #[must_use]
    pub fn with_interrupt(self, line: u32) -> Self {
        Self { interrupt: Some(line), ..self }
    }

    /// Maps the timer at its address.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn attach(self, bus: &Bus) -> Result<Region<Self>, MapError> {
        bus.map_at(Self::ADDRESS, MAP.size, self)
    }

    fn cycle(&self, cx: &Context<'_>) -> u64 {
        let cycle = cx.now().as_nanos() * u128::from(self.frequency) / 1_000_000_000;
        u64::try_from(cycle).unwrap_or(u64::MAX)
    }

    /// From one zero to the next, in cycles.
    fn period(&self) -> u64 {
        u64::from(self.reload) + 1
    }

    fn value(&self, cx: &Context<'_>) -> u32 {
        let zero = match self.counter {
            Counter::Stopped(value) => return value,
            Counter::Running { zero } => zero,
        };
        let now = self.cycle(cx);
        let remaining = match zero.checked_sub(now) {
            Some(remaining) => remaining,
            // The first cycle behind zero loads the reload value.
            None => match (now - zero) % self.period() {
                0 => 0,
                since => self.period() - since,
            },
        };
        u32::try_from(remaining).unwrap_or(COUNTER)
    }

    /// Has the counter go on from a value.
    fn restart(&mut self, value: u32, cx: &mut Context<'_>) {
        cx.cancel(ZERO);
        if self.control & ENABLE == 0 {
            self.counter = Counter::Stopped(value);
            return;
        }
        let now = self.cycle(cx);
        // From zero it goes on with the reload value; if that is zero as well, it stands (section B3.3.1).
        let until_zero = if value > 0 { u64::from(value) } else { self.period() };
        self.counter = Counter::Running { zero: if value > 0 { now + until_zero } else { now } };
        if value > 0 || self.reload > 0 {
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

impl Device for SysTick {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from(match access.offset {
            CSR => self.control | if std::mem::take(&mut self.counted) { COUNTFLAG } else { 0 },
            RVR => self.reload,
            CVR => self.value(cx),
            _ => NO_REFERENCE,
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let counter = self.value(cx);
        match access.offset {
            CSR => {
                self.control = value as u32 & (ENABLE | TICKINT) | CLKSOURCE;
                self.restart(counter, cx);
            }
            RVR => {
                self.reload = value as u32 & COUNTER;
                self.restart(counter, cx);
            }
            // Any write clears the counter and the flag, without the exception.
            CVR => {
                self.counted = false;
                self.restart(0, cx);
            }
            _ => return Err(BusError::ReadOnly),
        }
        Ok(())
    }

    fn event(&mut self, _event: u64, cx: &mut Context<'_>) {
        self.counted = true;
        if self.control & TICKINT != 0
            && let Some(line) = self.interrupt
        {
            cx.pulse(line);
        }
        let Counter::Running { zero } = self.counter else { return };
        // The event may be late, but the counter was not.
        let zero = zero + self.cycle(cx).saturating_sub(zero) / self.period() * self.period();
        self.counter = Counter::Running { zero };
        if self.reload > 0 {
            self.schedule(zero + self.period(), cx);
        }
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        cx.cancel(ZERO);
        *self = Self { interrupt: self.interrupt, ..Self::new(self.frequency) };
    }

    fn bus_width(&self) -> Width {
        U32
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&MAP)
    }
}
