//! The registers of a Cortex-M's private peripheral bus that are modelled, declared once: for drivers, for the simulation,
//! and for the trace.

use crate::{register, simulated};

/// Nested vectored interrupt controller, from its first register on, at 0xe000_e100.
///
/// Names, offsets and reset values: Arm DDI 0403E.e, section B3.4.3; the registers: sections B3.4.4 to B3.4.9. Behind each
/// register is a bit or a byte for each interrupt.
#[simulated(size = 0x4f0, width = 32, crate = crate)]
pub struct Nvic {
    /// Which interrupts are enabled: a one enables.
    #[reg(0x000, rw, write = w1s)]
    pub iser: [u32; 16],
    /// The same bits: a one disables.
    #[reg(0x080, rw, write = w1c, state = iser)]
    pub icer: [u32; 16],
    /// Which interrupts are pending: a one makes pending.
    #[reg(0x100, rw, write = w1s)]
    pub ispr: [u32; 16],
    /// The same bits: a one makes not pending.
    #[reg(0x180, rw, write = w1c, state = ispr)]
    pub icpr: [u32; 16],
    /// Which interrupts are active.
    #[reg(0x200, ro)]
    pub iabr: [u32; 16],
    /// Priorities, of which 0 is the most urgent.
    #[reg(0x300, rw, width = 8 | 16 | 32)]
    pub ipr: [u8; 496],
}

/// System timer, at 0xe000_e010.
///
/// Names, offsets and reset values: Arm DDI 0403E.e, section B3.3.2. What is UNKNOWN after reset is zero.
#[simulated(size = 0x10, width = 32, crate = crate)]
pub struct Systick {
    /// SYST_CSR: control and status (B3.3.3).
    #[reg(0x0, rw, read = fields, reset = 0x4)]
    pub csr: TimerControl,
    /// SYST_RVR: what the counter is loaded with (B3.3.4).
    #[reg(0x4, rw)]
    pub rvr: TimerReload,
    /// SYST_CVR: the counter. Any write clears it (B3.3.5).
    #[reg(0x8, rw, write = wc)]
    pub cvr: u32,
    /// SYST_CALIB: there is no reference clock, and the calibration value is not known (B3.3.6).
    #[reg(0xc, ro, constant = 0x8000_0000)]
    pub calib: u32,
}

/// Control and status of the system timer (Arm DDI 0403E.e, B3.3.3).
#[register(u32, crate = crate)]
pub struct TimerControl {
    /// ENABLE: the counter counts.
    #[bits(0)]
    pub enable: bool,
    /// TICKINT: counting to zero makes the exception pending.
    #[bits(1)]
    pub interrupt: bool,
    /// CLKSOURCE: the processor clocks the counter, which is so if there is no reference clock.
    #[bits(2, ro)]
    pub processor_clock: bool,
    /// COUNTFLAG: the counter has counted to zero since this was read.
    #[bits(16, rc)]
    pub counted: bool,
}

/// Reload value of the system timer (Arm DDI 0403E.e, B3.3.4).
#[register(u32, crate = crate)]
pub struct TimerReload {
    /// What is loaded behind zero.
    #[bits(0..=23)]
    pub value: u32,
    /// Reserved.
    #[bits(24..=31, ro)]
    pub reserved: u8,
}
