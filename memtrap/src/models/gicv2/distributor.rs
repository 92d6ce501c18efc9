//! The distributor's registers (section 4.3).

use super::{
    GicV2,
    registers::{self, distributor::*},
    state::{Interrupt, PRIORITY_BITS, SGIS, State},
};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{RegisterMap, Width},
};

/// The distributor of a [`GicV2`].
#[derive(Debug)]
pub struct GicDistributor {
    gic: GicV2,
}

impl GicDistributor {
    pub(super) fn new(gic: GicV2) -> Self {
        Self { gic }
    }

    /// Sets the level of an interrupt's input: what a device does. A rising edge makes an edge-triggered one pending.
    ///
    /// # Panics
    ///
    /// If there is no such input: SGIs have none.
    pub fn set_line(&mut self, id: usize, level: bool, cx: &mut Context<'_>) {
        assert!(id >= SGIS, "interrupt {id} is an SGI, which has no input");
        let mut state = self.gic.state();
        let interrupt = &mut state.interrupts[id];
        interrupt.latched |= interrupt.edge_triggered && level && !interrupt.line;
        interrupt.line = level;
        state.drive(cx);
    }
}

/// One bit of every interrupt: how it is read, and what writing a one or a zero does. `None` leaves it as it is.
struct Bit {
    offset: usize,
    read: fn(&Interrupt) -> bool,
    write: fn(&mut Interrupt, bool),
    /// Software makes SGIs pending with registers of their own.
    sgis: bool,
}

const BITS: [Bit; 7] = [
    Bit { offset: IGROUPR, read: |i| i.group1, write: |i, bit| i.group1 = bit, sgis: true },
    Bit { offset: ISENABLER, read: |i| i.enabled, write: |i, bit| i.enabled |= bit, sgis: true },
    Bit { offset: ICENABLER, read: |i| i.enabled, write: |i, bit| i.enabled &= !bit, sgis: true },
    Bit { offset: ISPENDR, read: Interrupt::is_pending, write: |i, bit| i.latched |= bit, sgis: false },
    Bit { offset: ICPENDR, read: Interrupt::is_pending, write: |i, bit| i.latched &= !bit, sgis: false },
    Bit { offset: ISACTIVER, read: |i| i.active, write: |i, bit| i.active |= bit, sgis: true },
    Bit { offset: ICACTIVER, read: |i| i.active, write: |i, bit| i.active &= !bit, sgis: true },
];

/// The bit that a register is made of, and the ID of the register's first interrupt.
fn bit_register(offset: usize) -> Option<(&'static Bit, usize)> {
    let bit = BITS.iter().find(|bit| (bit.offset..bit.offset + BITMAP).contains(&offset))?;
    Some((bit, 8 * (offset - bit.offset)))
}

/// The interrupts from this ID on, as many as a register has fields, without those that are not there.
fn from(state: &mut State, id: usize, count: usize) -> impl Iterator<Item = (usize, &mut Interrupt)> {
    state.interrupts.iter_mut().enumerate().skip(id).take(count)
}

impl State {
    /// A register of the distributor, 32 bits wide.
    fn read_distributor(&mut self, offset: usize) -> Result<u32, BusError> {
        if let Some((bit, first)) = bit_register(offset) {
            return Ok(from(self, first, 32).fold(0, |word, (id, i)| word | u32::from((bit.read)(i)) << (id - first)));
        }
        Ok(match offset {
            CTLR => u32::from(self.forwarded[0]) | u32::from(self.forwarded[1]) << 1,
            TYPER => u32::try_from(self.interrupts.len() / 32 - 1).expect("at most 31"),
            IIDR => IIDR_GIC_400,
            ICFGR..ICFGR_END => {
                let first = 4 * (offset - ICFGR);
                from(self, first, 16)
                    .fold(0, |word, (id, i)| word | u32::from(i.edge_triggered) << (2 * (id - first) + 1))
            }
            SGIR => return Err(BusError::WriteOnly),
            PIDR2 => PIDR2_GIC_400,
            _ => return Err(BusError::Unmapped),
        })
    }

    fn write_distributor(&mut self, offset: usize, value: u32) -> Result<(), BusError> {
        if let Some((bit, first)) = bit_register(offset) {
            for (id, interrupt) in from(self, first, 32) {
                if bit.sgis || id >= SGIS {
                    (bit.write)(interrupt, value >> (id - first) & 1 != 0);
                }
            }
            return Ok(());
        }
        match offset {
            CTLR => self.forwarded = [value & 1 != 0, value & 2 != 0],
            ICFGR..ICFGR_END => {
                let first = 4 * (offset - ICFGR);
                for (id, interrupt) in from(self, first, 16).filter(|(id, _)| *id >= SGIS) {
                    interrupt.edge_triggered = value >> (2 * (id - first)) & 0b10 != 0;
                }
            }
            SGIR => self.send_sgi(value),
            TYPER | IIDR | PIDR2 => return Err(BusError::ReadOnly),
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }

    /// A write to GICD_SGIR (section 4.3.15): to the CPUs of the list, to all others, or to oneself.
    fn send_sgi(&mut self, value: u32) {
        let to_this_cpu = match value >> 24 & 0b11 {
            0 => value >> 16 & 1 != 0,
            filter => filter == 2,
        };
        if to_this_cpu {
            self.interrupts[value as usize & 0xf].latched = true;
        }
    }

    /// The byte of an interrupt in one of the registers that can be accessed by byte.
    fn read_byte(&mut self, offset: usize) -> u8 {
        match offset {
            IPRIORITYR..IPRIORITYR_END => self.interrupts.get(offset - IPRIORITYR).map_or(0, |i| i.priority),
            // One for the only CPU; the targets of a uniprocessor read as zero (section 4.3.12).
            CPENDSGIR..SPENDSGIR_END => u8::from(self.interrupts[(offset - CPENDSGIR) % SGIS].latched),
            _ => 0,
        }
    }

    fn write_byte(&mut self, offset: usize, value: u8) {
        match offset {
            IPRIORITYR..IPRIORITYR_END => {
                if let Some(interrupt) = self.interrupts.get_mut(offset - IPRIORITYR) {
                    interrupt.priority = value & PRIORITY_BITS;
                }
            }
            CPENDSGIR..SPENDSGIR => self.interrupts[offset - CPENDSGIR].latched &= value & 1 == 0,
            SPENDSGIR..SPENDSGIR_END => self.interrupts[offset - SPENDSGIR].latched |= value & 1 != 0,
            _ => {}
        }
    }
}

/// Whether the registers at this offset have one byte an interrupt, and can be accessed by byte.
fn is_bytes(offset: usize) -> bool {
    (IPRIORITYR..ITARGETSR_END).contains(&offset) || (CPENDSGIR..SPENDSGIR_END).contains(&offset)
}

fn check_width(access: Access) -> Result<(), BusError> {
    if access.width == Width::U32 { Ok(()) } else { Err(BusError::Width { expected: Width::U32 }) }
}

impl Device for GicDistributor {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        let mut state = self.gic.state();
        if is_bytes(access.offset) {
            let byte = |at| if at < access.width.bytes() { state.read_byte(access.offset + at) } else { 0 };
            return Ok(u64::from_le_bytes(std::array::from_fn(byte)));
        }
        check_width(access)?;
        state.read_distributor(access.offset).map(u64::from)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let mut state = self.gic.state();
        if is_bytes(access.offset) {
            for (offset, byte) in (access.offset..).zip(value.to_le_bytes()).take(access.width.bytes()) {
                state.write_byte(offset, byte);
            }
        } else {
            check_width(access)?;
            state.write_distributor(access.offset, value as u32)?;
        }
        state.drive(cx);
        Ok(())
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        let mut state = self.gic.state();
        if is_bytes(offset) {
            return Some(u64::from(state.read_byte(offset)));
        }
        state.read_distributor(offset).ok().map(u64::from)
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&registers::DISTRIBUTOR)
    }
}
