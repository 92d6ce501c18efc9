//! Which addresses belong to which peripherals: the regions of a chip.

use super::description::Peripheral;
use std::{collections::BTreeSet, ops::Range};

/// A range of addresses with the peripherals that answer there, the one that gives it its name first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) addresses: Range<u64>,
    /// Their numbers.
    pub(super) owners: Vec<usize>,
}

/// Divides the addresses that the peripherals claim into ranges that do not overlap.
///
/// Vendors let address blocks overlap, as a block for the whole of the Cortex-M system control space does those of its
/// parts. Where several claim an address, those have it that have registers there.
pub(super) fn partition(peripherals: &[(usize, &Peripheral)]) -> Vec<Part> {
    // A claim begins and ends at an address.
    let mut bounds: Vec<(u64, bool, usize)> = Vec::new();
    let occupied: Vec<_> = peripherals.iter().map(|(_, peripheral)| occupied(peripheral)).collect();
    for (rank, (_, peripheral)) in peripherals.iter().enumerate() {
        for (offset, size) in &peripheral.blocks {
            let start = peripheral.base.saturating_add(*offset);
            bounds.push((start, true, rank));
            bounds.push((start.saturating_add(*size), false, rank));
        }
    }
    bounds.sort_unstable();
    let mut parts: Vec<Part> = Vec::new();
    // Ranks with the number of blocks that are open.
    let mut open: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut bounds = bounds.into_iter().peekable();
    while let Some((at, opens, rank)) = bounds.next() {
        let blocks = open.entry(rank).or_default();
        if opens {
            *blocks += 1;
        } else {
            *blocks -= 1;
            if *blocks == 0 {
                open.remove(&rank);
            }
        }
        let Some((next, ..)) = bounds.peek() else { break };
        if *next == at || open.is_empty() {
            continue;
        }
        let addresses = at..*next;
        let users: BTreeSet<_> = open.keys().copied().filter(|rank| meets(&occupied[*rank], &addresses)).collect();
        let ranks: Vec<_> =
            if users.is_empty() { open.keys().copied().take(1).collect() } else { users.into_iter().collect() };
        let owners: Vec<_> = ranks.into_iter().map(|rank| peripherals[rank].0).collect();
        match parts.last_mut() {
            Some(last) if last.addresses.end == at && last.owners == owners => last.addresses.end = *next,
            _ => parts.push(Part { addresses, owners }),
        }
    }
    parts
}

/// The addresses of a peripheral's registers, in ascending order and apart from each other.
fn occupied(peripheral: &Peripheral) -> Vec<Range<u64>> {
    let address = |offset: usize| peripheral.base.saturating_add(offset as u64);
    let mut ranges: Vec<_> = peripheral
        .registers
        .iter()
        .map(|described| address(described.register.offset)..address(described.register.end()))
        .collect();
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

fn meets(ranges: &[Range<u64>], range: &Range<u64>) -> bool {
    let after = ranges.partition_point(|other| other.end <= range.start);
    ranges.get(after).is_some_and(|other| other.start < range.end)
}

#[cfg(test)]
mod tests {
    use super::{Part, partition};
    use crate::{
        map::{AccessKind, Effects, Register, Width},
        svd::description::{Described, Peripheral},
    };

    fn peripheral(base: u64, blocks: &[(u64, u64)], registers: &[usize]) -> Peripheral {
        let described = |offset: &usize| Described {
            register: Register::new("r", *offset, Width::U32, AccessKind::ReadWrite, 0),
            reset_mask: u64::MAX,
            effects: Effects::default(),
            constraints: Vec::new(),
        };
        Peripheral {
            name: "p".to_owned(),
            base,
            blocks: blocks.to_vec(),
            registers: registers.iter().map(described).collect(),
        }
    }

    fn parts(peripherals: &[Peripheral]) -> Vec<(u64, u64, Vec<usize>)> {
        let numbered: Vec<_> = peripherals.iter().enumerate().collect();
        let parts = partition(&numbered);
        parts.into_iter().map(|Part { addresses, owners }| (addresses.start, addresses.end, owners)).collect()
    }

    #[test]
    fn peripherals_that_share_their_addresses_share_a_region() {
        let shared = [peripheral(0x1000, &[(0, 0x100)], &[0, 4]), peripheral(0x1000, &[(0, 0x100)], &[0, 8])];
        assert_eq!(parts(&shared), [(0x1000, 0x1100, vec![0, 1])]);
    }

    #[test]
    fn a_block_that_is_too_large_gives_way_to_registers() {
        let nested = [peripheral(0x1000, &[(0, 0x1000)], &[0]), peripheral(0x1400, &[(0, 0x100)], &[0])];
        assert_eq!(parts(&nested), [(0x1000, 0x1400, vec![0]), (0x1400, 0x1500, vec![1]), (0x1500, 0x2000, vec![0])]);
    }

    #[test]
    fn blocks_of_one_peripheral_may_overlap_or_lie_apart() {
        let blocks = [peripheral(0x1000, &[(0, 0x100), (0x80, 0x100), (0x800, 0x10)], &[0])];
        assert_eq!(parts(&blocks), [(0x1000, 0x1180, vec![0]), (0x1800, 0x1810, vec![0])]);
    }
}
