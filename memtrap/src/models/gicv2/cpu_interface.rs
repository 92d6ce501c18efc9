//! The CPU interface's registers (section 4.4).

use super::{
    GicV2,
    registers::{self, cpu_interface::*},
    state::{Control, PRIORITY_BITS, State},
};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};

/// IDs from here on do not name an interrupt.
const SPECIAL: usize = 1020;
/// A group 1 interrupt is pending, which this register does not acknowledge.
const OTHER_GROUP: u32 = 1022;
/// Nothing is pending.
const SPURIOUS: u32 = 1023;

/// The CPU interface of a [`GicV2`].
#[derive(Debug)]
pub struct GicCpuInterface {
    gic: GicV2,
}

impl GicCpuInterface {
    pub(super) fn new(gic: GicV2) -> Self {
        Self { gic }
    }
}

impl State {
    fn control(&self) -> u32 {
        let Control { enabled: [group0, group1], acknowledge_both, fiq, common_binary_point, split_end } = self.control;
        let bits =
            [(group0, 0), (group1, 1), (acknowledge_both, 2), (fiq, 3), (common_binary_point, 4), (split_end, 9)];
        bits.into_iter().fold(0, |word, (bit, at)| word | u32::from(bit) << at)
    }

    fn set_control(&mut self, value: u32) {
        let bit = |at: u32| value >> at & 1 != 0;
        self.control = Control {
            enabled: [bit(0), bit(1)],
            acknowledge_both: bit(2),
            fiq: bit(3),
            common_binary_point: bit(4),
            split_end: bit(9),
        };
    }

    /// What IAR, or as `alias` AIAR, says about this interrupt, and whether it would acknowledge it (section 4.4.4).
    fn identify(&self, id: Option<usize>, alias: bool) -> (u32, bool) {
        let Some(id) = id else { return (SPURIOUS, false) };
        match (self.interrupts[id].group1, alias) {
            (true, false) if !self.control.acknowledge_both => (OTHER_GROUP, false),
            (false, true) => (SPURIOUS, false),
            // Of the source of an SGI there is nothing to say: it is CPU 0.
            _ => (u32::try_from(id).expect("at most 1023"), true),
        }
    }

    fn acknowledge_signalled(&mut self, alias: bool) -> u32 {
        let signalled = self.signalled();
        let (value, acknowledges) = self.identify(signalled, alias);
        if let Some(id) = signalled.filter(|_| acknowledges) {
            self.acknowledge(id);
        }
        value
    }

    /// A write to EOIR, or as `alias` to AEOIR (sections 3.2.3 and 4.4.5).
    fn end(&mut self, value: u32, alias: bool) -> Result<(), BusError> {
        let id = value as usize & 0x3ff;
        if id >= SPECIAL {
            return Ok(());
        }
        match self.running.last() {
            Some(&(running, _)) if running == id => {}
            Some((running, _)) => {
                return Err(BusError::refused(format!(
                    "interrupt {id} is ended while {running} is handled: they end in reverse order (IHI 0048B 4.4.5)"
                )));
            }
            None => return Err(BusError::refused(format!("interrupt {id} is ended, but was not acknowledged"))),
        }
        if alias && !self.interrupts[id].group1 {
            return Err(BusError::refused(format!("interrupt {id} is in group 0: AEOIR ends those of group 1")));
        }
        self.running.pop();
        if !self.control.split_end {
            self.interrupts[id].active = false;
        }
        Ok(())
    }

    fn deactivate(&mut self, value: u32) -> Result<(), BusError> {
        let id = value as usize & 0x3ff;
        if !self.control.split_end {
            return Err(BusError::refused(
                "DIR deactivates interrupts only while CTLR.EOImode is set (IHI 0048B 4.4.15)",
            ));
        }
        if let Some(interrupt) = self.interrupts.get_mut(id) {
            interrupt.active = false;
        }
        Ok(())
    }

    /// What a read returns that changes nothing.
    fn read_cpu_interface(&self, offset: usize) -> Result<u32, BusError> {
        Ok(match offset {
            CTLR => self.control(),
            PMR => u32::from(self.priority_mask),
            BPR => u32::from(self.binary_point[0]),
            IAR => self.identify(self.signalled(), false).0,
            RPR => u32::from(self.running_priority()),
            HPPIR => self.identify(self.highest_pending(), false).0,
            ABPR => u32::from(self.binary_point[1]),
            AIAR => self.identify(self.signalled(), true).0,
            AHPPIR => self.identify(self.highest_pending(), true).0,
            IIDR => IIDR_GIC_400,
            EOIR | AEOIR | DIR => return Err(BusError::WriteOnly),
            _ => return Err(BusError::Unmapped),
        })
    }

    fn write_cpu_interface(&mut self, offset: usize, value: u32) -> Result<(), BusError> {
        let [byte, ..] = value.to_le_bytes();
        match offset {
            CTLR => self.set_control(value),
            PMR => self.priority_mask = byte & PRIORITY_BITS,
            // Values below the least that is supported set that one (section 4.4.3).
            BPR => self.binary_point[0] = (byte & 0b111).max(2),
            ABPR => self.binary_point[1] = (byte & 0b111).max(3),
            EOIR => self.end(value, false)?,
            AEOIR => self.end(value, true)?,
            DIR => self.deactivate(value)?,
            IAR | RPR | HPPIR | AIAR | AHPPIR | IIDR => return Err(BusError::ReadOnly),
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }
}

fn check_width(access: Access) -> Result<(), BusError> {
    if access.width == Width::U32 { Ok(()) } else { Err(BusError::Width { expected: Width::U32 }) }
}

impl Device for GicCpuInterface {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        check_width(access)?;
        let mut state = self.gic.state();
        let value = match access.offset {
            IAR => state.acknowledge_signalled(false),
            AIAR => state.acknowledge_signalled(true),
            offset => state.read_cpu_interface(offset)?,
        };
        state.drive(cx);
        Ok(u64::from(value))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        check_width(access)?;
        let mut state = self.gic.state();
        state.write_cpu_interface(access.offset, value as u32)?;
        state.drive(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        self.gic.state().read_cpu_interface(offset).ok().map(u64::from)
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&registers::CPU_INTERFACE)
    }
}
