//! The Arm Generic Interrupt Controller, version 2.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
pub mod block;
mod controller;
mod distributor;
#[cfg(test)]
mod tests;
mod window;

pub use window::{GicCpuInterface, GicDistributor};

use super::output::Output;
use crate::model::RegisterFile;
use block::{Gic400, gicd};
use controller::Controller;
use distributor::{Distributor, bit};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A GICv2 with one CPU: a distributor and a CPU interface, which are two regions.
///
/// Follows the "Arm Generic Interrupt Controller Architecture Specification, version 2.0" (ARM IHI 0048B.b), chapters 3
/// and 4, without the Security Extensions, and where that leaves a choice the GIC-400 (ARM DDI 0471B): 32 priority levels.
/// Groups, prioritisation, pre-emption, level- and edge-triggered interrupts, SGIs to itself and split priority drop are
/// modelled; virtualisation and power management are not. What the specification calls UNPREDICTABLE is a report.
///
/// The registers are those of [`block::Gicd`] and [`block::Gicc`]. A GICv3's distributor in legacy operation has these registers at the same offsets.
///
/// ```
/// use memtrap::{Bus, models::GicV2};
///
/// const IRQ: u32 = 0; // the bus's line for the CPU's interrupt input
///
/// let bus = Bus::new();
/// let gic = GicV2::new(64).with_irq(IRQ);
/// let distributor = bus.map_at(0x0800_0000, 0x1000, gic.distributor())?;
/// let cpu_interface = bus.map_at(0x0801_0000, 0x2000, gic.cpu_interface())?;
/// // A device raises its line.
/// distributor.stimulate(|distributor, cx| distributor.set_line(33, true, cx));
/// assert!(gic.is_pending(33));
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GicV2 {
    registers: Arc<Mutex<RegisterFile<Gic400, Controller>>>,
}

impl GicV2 {
    /// A controller for this many interrupts after reset, of which the first 16 are SGIs and the next 16 PPIs.
    ///
    /// # Panics
    ///
    /// If the number is not a multiple of 32 from 32 to 1024. (IDs from 1020 on have a special meaning.)
    #[must_use]
    pub fn new(interrupts: usize) -> Self {
        assert!(
            interrupts.is_multiple_of(32) && (32..=1024).contains(&interrupts),
            "a GICv2 has a multiple of 32 interrupts, at most 1024, and not {interrupts}"
        );
        Self { registers: Arc::new(Mutex::new(RegisterFile::new(Controller::new(interrupts)))) }
    }

    /// The bus's interrupt line that the IRQ output drives.
    #[must_use]
    pub fn with_irq(self, line: u32) -> Self {
        self.registers().model.irq = Output::to(line);
        self
    }

    /// The bus's interrupt line that the FIQ output drives.
    #[must_use]
    pub fn with_fiq(self, line: u32) -> Self {
        self.registers().model.fiq = Output::to(line);
        self
    }

    /// The distributor, of 0x1000 bytes, to be mapped once.
    #[must_use]
    pub fn distributor(&self) -> GicDistributor {
        GicDistributor::new(self.clone())
    }

    /// The CPU interface, of 0x2000 bytes, to be mapped once.
    #[must_use]
    pub fn cpu_interface(&self) -> GicCpuInterface {
        GicCpuInterface::new(self.clone())
    }

    /// Whether an interrupt is enabled.
    ///
    /// # Panics
    ///
    /// If there is no interrupt with this ID.
    #[must_use]
    pub fn is_enabled(&self, id: usize) -> bool {
        self.of_interrupt(id, |_, regs| regs.isenabler[id / 32] & bit(id) != 0)
    }

    /// Whether an interrupt is pending.
    ///
    /// # Panics
    ///
    /// If there is no interrupt with this ID.
    #[must_use]
    pub fn is_pending(&self, id: usize) -> bool {
        self.of_interrupt(id, |distributor, regs| distributor.pending(regs, id / 32) & bit(id) != 0)
    }

    /// Whether an interrupt was acknowledged and is not deactivated yet.
    ///
    /// # Panics
    ///
    /// If there is no interrupt with this ID.
    #[must_use]
    pub fn is_active(&self, id: usize) -> bool {
        self.of_interrupt(id, |_, regs| regs.isactiver[id / 32] & bit(id) != 0)
    }

    /// The priority of an interrupt: 0 is the most urgent, and 0xf8 the least.
    ///
    /// # Panics
    ///
    /// If there is no interrupt with this ID.
    #[must_use]
    pub fn priority(&self, id: usize) -> u8 {
        self.of_interrupt(id, |_, regs| regs.ipriorityr[id])
    }

    /// What the distributor knows of an interrupt.
    fn of_interrupt<R>(&self, id: usize, answer: impl FnOnce(&Distributor, &gicd::State) -> R) -> R {
        let registers = self.registers();
        let distributor = &registers.model.distributor;
        distributor.check(id);
        answer(distributor, &registers.state.distributor)
    }

    fn registers(&self) -> MutexGuard<'_, RegisterFile<Gic400, Controller>> {
        self.registers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
