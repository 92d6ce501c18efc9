//! The registers of a GIC-400 with 64 interrupts, as far as one CPU uses them.

use memtrap::simulated;

/// Arm GIC-400: distributor and CPU interface.
///
/// Where they are: Arm DDI 0471B, table 3-1. Their registers: Arm IHI 0048B, tables 4-1 and 4-2.
#[simulated(size = 0x4000, width = 32)]
pub struct Gic400 {
    /// Bit 0: interrupts are forwarded to the CPU interface.
    #[reg(0x1000, rw)]
    pub gicd_ctlr: u32,
    /// Bits 4 to 0: number of registers in each bank, less one.
    #[reg(0x1004, ro, constant = 1)]
    pub gicd_typer: u32,
    /// Which interrupts are enabled: a one enables.
    #[reg(0x1100, rw, write = w1s)]
    pub isenabler: [u32; 2],
    /// The same bits: a one disables.
    #[reg(0x1180, rw, write = w1c, state = isenabler)]
    pub icenabler: [u32; 2],
    /// Which interrupts are pending: a one makes pending.
    #[reg(0x1200, rw, write = w1s)]
    pub ispendr: [u32; 2],
    /// The same bits: a one makes not pending.
    #[reg(0x1280, rw, write = w1c, state = ispendr)]
    pub icpendr: [u32; 2],
    /// Which interrupts are active: a one activates.
    #[reg(0x1300, rw, write = w1s)]
    pub isactiver: [u32; 2],
    /// The same bits: a one deactivates.
    #[reg(0x1380, rw, write = w1c, state = isactiver)]
    pub icactiver: [u32; 2],
    /// A byte for each interrupt; zero is the most urgent.
    #[reg(0x1400, rw)]
    pub ipriorityr: [u8; 64],
    /// A byte for each interrupt, with a bit for each CPU.
    #[reg(0x1800, rw)]
    pub itargetsr: [u8; 64],
    /// Bit 0: the CPU gets interrupts.
    #[reg(0x2000, rw)]
    pub gicc_ctlr: u32,
    /// Only interrupts more urgent than this reach the CPU.
    #[reg(0x2004, rw)]
    pub gicc_pmr: u32,
    /// A read acknowledges the most urgent interrupt and returns its ID, or 1023.
    #[reg(0x200c, ro, read = pop, reset = 0x3ff)]
    pub gicc_iar: u32,
    /// A write ends the handling of the interrupt with this ID.
    #[reg(0x2010, wo)]
    pub gicc_eoir: u32,
}
