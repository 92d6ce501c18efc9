//! The registers of one region: where they lie, what accesses to them do, and which of several at one address is meant.

use super::{
    description::{Constraint, Described, Peripheral},
    partition::Part,
    pool,
};
use crate::map::{AccessKind, Effects, Register, RegisterMap, Width};
use std::{cmp::Reverse, ops::Range};

/// The registers of one region.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) map: &'static RegisterMap,
    /// What each register of the map does, in its order.
    pub(super) behaviours: Vec<Behaviour>,
    /// For each register the end of those before it and of itself that ends last.
    reach: Vec<usize>,
    pub(super) bus_width: Width,
}

/// What a register does.
#[derive(Debug)]
pub(super) struct Behaviour {
    pub(super) effects: Effects,
    pub(super) reset_mask: u64,
    pub(super) constraints: Vec<Constraint>,
    /// Where its value is stored: registers that can be read, and those that cannot but lie at the same address, hold
    /// different things.
    pub(super) apart: bool,
    /// Its place in the file, among those of the region.
    order: usize,
}

/// A part of an access that one register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Number of the register in the map.
    pub(super) register: usize,
    /// Offset in the region of the element's first byte.
    pub(super) start: usize,
    /// First and last but one of the bytes that it answers, as offsets in the region.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Layout {
    pub(super) fn new(part: &Part, peripherals: &[Peripheral], width: Width) -> Self {
        let mut entries: Vec<(Register, Behaviour)> = Vec::new();
        let mut named: std::collections::HashSet<(usize, &str)> = std::collections::HashSet::new();
        for (rank, owner) in part.owners.iter().enumerate() {
            let peripheral = &peripherals[*owner];
            for described in &peripheral.registers {
                let mut inside = Vec::new();
                place(described, peripheral.base, &part.addresses, |register| inside.push(register));
                for register in inside {
                    // Peripherals that share an address often share a register with it.
                    if !named.insert((register.offset, described.register.name)) {
                        continue;
                    }
                    let name = match rank {
                        0 => register.name,
                        _ => pool::text(&format!("{}.{}", peripheral.name, register.name)),
                    };
                    let behaviour = Behaviour {
                        effects: described.effects,
                        reset_mask: described.reset_mask,
                        constraints: described.constraints.clone(),
                        apart: false,
                        order: entries.len(),
                    };
                    entries.push((Register { name, ..register }, behaviour));
                }
            }
        }
        // Of several at one offset, a search finds the last: the first in the file.
        entries.sort_by_key(|(register, behaviour)| (register.offset, Reverse(behaviour.order)));
        let (registers, behaviours): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let reach = registers
            .iter()
            .scan(0, |reach: &mut usize, register: &Register| {
                *reach = register.end().max(*reach);
                Some(*reach)
            })
            .collect();
        let size = usize::try_from(part.addresses.end - part.addresses.start).unwrap_or(usize::MAX);
        let name = part.owners.first().map_or("", |owner| &*peripherals[*owner].name);
        // A part that starts where an access of full width cannot has a narrower bus.
        let aligned = |width: &Width| part.addresses.start.is_multiple_of(width.bytes() as u64);
        let widths = [Width::U64, Width::U32, Width::U16, Width::U8];
        let bus_width = widths.into_iter().filter(|w| *w <= width).find(aligned).unwrap_or(Width::U8);
        let map = pool::map(RegisterMap::new(pool::text(name), size, bus_width, pool::registers(&registers)));
        let mut layout = Self { map, behaviours, reach, bus_width };
        layout.set_apart();
        layout
    }

    /// Finds the registers that cannot be read and share an address with one that can.
    fn set_apart(&mut self) {
        for number in 0..self.map.registers.len() {
            let register = &self.map.registers[number];
            if register.access != AccessKind::WriteOnly {
                continue;
            }
            let shares = self.around(register.offset, register.offset + register.width.bytes());
            let apart = shares.into_iter().any(|(other, _)| self.map.registers[other].access != AccessKind::WriteOnly);
            self.behaviours[number].apart = apart;
        }
    }

    /// The registers that share a byte with a range of offsets, with the offset of their element that does. At most as many
    /// as can be told apart by a reader.
    fn around(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let behind = self.map.registers.partition_point(|register| register.offset < to);
        let mut found = Vec::new();
        for number in (0..behind).rev() {
            if self.reach[number] <= from {
                break;
            }
            let register = &self.map.registers[number];
            // The element that has the first byte, or the next one.
            let element = from.saturating_sub(register.offset) / register.stride.max(1);
            for element in [element, element + 1] {
                let start = register.offset + element * register.stride;
                if element < register.len() && start < to && start + register.width.bytes() > from {
                    found.push((number, start));
                    break;
                }
            }
        }
        found
    }

    /// The registers that answer an access, in ascending order: where several lie, the one that starts there and is as wide
    /// as the access, or else the first in the file.
    pub(super) fn hits(&self, offset: usize, width: Width, permits: fn(AccessKind) -> bool) -> Vec<Hit> {
        let end = offset + width.bytes();
        let around = self.around(offset, end);
        let mut hits: Vec<Hit> = Vec::new();
        let mut at = offset;
        while at < end {
            let best = around
                .iter()
                .filter(|(number, start)| {
                    let register = &self.map.registers[*number];
                    permits(register.access) && (*start..start + register.width.bytes()).contains(&at)
                })
                .min_by_key(|(number, start)| {
                    let exact = *start == offset && self.map.registers[*number].width == width;
                    (!exact, self.behaviours[*number].order)
                });
            match best {
                Some((register, start)) => {
                    let to = end.min(start + self.map.registers[*register].width.bytes());
                    hits.push(Hit { register: *register, start: *start, from: at, to });
                    at = to;
                }
                None => at += 1,
            }
        }
        hits
    }

    /// Whether any register shares a byte with an access.
    pub(super) fn is_mapped(&self, offset: usize, width: Width) -> bool {
        !self.around(offset, offset + width.bytes()).is_empty()
    }

    /// The register that `name` means, and the offset of its element: `DR`, or `ID[2]` of an array.
    pub(super) fn find(&self, name: &str) -> Option<(usize, usize)> {
        let position = |name: &str| self.map.registers.iter().position(|register| register.name == name);
        if let Some(number) = position(name) {
            return Some((number, self.map.registers[number].offset));
        }
        let (array, index) = name.strip_suffix(']')?.rsplit_once('[')?;
        let number = position(array)?;
        let register = &self.map.registers[number];
        let element: usize = index.parse().ok()?;
        (register.count.is_some() && element < register.len())
            .then(|| (number, register.offset + element * register.stride))
    }
}

/// The parts of a register that lie in a range of addresses, with their offsets from its start.
fn place(described: &Described, base: u64, addresses: &Range<u64>, mut push: impl FnMut(Register)) {
    let register = described.register;
    let address = |offset: usize| base.saturating_add(offset as u64);
    let inside = |start: u64, end: u64| addresses.start <= start && end <= addresses.end;
    let offset = |address: u64| usize::try_from(address - addresses.start).unwrap_or(usize::MAX);
    let (start, end) = (address(register.offset), address(register.end()));
    if inside(start, end) {
        push(Register { offset: offset(start), ..register });
    } else if register.count.is_some() && start < addresses.end && addresses.start < end {
        // An array that reaches beyond the range is here with some of its elements.
        for element in 0..register.len() {
            let start = address(register.offset.saturating_add(element * register.stride));
            if inside(start, start + register.width.bytes() as u64) {
                let name = pool::text(&format!("{}[{element}]", register.name));
                push(Register { name, offset: offset(start), count: None, stride: register.width.bytes(), ..register });
            }
        }
    }
}
