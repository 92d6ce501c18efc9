//! Which registers a test run has used, and how.

mod collect;
mod file;
mod table;

pub(crate) use collect::collect;

use super::{
    Trace,
    event::{Direction, Event, EventKind, TracedRegion},
    tally::{Seen, Spot},
};
use crate::map::{AccessKind, AliasOperation, RegisterMap, Width};
use std::{borrow::Cow, collections::BTreeMap};

/// Which registers were read and written, which of their bits were seen in both states, and which were never touched.
///
/// Registers count by block, not by region: two regions that simulate the same block add up, whatever their buses. A
/// device that does not name its registers counts by the name of its region, with the offsets that were accessed.
/// Accesses that a device refused do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By name of the block, then by the register's offset and name.
    blocks: BTreeMap<Cow<'static, str>, BTreeMap<Key, Used>>,
}

type Key = (usize, Cow<'static, str>);

/// What is known of one register, or one array.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Used {
    width: Width,
    /// `None` for an offset without a name.
    access: Option<AccessKind>,
    /// Number of elements: 1 for a single register.
    count: usize,
    reads: u64,
    writes: u64,
    /// The elements that were touched.
    elements: BTreeMap<usize, Bits>,
}

/// The bits that were seen as 1, and those that were seen as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bits {
    ones: u64,
    zeros: u64,
}

/// How one register, or one array of registers, was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterCoverage<'c> {
    /// Name of the block, or of the region if its device does not name its registers.
    pub block: &'c str,
    /// Name of the register; an offset as `+0x018` if it has none.
    pub register: &'c str,
    /// Offset of the first element from the start of the block, in bytes.
    pub offset: usize,
    /// Width of one element.
    pub width: Width,
    /// Which accesses the register permits, if that is declared.
    pub access: Option<AccessKind>,
    /// Number of elements: 1 for a single register.
    pub elements: usize,
    /// Number of elements that were accessed.
    pub elements_touched: usize,
    /// Number of reads.
    pub reads: u64,
    /// Number of writes.
    pub writes: u64,
    /// The bits that were seen both as 0 and as 1, in one element at least.
    pub toggled: u64,
}

impl RegisterCoverage<'_> {
    /// Whether there was any access.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.reads > 0 || self.writes > 0
    }
}

impl Coverage {
    /// Adds what another coverage has seen.
    pub fn merge(&mut self, other: &Self) {
        for (block, registers) in &other.blocks {
            let own = self.blocks.entry(block.clone()).or_default();
            for (key, used) in registers {
                own.entry(key.clone()).or_insert_with(|| used.untouched()).add(used);
            }
        }
    }

    /// The registers, by block and offset, also those that were never touched.
    pub fn registers(&self) -> impl Iterator<Item = RegisterCoverage<'_>> {
        self.blocks.iter().flat_map(|(block, registers)| {
            registers.iter().map(move |((offset, register), used)| RegisterCoverage {
                block,
                register,
                offset: *offset,
                width: used.width,
                access: used.access,
                elements: used.count,
                elements_touched: used.elements.len(),
                reads: used.reads,
                writes: used.writes,
                toggled: used.elements.values().fold(0, |toggled, bits| toggled | bits.ones & bits.zeros),
            })
        })
    }

    /// The registers that were never accessed.
    pub fn untouched(&self) -> impl Iterator<Item = RegisterCoverage<'_>> {
        self.registers().filter(|register| !register.is_touched())
    }

    /// Has the registers of a region count as untouched, unless they were touched before.
    pub(super) fn declare(&mut self, region: &TracedRegion) {
        let Some(map) = region.registers else { return };
        let block = self.blocks.entry(Cow::Borrowed(map.name)).or_default();
        for register in map.registers {
            block.entry((register.offset, Cow::Borrowed(register.name))).or_insert_with(|| Used {
                width: register.width,
                access: Some(register.access),
                count: register.len(),
                reads: 0,
                writes: 0,
                elements: BTreeMap::new(),
            });
        }
    }

    /// Takes note of an event.
    pub(super) fn observe(&mut self, event: &Event) {
        if let EventKind::Access(access) = &event.kind
            && access.error.is_none()
        {
            let spot = Spot {
                offset: access.access.offset,
                width: access.access.width,
                is_write: access.direction == Direction::Write,
                // The registers of the event are those that the access reached.
                bank: 0,
            };
            let seen = Seen { count: 1, ones: access.value, zeros: !access.value };
            self.count(event.region, access.registers, spot, seen);
        }
    }

    /// Takes note of equal accesses to a region.
    pub(super) fn add(&mut self, region: &TracedRegion, spot: Spot, seen: Seen) {
        self.count(region.name, region.registers, spot, seen);
    }

    fn count(&mut self, region: &'static str, registers: Option<&'static RegisterMap>, spot: Spot, seen: Seen) {
        let block = registers.map_or(region, |map| map.name);
        let Spot { offset, width, is_write, bank } = spot;
        let direction = if is_write { Direction::Write } else { Direction::Read };
        let place = registers.map(|map| map.reachable(bank, direction)).and_then(|map| {
            let place = direction.find(map, offset, width)?;
            Some((&map.registers[place.register], place))
        });
        let alias = place.and_then(|(_, place)| place.alias);
        let (key, element, within, declared) = match place {
            Some((register, place)) => {
                ((register.offset, Cow::Borrowed(register.name)), place.element, place.within, Some(register))
            }
            None => ((offset, Cow::Owned(format!("+{offset:#05x}"))), 0, 0, None),
        };
        let used = self.blocks.entry(Cow::Borrowed(block)).or_default().entry(key).or_insert_with(|| Used {
            width: declared.map_or(width, |register| register.width),
            access: declared.map(|register| register.access),
            count: declared.map_or(1, |register| register.len()),
            reads: 0,
            writes: 0,
            elements: BTreeMap::new(),
        });
        used.width = used.width.max(width);
        *if is_write { &mut used.writes } else { &mut used.reads } += seen.count;
        let shift = 8 * within;
        let mask = width.mask() << shift;
        let bits = used.elements.entry(element).or_default();
        // Through a window, the ones of the value say which bits change, and the others say nothing.
        let written = alias.filter(|_| is_write).map(|alias| alias.operation);
        let (ones, zeros) = match written {
            None => (seen.ones, seen.zeros),
            Some(AliasOperation::Set) => (seen.ones, 0),
            Some(AliasOperation::Clear) => (0, seen.ones),
            Some(AliasOperation::Toggle) => (seen.ones, seen.ones),
        };
        bits.ones |= ones << shift & mask;
        bits.zeros |= zeros << shift & mask;
    }
}

impl Used {
    fn untouched(&self) -> Self {
        Self { reads: 0, writes: 0, elements: BTreeMap::new(), ..self.clone() }
    }

    fn add(&mut self, other: &Self) {
        self.width = self.width.max(other.width);
        self.count = self.count.max(other.count);
        self.reads += other.reads;
        self.writes += other.writes;
        for (element, bits) in &other.elements {
            let own = self.elements.entry(*element).or_default();
            own.ones |= bits.ones;
            own.zeros |= bits.zeros;
        }
    }
}

impl Trace {
    /// Which registers were used in this part of the trace. [`Bus::coverage`](crate::Bus::coverage) includes events that
    /// the trace has dropped.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage::default();
        self.regions.iter().for_each(|region| coverage.declare(region));
        self.events.iter().for_each(|event| coverage.observe(event));
        coverage
    }
}

#[cfg(test)]
mod tests;
