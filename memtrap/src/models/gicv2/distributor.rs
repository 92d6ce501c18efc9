//! What the declaration of the distributor does not say: which interrupts there are, and their inputs.

use super::block::{ControllerType, SoftwareInterrupt, gicd};
use crate::bus::Context;

/// SGIs have the IDs below.
pub(super) const SGIS: usize = 16;
/// The priority bits that are implemented.
pub(super) const PRIORITY_BITS: u8 = 0xf8;
/// The bits of ICFGR that say that an interrupt is edge-triggered.
const EDGES: u32 = 0xaaaa_aaaa;

#[derive(Debug)]
pub(super) struct Distributor {
    /// Number of interrupts.
    pub(super) interrupts: usize,
    /// The levels of the inputs, a bit for each interrupt.
    lines: [u32; 32],
}

/// A bit for an ID in the registers that have one for each.
pub(super) fn bit(id: usize) -> u32 {
    1 << (id % 32)
}

impl Distributor {
    pub(super) fn new(interrupts: usize) -> Self {
        Self { interrupts, lines: [0; 32] }
    }

    /// # Panics
    ///
    /// If there is no interrupt with this ID.
    pub(super) fn check(&self, id: usize) {
        assert!(id < self.interrupts, "there are {} interrupts, and none with ID {id}", self.interrupts);
    }

    /// Which interrupts of a register there are.
    fn implemented(&self, index: usize) -> u32 {
        if 32 * index < self.interrupts { u32::MAX } else { 0 }
    }

    /// The interrupts of a register that software makes pending with registers of its own.
    fn sgis(index: usize) -> u32 {
        if index == 0 { (1 << SGIS) - 1 } else { 0 }
    }

    /// Which interrupts of a register are edge-triggered: SGIs always.
    fn edges(regs: &gicd::State, index: usize) -> u32 {
        let halves = [regs.icfgr[2 * index], regs.icfgr[2 * index + 1]];
        let pairs = u64::from(halves[1]) << 32 | u64::from(halves[0]);
        (0..32).fold(Self::sgis(index), |bits, id| bits | ((pairs >> (2 * id + 1)) as u32 & 1) << id)
    }

    /// Which interrupts of a register are pending: made so by an edge or by software, or because of the level of their input.
    pub(super) fn pending(&self, regs: &gicd::State, index: usize) -> u32 {
        let sent = regs.spendsgir.iter().enumerate().filter(|(_, cpus)| **cpus != 0);
        let sent = sent.fold(0, |bits, (id, _)| bits | bit(id)) & Self::sgis(index);
        sent | regs.ispendr[index] | self.lines[index] & !Self::edges(regs, index)
    }

    /// Sets the level of an interrupt's input. A rising edge makes an edge-triggered one pending.
    pub(super) fn set_line(&mut self, regs: &mut gicd::State, id: usize, level: bool) {
        assert!(id >= SGIS, "interrupt {id} is an SGI, which has no input");
        self.check(id);
        let (index, bit) = (id / 32, bit(id));
        let was_low = self.lines[index] & bit == 0;
        if level && was_low {
            regs.ispendr[index] |= bit & Self::edges(regs, index);
        }
        self.lines[index] = if level { self.lines[index] | bit } else { self.lines[index] & !bit };
    }

    /// An acknowledged interrupt is no longer pending, unless its input still says so (3.2.1).
    pub(super) fn acknowledge(regs: &mut gicd::State, id: usize) {
        regs.ispendr[id / 32] &= !bit(id);
        regs.isactiver[id / 32] |= bit(id);
        if let Some(cpus) = regs.spendsgir.get_mut(id) {
            *cpus = 0;
        }
    }
}

/// Registers of interrupts that are not there read as zero, whatever is written.
impl gicd::Model for Distributor {
    fn read_typer(&mut self, _regs: &mut gicd::State, _cx: &mut Context<'_>) -> ControllerType {
        ControllerType::new().with_lines(u8::try_from(self.interrupts / 32 - 1).expect("at most 31"))
    }

    fn write_igroupr(&mut self, regs: &mut gicd::State, index: usize, value: u32, _cx: &mut Context<'_>) {
        regs.igroupr[index] = value & self.implemented(index);
    }

    fn write_isenabler(&mut self, regs: &mut gicd::State, index: usize, value: u32, _cx: &mut Context<'_>) {
        regs.isenabler[index] |= value & self.implemented(index);
    }

    fn read_ispendr(&mut self, regs: &mut gicd::State, index: usize, _cx: &mut Context<'_>) -> u32 {
        self.pending(regs, index)
    }

    fn write_ispendr(&mut self, regs: &mut gicd::State, index: usize, value: u32, _cx: &mut Context<'_>) {
        regs.ispendr[index] |= value & self.implemented(index) & !Self::sgis(index);
    }

    fn read_icpendr(&mut self, regs: &mut gicd::State, index: usize, _cx: &mut Context<'_>) -> u32 {
        self.pending(regs, index)
    }

    fn write_isactiver(&mut self, regs: &mut gicd::State, index: usize, value: u32, _cx: &mut Context<'_>) {
        regs.isactiver[index] |= value & self.implemented(index);
    }

    fn write_ipriorityr(&mut self, regs: &mut gicd::State, index: usize, value: u8, _cx: &mut Context<'_>) {
        if index < self.interrupts {
            regs.ipriorityr[index] = value & PRIORITY_BITS;
        }
    }

    fn write_itargetsr(&mut self, _regs: &mut gicd::State, _index: usize, _value: u8, _cx: &mut Context<'_>) {
        // There is one CPU (4.3.12).
    }

    fn read_icfgr(&mut self, regs: &mut gicd::State, index: usize, _cx: &mut Context<'_>) -> u32 {
        if index == 0 { EDGES } else { regs.icfgr[index] }
    }

    fn write_icfgr(&mut self, regs: &mut gicd::State, index: usize, value: u32, _cx: &mut Context<'_>) {
        // That SGIs are edge-triggered cannot be changed.
        if index > 0 {
            regs.icfgr[index] = value & EDGES & self.implemented(index / 2);
        }
    }

    /// To the CPUs of the list, to all others, or to oneself.
    fn write_sgir(&mut self, regs: &mut gicd::State, value: SoftwareInterrupt, _cx: &mut Context<'_>) {
        let to_this_cpu = match value.filter() {
            0 => value.targets() & 1 != 0,
            filter => filter == 2,
        };
        if to_this_cpu {
            regs.spendsgir[usize::from(value.id())] |= 1;
        }
    }

    fn write_spendsgir(&mut self, regs: &mut gicd::State, index: usize, value: u8, _cx: &mut Context<'_>) {
        regs.spendsgir[index] |= value & 1;
    }
}
