//! What distributor and CPU interface share: the interrupts, and which of them the CPU is to take next.

use crate::bus::Context;

/// SGIs have the IDs below.
pub(super) const SGIS: usize = 16;
/// The priority bits that are implemented.
pub(super) const PRIORITY_BITS: u8 = 0xf8;
/// The priority of a CPU that handles no interrupt.
const IDLE: u8 = 0xff;

#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt {
    pub(super) enabled: bool,
    pub(super) active: bool,
    /// Made pending by an edge, by software or by an SGI; stays so without its line.
    pub(super) latched: bool,
    /// The level of its input.
    pub(super) line: bool,
    pub(super) edge_triggered: bool,
    /// Whether it is in group 1.
    pub(super) group1: bool,
    pub(super) priority: u8,
}

impl Interrupt {
    pub(super) fn is_pending(&self) -> bool {
        self.latched || self.line && !self.edge_triggered
    }
}

/// The control bits of the CPU interface (section 4.4.1).
#[derive(Debug, Default)]
pub(super) struct Control {
    pub(super) enabled: [bool; 2],
    pub(super) acknowledge_both: bool,
    pub(super) fiq: bool,
    pub(super) common_binary_point: bool,
    pub(super) split_end: bool,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) interrupts: Vec<Interrupt>,
    /// Which groups the distributor forwards.
    pub(super) forwarded: [bool; 2],
    pub(super) control: Control,
    pub(super) priority_mask: u8,
    /// The binary points of both groups.
    pub(super) binary_point: [u8; 2],
    /// Acknowledged interrupts whose priority was not dropped yet, with that priority; the innermost last.
    pub(super) running: Vec<(usize, u8)>,
    pub(super) irq: Option<u32>,
    pub(super) fiq: Option<u32>,
}

impl State {
    pub(super) fn new(count: usize) -> Self {
        let interrupt = |id| Interrupt { edge_triggered: id < SGIS, ..Interrupt::default() };
        Self {
            interrupts: (0..count).map(interrupt).collect(),
            forwarded: [false; 2],
            control: Control::default(),
            priority_mask: 0,
            // The least that separates all implemented priorities (section 4.4.3).
            binary_point: [2, 3],
            running: Vec::new(),
            irq: None,
            fiq: None,
        }
    }

    /// The priority that an interrupt must be below to interrupt the CPU.
    pub(super) fn running_priority(&self) -> u8 {
        self.running.last().map_or(IDLE, |&(_, priority)| priority)
    }

    /// The pending interrupt of the highest priority that could be signalled, whatever the CPU does at present
    /// (section 3.3): the lowest ID of those.
    pub(super) fn highest_pending(&self) -> Option<usize> {
        let candidates = self.interrupts.iter().enumerate().filter(|(_, interrupt)| {
            let group = usize::from(interrupt.group1);
            let forwarded = self.forwarded[group] && self.control.enabled[group];
            interrupt.enabled && interrupt.is_pending() && !interrupt.active && forwarded
        });
        let (id, _) = candidates.min_by_key(|(_, interrupt)| interrupt.priority)?;
        Some(id)
    }

    /// The interrupt that the CPU is asked to take.
    pub(super) fn signalled(&self) -> Option<usize> {
        let id = self.highest_pending()?;
        let interrupt = &self.interrupts[id];
        let group_priority = interrupt.priority & self.group_mask(interrupt.group1);
        let preempts = self.running.is_empty() || group_priority < self.running_priority();
        (interrupt.priority < self.priority_mask && preempts).then_some(id)
    }

    /// The bits of a priority that decide on pre-emption (section 3.3.3).
    pub(super) fn group_mask(&self, group1: bool) -> u8 {
        let subpriority_bits =
            if group1 && !self.control.common_binary_point { self.binary_point[1] } else { self.binary_point[0] + 1 };
        0xff_u8.checked_shl(u32::from(subpriority_bits)).unwrap_or(0)
    }

    /// The CPU takes an interrupt (section 3.2.1).
    pub(super) fn acknowledge(&mut self, id: usize) {
        let mask = self.group_mask(self.interrupts[id].group1);
        let interrupt = &mut self.interrupts[id];
        interrupt.latched = false;
        interrupt.active = true;
        self.running.push((id, interrupt.priority & mask));
    }

    /// Drives the inputs of the CPU.
    pub(super) fn drive(&self, cx: &mut Context<'_>) {
        let signalled = self.signalled().map(|id| !self.interrupts[id].group1 && self.control.fiq);
        for (output, is_fiq) in [(self.irq, false), (self.fiq, true)] {
            match output {
                Some(line) if signalled == Some(is_fiq) => cx.raise(line),
                Some(line) => cx.lower(line),
                None => {}
            }
        }
    }
}
