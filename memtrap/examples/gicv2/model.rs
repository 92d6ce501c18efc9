//! What the declaration of a GIC cannot say: which interrupt is the most urgent, and the line to the CPU.

use super::block::gic400::{self, State};
use memtrap::Context;

/// The interrupt line to the CPU.
pub const IRQ: u32 = 0;

/// The CPU that the GIC interrupts, and the wires of the devices.
#[derive(Debug)]
pub struct Cpu;

impl Cpu {
    /// Devices assert the inputs of these interrupts at the same time.
    pub fn assert_inputs(&mut self, regs: &mut State, cx: &mut Context<'_>, ids: &[usize]) {
        for id in ids {
            cx.note(format!("input {id} is asserted"));
            regs.ispendr[id / 32] |= 1 << (id % 32);
        }
    }

    /// The interrupt that would be acknowledged: pending, enabled, not active, and more urgent than all that are and than
    /// the mask (Arm IHI 0048B, 3.3).
    fn next(regs: &State) -> Option<usize> {
        if regs.gicd_ctlr & 1 == 0 || regs.gicc_ctlr & 1 == 0 {
            return None;
        }
        let is = |bank: [u32; 2], id: usize| bank[id / 32] >> (id % 32) & 1 == 1;
        let priority = |id: &usize| u32::from(regs.ipriorityr[*id]);
        let active = (0..64).filter(|id| is(regs.isactiver, *id)).map(|id| priority(&id));
        let limit = active.chain([regs.gicc_pmr]).min().expect("there is the mask");
        (0..64)
            .filter(|id| is(regs.isenabler, *id) && is(regs.ispendr, *id) && !is(regs.isactiver, *id))
            .filter(|id| priority(id) < limit)
            .min_by_key(priority)
    }
}

impl gic400::Model for Cpu {
    fn read_gicc_iar(&mut self, regs: &mut State, cx: &mut Context<'_>) -> u32 {
        let Some(id) = Self::next(regs) else { return gic400::GICC_IAR_RESET as u32 };
        cx.progress();
        regs.ispendr[id / 32] &= !(1 << (id % 32));
        regs.isactiver[id / 32] |= 1 << (id % 32);
        id as u32
    }

    fn write_gicc_eoir(&mut self, regs: &mut State, value: u32, cx: &mut Context<'_>) {
        let id = value as usize;
        if id >= 64 || regs.isactiver[id / 32] >> (id % 32) & 1 == 0 {
            cx.fail(format!("the driver ended interrupt {id}, which is not active"));
            return;
        }
        regs.isactiver[id / 32] &= !(1 << (id % 32));
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        if Self::next(regs).is_some() { cx.raise(IRQ) } else { cx.lower(IRQ) }
    }
}
