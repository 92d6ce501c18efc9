//! What the declaration of a GIC cannot say: which interrupt is the most urgent, and the line to the CPU.

use memtrap::{
    Context,
    models::gicv2::block::{
        gic400::{self, State},
        gicc,
    },
};

/// The interrupt line to the CPU.
pub const IRQ: u32 = 0;

/// How many interrupts this one has.
const INTERRUPTS: usize = 64;

/// The CPU that the GIC interrupts, and the wires of the devices.
#[derive(Debug)]
pub struct Cpu;

impl Cpu {
    /// Devices assert the inputs of these interrupts at the same time.
    pub fn assert_inputs(&mut self, regs: &mut State, cx: &mut Context<'_>, ids: &[usize]) {
        for id in ids {
            cx.note(format!("input {id} is asserted"));
            regs.distributor.ispendr[id / 32] |= 1 << (id % 32);
        }
    }

    /// The interrupt that would be acknowledged: pending, enabled, not active, and more urgent than all that are and than
    /// the mask (Arm IHI 0048B, 3.3).
    fn next(State { distributor, cpu_interface, .. }: &State) -> Option<usize> {
        if !distributor.ctlr.group_0() || !cpu_interface.ctlr.group_0() {
            return None;
        }
        let is = |bank: &[u32], id: usize| bank[id / 32] >> (id % 32) & 1 == 1;
        let priority = |id: &usize| u32::from(distributor.ipriorityr[*id]);
        let active = (0..INTERRUPTS).filter(|id| is(&distributor.isactiver, *id)).map(|id| priority(&id));
        let limit = active.chain([cpu_interface.pmr]).min().expect("there is the mask");
        (0..INTERRUPTS)
            .filter(|id| is(&distributor.isenabler, *id) && is(&distributor.ispendr, *id))
            .filter(|id| !is(&distributor.isactiver, *id) && priority(id) < limit)
            .min_by_key(priority)
    }

    /// The CPU takes the most urgent interrupt.
    fn acknowledge(regs: &mut State, cx: &mut Context<'_>) -> u32 {
        let Some(id) = Self::next(regs) else { return gicc::IAR_RESET as u32 };
        cx.progress();
        regs.distributor.ispendr[id / 32] &= !(1 << (id % 32));
        regs.distributor.isactiver[id / 32] |= 1 << (id % 32);
        id as u32
    }

    /// The CPU has handled an interrupt.
    fn end(regs: &mut State, id: usize, cx: &mut Context<'_>) {
        if id >= INTERRUPTS || regs.distributor.isactiver[id / 32] >> (id % 32) & 1 == 0 {
            cx.fail(format!("the driver ended interrupt {id}, which is not active"));
            return;
        }
        regs.distributor.isactiver[id / 32] &= !(1 << (id % 32));
    }
}

/// The distributor does what it declares. Of the CPU interface, two registers change the distributor.
impl gic400::Model for Cpu {
    fn read_cpu_interface(&mut self, regs: &mut State, read: gicc::Read, cx: &mut Context<'_>) -> u64 {
        match read {
            gicc::Read::Iar => Self::acknowledge(regs, cx).into(),
            _ => read.apply(&mut gicc::Declared, &mut regs.cpu_interface, cx),
        }
    }

    fn write_cpu_interface(&mut self, regs: &mut State, write: gicc::Write, cx: &mut Context<'_>) {
        match write {
            gicc::Write::Eoir(id) => Self::end(regs, id as usize, cx),
            _ => write.apply(&mut gicc::Declared, &mut regs.cpu_interface, cx),
        }
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        if Self::next(regs).is_some() { cx.raise(IRQ) } else { cx.lower(IRQ) }
    }
}
