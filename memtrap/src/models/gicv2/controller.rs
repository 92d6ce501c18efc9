//! What the declarations do not say: which interrupt the CPU is to take next, and the lines to it.

use super::{
    block::{
        gic400::{Model, State},
        gicc, gicd,
    },
    distributor::{Distributor, PRIORITY_BITS, bit},
};
use crate::{bus::Context, models::output::Output};

/// IDs from here on do not name an interrupt.
const SPECIAL: usize = 1020;
/// A group 1 interrupt is pending, which this register does not acknowledge.
const OTHER_GROUP: u32 = 1022;
/// Nothing is pending.
const SPURIOUS: u32 = 1023;
/// The priority of a CPU that handles no interrupt.
const IDLE: u8 = 0xff;

#[derive(Debug)]
pub(super) struct Controller {
    pub(super) distributor: Distributor,
    /// Acknowledged interrupts whose priority was not dropped yet, with that priority; the innermost last.
    running: Vec<(usize, u8)>,
    pub(super) irq: Output,
    pub(super) fiq: Output,
}

/// Whether an interrupt is in group 1.
fn is_group_1(regs: &gicd::State, id: usize) -> bool {
    regs.igroupr[id / 32] & bit(id) != 0
}

/// The bits of a priority that decide on pre-emption (3.3.3).
fn group_mask(regs: &gicc::State, group_1: bool) -> u8 {
    let own = group_1 && !regs.ctlr.common_binary_point();
    let subpriority_bits = if own { regs.abpr } else { regs.bpr + 1 };
    0xff_u8.checked_shl(subpriority_bits).unwrap_or(0)
}

impl Controller {
    pub(super) fn new(interrupts: usize) -> Self {
        Self {
            distributor: Distributor::new(interrupts),
            running: Vec::new(),
            irq: Output::default(),
            fiq: Output::default(),
        }
    }

    /// The priority that an interrupt must be below to interrupt the CPU.
    fn running_priority(&self) -> u8 {
        self.running.last().map_or(IDLE, |&(_, priority)| priority)
    }

    /// The pending interrupt of the highest priority that could be signalled, whatever the CPU does at present
    /// (3.3): the lowest ID of those.
    fn highest_pending(&self, regs: &State) -> Option<usize> {
        let (gicd, gicc) = (&regs.distributor, &regs.cpu_interface);
        let group_0 = gicd.ctlr.group_0() && gicc.ctlr.group_0();
        let group_1 = gicd.ctlr.group_1() && gicc.ctlr.group_1();
        let candidates = (0..self.distributor.interrupts / 32).flat_map(|index| {
            let ready = self.distributor.pending(gicd, index) & gicd.isenabler[index] & !gicd.isactiver[index];
            (0..32).map(move |at| 32 * index + at).filter(move |id| ready & bit(*id) != 0)
        });
        candidates
            .filter(|id| if is_group_1(gicd, *id) { group_1 } else { group_0 })
            .min_by_key(|id| gicd.ipriorityr[*id])
    }

    /// The interrupt that the CPU is asked to take.
    fn signalled(&self, regs: &State) -> Option<usize> {
        let id = self.highest_pending(regs)?;
        let (gicd, gicc) = (&regs.distributor, &regs.cpu_interface);
        let priority = gicd.ipriorityr[id];
        let group_priority = priority & group_mask(gicc, is_group_1(gicd, id));
        let preempts = self.running.is_empty() || group_priority < self.running_priority();
        (u32::from(priority) < gicc.pmr && preempts).then_some(id)
    }

    /// What IAR, or as `alias` AIAR, says about this interrupt, and whether it would acknowledge it (4.4.4).
    fn identify(regs: &State, id: Option<usize>, alias: bool) -> (u32, bool) {
        let Some(id) = id else { return (SPURIOUS, false) };
        match (is_group_1(&regs.distributor, id), alias) {
            (true, false) if !regs.cpu_interface.ctlr.acknowledge_both() => (OTHER_GROUP, false),
            (false, true) => (SPURIOUS, false),
            // Of the source of an SGI there is nothing to say: it is CPU 0.
            _ => (u32::try_from(id).expect("at most 1023"), true),
        }
    }

    /// A read of IAR, or as `alias` of AIAR: the CPU takes an interrupt (3.2.1).
    fn acknowledge(&mut self, regs: &mut State, alias: bool, cx: &mut Context<'_>) -> u32 {
        let signalled = self.signalled(regs);
        let (value, acknowledges) = Self::identify(regs, signalled, alias);
        if let Some(id) = signalled.filter(|_| acknowledges) {
            let mask = group_mask(&regs.cpu_interface, is_group_1(&regs.distributor, id));
            self.running.push((id, regs.distributor.ipriorityr[id] & mask));
            Distributor::acknowledge(&mut regs.distributor, id);
            cx.progress();
        }
        value
    }

    /// A write to EOIR, or as `alias` to AEOIR (3.2.3 and 4.4.5).
    fn end(&mut self, regs: &mut State, value: u32, alias: bool, cx: &mut Context<'_>) {
        let id = value as usize & 0x3ff;
        if id >= SPECIAL {
            return;
        }
        match self.running.last() {
            Some(&(running, _)) if running == id => {}
            Some((running, _)) => {
                return cx.fail(format!(
                    "interrupt {id} is ended while {running} is handled: they end in reverse order (IHI 0048B 4.4.5)"
                ));
            }
            None => return cx.fail(format!("interrupt {id} is ended, but was not acknowledged")),
        }
        if alias && !is_group_1(&regs.distributor, id) {
            return cx.fail(format!("interrupt {id} is in group 0: AEOIR ends those of group 1"));
        }
        self.running.pop();
        if !regs.cpu_interface.ctlr.split_end() {
            regs.distributor.isactiver[id / 32] &= !bit(id);
        }
    }

    fn deactivate(regs: &mut State, value: u32, cx: &mut Context<'_>) {
        let id = value as usize & 0x3ff;
        if !regs.cpu_interface.ctlr.split_end() {
            return cx.fail("DIR deactivates interrupts only while CTLR.EOImode is set (IHI 0048B 4.4.15)");
        }
        regs.distributor.isactiver[id / 32] &= !bit(id);
    }
}

impl Model for Controller {
    fn distributor_model(&mut self) -> &mut (dyn gicd::Model + '_) {
        &mut self.distributor
    }

    fn read_cpu_interface(&mut self, regs: &mut State, read: gicc::Read, cx: &mut Context<'_>) -> u64 {
        u64::from(match read {
            gicc::Read::Iar => self.acknowledge(regs, false, cx),
            gicc::Read::Aiar => self.acknowledge(regs, true, cx),
            gicc::Read::Hppir => Self::identify(regs, self.highest_pending(regs), false).0,
            gicc::Read::Ahppir => Self::identify(regs, self.highest_pending(regs), true).0,
            gicc::Read::Rpr => self.running_priority().into(),
            _ => return read.apply(&mut gicc::Declared, &mut regs.cpu_interface, cx),
        })
    }

    fn write_cpu_interface(&mut self, regs: &mut State, write: gicc::Write, cx: &mut Context<'_>) {
        match write {
            gicc::Write::Pmr(value) => regs.cpu_interface.pmr = value & u32::from(PRIORITY_BITS),
            // Values below the least that is supported set that one (4.4.3).
            gicc::Write::Bpr(value) => regs.cpu_interface.bpr = (value & 0b111).max(2),
            gicc::Write::Abpr(value) => regs.cpu_interface.abpr = (value & 0b111).max(3),
            gicc::Write::Eoir(value) => self.end(regs, value, false, cx),
            gicc::Write::Aeoir(value) => self.end(regs, value, true, cx),
            gicc::Write::Dir(value) => Self::deactivate(regs, value, cx),
            _ => write.apply(&mut gicc::Declared, &mut regs.cpu_interface, cx),
        }
    }

    fn drive(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        let fiq_of_group_0 = regs.cpu_interface.ctlr.fiq();
        // Whether it is with FIQ.
        let signalled = self.signalled(regs).map(|id| !is_group_1(&regs.distributor, id) && fiq_of_group_0);
        self.irq.set(signalled == Some(false), cx);
        self.fiq.set(signalled == Some(true), cx);
    }

    fn reset(&mut self, regs: &mut State, _cx: &mut Context<'_>) {
        self.running.clear();
        *regs = State::default();
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}
