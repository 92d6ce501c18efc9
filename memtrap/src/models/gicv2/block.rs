//! The registers of a GIC-400, declared once: for drivers, for the simulation, and for the trace.

use crate::{register, simulated};

/// Arm GIC-400, a GICv2: distributor and CPU interface where a GIC-400 has them.
///
/// Arm DDI 0471B, table 3-1.
#[simulated(size = 0x4000, width = 32, crate = crate)]
pub struct Gic400 {
    /// The distributor.
    #[block(0x1000)]
    pub distributor: Gicd,
    /// The CPU interface.
    #[block(0x2000)]
    pub cpu_interface: Gicc,
}

/// Distributor of a GICv2.
///
/// Names, offsets and reset values: Arm IHI 0048B, table 4-1; those that are up to the implementation: Arm DDI 0471B,
/// table 3-2. A bit or a byte for each interrupt, by its ID.
#[simulated(size = 0x1000, width = 32, crate = crate)]
pub struct Gicd {
    /// Control: which interrupts are forwarded to the CPU interface (4.3.1).
    #[reg(0x000, rw)]
    pub ctlr: DistributorControl,
    /// What the controller has (4.3.2).
    #[reg(0x004, ro)]
    pub typer: ControllerType,
    /// Implementer Arm, revision of a GIC-400 (4.3.3).
    #[reg(0x008, ro, constant = 0x0200_143b)]
    pub iidr: u32,
    /// Which interrupts are in group 1 (4.3.4).
    #[reg(0x080, rw)]
    pub igroupr: [u32; 32],
    /// Which interrupts are enabled: a one enables (4.3.5).
    #[reg(0x100, rw, write = w1s)]
    pub isenabler: [u32; 32],
    /// The same bits: a one disables (4.3.6).
    #[reg(0x180, rw, write = w1c, state = isenabler)]
    pub icenabler: [u32; 32],
    /// Which interrupts are pending: a one makes pending (4.3.7).
    #[reg(0x200, rw, write = w1s)]
    pub ispendr: [u32; 32],
    /// The same bits: a one makes not pending (4.3.8).
    #[reg(0x280, rw, write = w1c, state = ispendr)]
    pub icpendr: [u32; 32],
    /// Which interrupts are active: a one activates (4.3.9).
    #[reg(0x300, rw, write = w1s)]
    pub isactiver: [u32; 32],
    /// The same bits: a one deactivates (4.3.10).
    #[reg(0x380, rw, write = w1c, state = isactiver)]
    pub icactiver: [u32; 32],
    /// Priorities, of which 0 is the most urgent (4.3.11).
    #[reg(0x400, rw, width = 8 | 32)]
    pub ipriorityr: [u8; 1024],
    /// A bit for each CPU that gets the interrupt; with one CPU always zero (4.3.12).
    #[reg(0x800, rw, width = 8 | 32)]
    pub itargetsr: [u8; 1024],
    /// Two bits for each interrupt, of which the upper one is set if it is edge-triggered (4.3.13).
    #[reg(0xc00, rw)]
    pub icfgr: [u32; 64],
    /// Sends an SGI (4.3.15).
    #[reg(0xf00, wo)]
    pub sgir: SoftwareInterrupt,
    /// A byte for each SGI, with a bit for each CPU that has sent it: a one makes not pending (4.3.16).
    #[reg(0xf10, rw, width = 8 | 32, write = w1c, state = spendsgir)]
    pub cpendsgir: [u8; 16],
    /// The same bits: a one makes pending (4.3.17).
    #[reg(0xf20, rw, width = 8 | 32, write = w1s)]
    pub spendsgir: [u8; 16],
    /// Peripheral ID2: version 2 of the architecture.
    #[reg(0xfe8, ro, constant = 0x2b)]
    pub pidr2: u32,
}

/// CPU interface of a GICv2.
///
/// Names, offsets and reset values: Arm IHI 0048B, table 4-2; those that are up to the implementation: Arm DDI 0471B,
/// table 3-6.
#[simulated(size = 0x2000, width = 32, crate = crate)]
pub struct Gicc {
    /// Control: which interrupts are signalled, and how (4.4.1).
    #[reg(0x0000, rw)]
    pub ctlr: InterfaceControl,
    /// Only interrupts more urgent than this priority are signalled (4.4.2).
    #[reg(0x0004, rw)]
    pub pmr: u32,
    /// Which bits of a priority decide on pre-emption (4.4.3).
    #[reg(0x0008, rw, reset = 2)]
    pub bpr: u32,
    /// A read acknowledges the signalled interrupt and returns its ID (4.4.4).
    #[reg(0x000c, ro, read = pop, reset = 0x3ff)]
    pub iar: u32,
    /// A write ends the handling of the interrupt with this ID (4.4.5).
    #[reg(0x0010, wo)]
    pub eoir: u32,
    /// The priority at which the CPU runs (4.4.6).
    #[reg(0x0014, ro, reset = 0xff)]
    pub rpr: u32,
    /// The ID of the most urgent pending interrupt (4.4.7).
    #[reg(0x0018, ro, reset = 0x3ff)]
    pub hppir: u32,
    /// As `bpr`, for group 1 (4.4.8).
    #[reg(0x001c, rw, reset = 3)]
    pub abpr: u32,
    /// As `iar`, for group 1 (4.4.9).
    #[reg(0x0020, ro, read = pop, reset = 0x3ff)]
    pub aiar: u32,
    /// As `eoir`, for group 1 (4.4.10).
    #[reg(0x0024, wo)]
    pub aeoir: u32,
    /// As `hppir`, for group 1 (4.4.11).
    #[reg(0x0028, ro, reset = 0x3ff)]
    pub ahppir: u32,
    /// Implementer Arm, architecture version 2, revision of a GIC-400 (4.4.14).
    #[reg(0x00fc, ro, constant = 0x0202_143b)]
    pub iidr: u32,
    /// A write deactivates the interrupt with this ID (4.4.15).
    #[reg(0x1000, wo)]
    pub dir: u32,
}

/// Control of the distributor (Arm IHI 0048B, 4.3.1).
#[register(u32, crate = crate)]
pub struct DistributorControl {
    /// Interrupts of group 0 are forwarded.
    #[bits(0)]
    pub group_0: bool,
    /// Interrupts of group 1 are forwarded.
    #[bits(1)]
    pub group_1: bool,
}

/// What the controller has (Arm IHI 0048B, 4.3.2).
#[register(u32, crate = crate)]
pub struct ControllerType {
    /// Interrupts in units of 32, less one.
    #[bits(0..=4)]
    pub lines: u8,
    /// CPU interfaces, less one.
    #[bits(5..=7)]
    pub cpus: u8,
    /// It has the Security Extensions.
    #[bits(10)]
    pub security: bool,
    /// Shared interrupts that can be locked down.
    #[bits(11..=15)]
    pub lockable: u8,
}

/// An SGI to be sent (Arm IHI 0048B, 4.3.15).
#[register(u32, crate = crate)]
pub struct SoftwareInterrupt {
    /// Its ID.
    #[bits(0..=3)]
    pub id: u8,
    /// It is in group 1.
    #[bits(15)]
    pub group_1: bool,
    /// A bit for each CPU that it is sent to.
    #[bits(16..=23)]
    pub targets: u8,
    /// 0 sends it to the targets, 1 to all other CPUs, 2 to the one that sends it.
    #[bits(24..=25)]
    pub filter: u8,
}

/// Control of the CPU interface (Arm IHI 0048B, 4.4.1).
#[register(u32, crate = crate)]
pub struct InterfaceControl {
    /// Interrupts of group 0 are signalled.
    #[bits(0)]
    pub group_0: bool,
    /// Interrupts of group 1 are signalled.
    #[bits(1)]
    pub group_1: bool,
    /// IAR acknowledges interrupts of both groups.
    #[bits(2)]
    pub acknowledge_both: bool,
    /// Group 0 is signalled with the FIQ output.
    #[bits(3)]
    pub fiq: bool,
    /// BPR is the binary point of both groups.
    #[bits(4)]
    pub common_binary_point: bool,
    /// What passes by while the interface is off.
    #[bits(5..=8)]
    pub bypass: u8,
    /// EOIR drops the priority only, and DIR deactivates.
    #[bits(9)]
    pub split_end: bool,
}
