//! The registers of one region as a device: it keeps what is written and carries out what the file declares.

use super::{
    description::{Constraint, Permits},
    layout::{Hit, Layout},
};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{AccessKind, RegisterMap, Width},
};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// What a test has a register do when it is read.
type OnRead = Box<dyn FnMut(u64, &mut Registers<'_>, &mut Context<'_>) -> u64 + Send>;
/// What a test has a register do when it was written.
type OnWrite = Box<dyn FnMut(u64, &mut Registers<'_>, &mut Context<'_>) + Send>;

/// The registers of a region, with what a test has put on top of them.
///
/// Memory is taken for registers that were written, not for those that the file declares.
pub struct StoredRegisters {
    registers: Values,
    on_read: BTreeMap<usize, OnRead>,
    on_write: BTreeMap<usize, OnWrite>,
}

/// The stored values.
#[derive(Clone)]
struct Values {
    layout: Arc<Layout>,
    /// By whether they are apart, and by offset in units of 8 bytes.
    words: BTreeMap<(bool, usize), Word>,
    undefined: Option<u64>,
}

/// Eight bytes of registers.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bytes: [u8; 8],
    /// Which bytes hold something else than after reset.
    known: u8,
    /// Which bytes were written since reset.
    written: u8,
}

impl Values {
    /// What an element of a register holds.
    fn load(&self, register: usize, start: usize) -> u64 {
        let width = self.layout.map.registers[register].width;
        let apart = self.layout.behaviours[register].apart;
        let mut bytes = self.reset(register, start).to_le_bytes();
        for (at, byte) in (start..).zip(&mut bytes[..width.bytes()]) {
            if let Some(word) = self.words.get(&(apart, at / 8))
                && word.known >> (at % 8) & 1 != 0
            {
                *byte = word.bytes[at % 8];
            }
        }
        u64::from_le_bytes(bytes) & width.mask()
    }

    /// Has an element of a register hold `value` in the bytes `from..to`, which are offsets in the region.
    fn store(&mut self, register: usize, start: usize, from: usize, to: usize, value: u64) {
        let apart = self.layout.behaviours[register].apart;
        for at in from..to {
            let word = self.words.entry((apart, at / 8)).or_default();
            word.bytes[at % 8] = value.to_le_bytes()[at - start];
            word.known |= 1 << (at % 8);
        }
    }

    /// Whether all bytes of a hit were written since the reset; marks them.
    fn mark_written(&mut self, hit: Hit) -> bool {
        let apart = self.layout.behaviours[hit.register].apart;
        (hit.from..hit.to).fold(true, |all, at| {
            let word = self.words.entry((apart, at / 8)).or_default();
            let before = word.written >> (at % 8) & 1 != 0;
            word.written |= 1 << (at % 8);
            all && before
        })
    }

    /// What an element of a register holds after reset.
    fn reset(&self, register: usize, start: usize) -> u64 {
        let declared = self.layout.map.registers[register].reset;
        let Some(seed) = self.undefined else { return declared };
        let mask = self.layout.behaviours[register].reset_mask;
        let noise = scramble(seed ^ (start as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        declared & mask | noise & !mask
    }

    fn find(&self, name: &str) -> Option<(usize, usize)> {
        self.layout.find(name)
    }
}

/// A number that looks like chance and is the same in every run (the finaliser of SplitMix64).
fn scramble(mut number: u64) -> u64 {
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// The stored values of a region's registers, in the hands of what a test has put on a register. Changing one is not an
/// access and has none of its effects.
pub struct Registers<'a> {
    values: &'a mut Values,
    element: usize,
}

impl Registers<'_> {
    /// The element of the array that is accessed; 0 for a single register.
    #[must_use]
    pub fn element(&self) -> usize {
        self.element
    }

    /// What a register holds: `DR`, `ID[2]` for an element of an array.
    ///
    /// # Panics
    ///
    /// If the region has no register of this name.
    #[must_use]
    #[track_caller]
    pub fn get(&self, register: &str) -> u64 {
        let (number, start) = self.find(register);
        self.values.load(number, start)
    }

    /// Has a register hold `value`. Bits that the register does not have are ignored.
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    #[track_caller]
    pub fn set(&mut self, register: &str, value: u64) {
        let (number, start) = self.find(register);
        let bytes = self.values.layout.map.registers[number].width.bytes();
        self.values.store(number, start, start, start + bytes, value);
    }

    #[track_caller]
    fn find(&self, name: &str) -> (usize, usize) {
        let Some(found) = self.values.find(name) else {
            panic!("memtrap: `{}` has no register `{name}`", self.values.layout.map.name)
        };
        found
    }
}

impl fmt::Debug for Registers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.fmt(f)
    }
}

impl StoredRegisters {
    pub(super) fn new(layout: Arc<Layout>, undefined: Option<u64>) -> Self {
        Self {
            registers: Values { layout, words: BTreeMap::new(), undefined },
            on_read: BTreeMap::new(),
            on_write: BTreeMap::new(),
        }
    }

    /// Takes everything out, and leaves registers at their reset values.
    pub(super) fn take(&mut self) -> Self {
        let empty = Self::new(Arc::clone(&self.registers.layout), self.registers.undefined);
        std::mem::replace(self, empty)
    }

    pub(super) fn layout(&self) -> &Arc<Layout> {
        &self.registers.layout
    }

    /// The stored values.
    pub fn values(&mut self) -> Registers<'_> {
        Registers { values: &mut self.registers, element: 0 }
    }

    pub(super) fn set_on_read(&mut self, register: usize, work: OnRead) {
        self.on_read.insert(register, work);
    }

    pub(super) fn set_on_write(&mut self, register: usize, work: OnWrite) {
        self.on_write.insert(register, work);
    }

    fn element(&self, hit: Hit) -> usize {
        let register = &self.registers.layout.map.registers[hit.register];
        (hit.start - register.offset) / register.stride.max(1)
    }

    fn hits(&self, access: Access, permits: fn(AccessKind) -> bool, otherwise: BusError) -> Result<Vec<Hit>, BusError> {
        let layout = &self.registers.layout;
        let hits = layout.hits(access.offset, access.width, permits);
        if !hits.is_empty() {
            return Ok(hits);
        }
        Err(if layout.is_mapped(access.offset, access.width) { otherwise } else { BusError::Unmapped })
    }

    fn read_one(&mut self, hit: Hit, cx: &mut Context<'_>) -> u64 {
        let stored = self.registers.load(hit.register, hit.start);
        let effects = self.registers.layout.behaviours[hit.register].effects;
        let (mut value, after) = effects.read(stored);
        if let Some(work) = self.on_read.get_mut(&hit.register) {
            let register = &self.registers.layout.map.registers[hit.register];
            let element = (hit.start - register.offset) / register.stride.max(1);
            // The model's own changes come after what the read does by itself.
            if after != stored {
                self.registers.store(hit.register, hit.start, hit.from, hit.to, after);
            }
            value = work(value, &mut Registers { values: &mut self.registers, element }, cx);
        } else if after != stored {
            self.registers.store(hit.register, hit.start, hit.from, hit.to, after);
        }
        value
    }

    fn write_one(&mut self, hit: Hit, value: u64, cx: &mut Context<'_>) {
        let layout = Arc::clone(&self.registers.layout);
        let behaviour = &layout.behaviours[hit.register];
        let stored = self.registers.load(hit.register, hit.start);
        let lanes = lanes(hit);
        let written = stored & !lanes | value & lanes;
        for constraint in &behaviour.constraints {
            if constraint.mask << constraint.lsb & lanes != 0
                && let Some(reason) = violates(constraint, stored, written)
            {
                let name = layout.map.registers[hit.register].name;
                let dot = if constraint.field.is_empty() { "" } else { "." };
                cx.fail(format!("{name}{dot}{} {reason}", constraint.field));
            }
        }
        let was_written = behaviour.effects.has_once() && self.registers.mark_written(hit);
        let after = behaviour.effects.write(stored, value, was_written);
        if after != stored {
            self.registers.store(hit.register, hit.start, hit.from, hit.to, after);
        }
        let element = self.element(hit);
        if let Some(work) = self.on_write.get_mut(&hit.register) {
            work(written, &mut Registers { values: &mut self.registers, element }, cx);
        }
    }
}

/// The bits of a register that a hit transfers.
fn lanes(hit: Hit) -> u64 {
    let shift = 8 * (hit.from - hit.start);
    (u64::MAX >> (64 - 8 * (hit.to - hit.from))) << shift
}

/// What is wrong with a write, if the file does not permit it. A field that is written as it was is not meant.
fn violates(constraint: &Constraint, stored: u64, written: u64) -> Option<String> {
    let of = |value: u64| value >> constraint.lsb & constraint.mask;
    let (before, value) = (of(stored), of(written));
    if value == before {
        return None;
    }
    match &constraint.permits {
        Permits::AsRead => Some(format!("was {before:#x} and must be written like that, not as {value:#x}")),
        Permits::Range(minimum, maximum) if (*minimum..=*maximum).contains(&value) => None,
        Permits::Range(minimum, maximum) => {
            Some(format!("may be written from {minimum:#x} to {maximum:#x}, not as {value:#x}"))
        }
        Permits::Named(values) if values.iter().any(|named| named.write && named.is(value)) => None,
        Permits::Named(values) => {
            let names: Vec<_> = values.iter().filter(|named| named.write).map(|named| named.name).collect();
            Some(format!("may be written as {}, not as {value:#x}", names.join(", ")))
        }
    }
}

impl Device for StoredRegisters {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let hits = self.hits(access, AccessKind::is_readable, BusError::WriteOnly)?;
        Ok(hits.into_iter().fold(0, |value, hit| {
            let bits = (self.read_one(hit, cx) & lanes(hit)) >> (8 * (hit.from - hit.start));
            value | bits << (8 * (hit.from - access.offset))
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        for hit in self.hits(access, AccessKind::is_writable, BusError::ReadOnly)? {
            let bits = value >> (8 * (hit.from - access.offset));
            self.write_one(hit, bits << (8 * (hit.from - hit.start)), cx);
        }
        Ok(())
    }

    fn peek(&self, offset: usize, width: Width) -> Option<u64> {
        let hits = self.registers.layout.hits(offset, width, AccessKind::is_readable);
        (!hits.is_empty()).then(|| {
            hits.into_iter().fold(0, |value, hit| {
                let effects = self.registers.layout.behaviours[hit.register].effects;
                let (read, _) = effects.read(self.registers.load(hit.register, hit.start));
                value | ((read & lanes(hit)) >> (8 * (hit.from - hit.start))) << (8 * (hit.from - offset))
            })
        })
    }

    fn reset(&mut self, _cx: &mut Context<'_>) {
        self.registers.words.clear();
    }

    fn bus_width(&self) -> Width {
        self.registers.layout.bus_width
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(self.registers.layout.map)
    }
}

/// The registers that hold something else than after reset.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (number, register) in self.layout.map.registers.iter().enumerate() {
            for element in 0..register.len() {
                let start = register.offset + element * register.stride;
                let value = self.load(number, start);
                if value != self.reset(number, start) {
                    let name = match register.count {
                        Some(_) => format!("{}[{element}]", register.name),
                        None => register.name.to_owned(),
                    };
                    map.entry(&format_args!("{name}"), &format_args!("{value:#x}"));
                }
            }
        }
        map.finish()
    }
}

impl fmt::Debug for StoredRegisters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registers.fmt(f)
    }
}
