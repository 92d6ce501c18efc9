//! Two drivers: one on the declaration, and one with another idea of it.

use memtrap::{
    models::gicv2::block::{DistributorControl, Gic400, InterfaceControl, gic400, gicc, gicd},
    simulated,
};

/// The ID that says that there is no interrupt (Arm IHI 0048B, 3.2.5).
const SPURIOUS: u32 = 1023;

/// A driver for one CPU.
#[derive(Debug)]
pub struct Gic {
    distributor: gicd::Exclusive<'static>,
    cpu_interface: gicc::Exclusive<'static>,
}

impl Gic {
    /// Turns the distributor and the CPU interface on, for interrupts of any priority but the least.
    pub fn new(regs: Gic400) -> Self {
        let gic400::Split { mut distributor, mut cpu_interface, .. } = regs.split();
        distributor.ctlr().write(DistributorControl::new().with_group_0(true));
        cpu_interface.pmr().write(0xff);
        cpu_interface.ctlr().write(InterfaceControl::new().with_group_0(true));
        Self { distributor, cpu_interface }
    }

    /// Enables an interrupt. Nothing is read: the other bits of the bank are left alone by being zero, so that this needs no
    /// exclusive handle.
    pub fn enable(&self, id: usize) {
        self.distributor.isenabler().at(id / 32).set(1 << (id % 32));
    }

    /// Disables an interrupt.
    pub fn disable(&self, id: usize) {
        self.distributor.icenabler().at(id / 32).clear(1 << (id % 32));
    }

    /// Sets how urgent an interrupt is: one byte, in one access.
    pub fn set_priority(&mut self, id: usize, priority: u8) {
        self.distributor.ipriorityr().at(id).write(priority);
    }

    /// Takes the most urgent interrupt.
    pub fn acknowledge(&mut self) -> Option<usize> {
        let id = self.cpu_interface.iar().read();
        (id != SPURIOUS).then_some(id as usize)
    }

    /// The interrupt has been handled.
    pub fn end(&mut self, id: usize) {
        self.cpu_interface.eoir().write(id as u32);
    }
}

/// The clear bank as somebody declares it who has not read what it does. On [`Gic400`] the driver below would not compile:
/// its clear bank has no `modify`.
#[simulated(size = 0x4000, width = 32)]
pub struct Mistaken {
    /// "Interrupt clear-enable registers".
    #[reg(0x1180, rw)]
    pub icenabler: [u32; 2],
}

/// Disables one interrupt, as its author thought. This is what arm-gic did up to release 0.8.1.
pub fn disable_by_mistake(regs: &mut Mistaken, id: usize) {
    regs.icenabler().at(id / 32).modify(|bits| bits | 1 << (id % 32));
}
