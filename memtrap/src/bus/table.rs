//! Address → region, in flat time and without a lock.
//!
//! A three-level radix tree over page numbers, as a processor's page table. A range that covers a whole middle entry
//! (16 MiB, aligned) takes that entry instead of 4,096 leaves, so a large region costs address space, not memory.
//! Nodes and regions live until the process ends: a lookup is a handful of loads, may run in a signal handler, and
//! what it returns is valid for ever.

use super::{belonging, mapping::Mapping};
use crate::map::Width;
use std::{
    cell::Cell as ThreadCell,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Size of a page in bytes: the unit in which addresses are reserved.
pub(crate) const PAGE: usize = 4096;

/// Entries of one node. Three levels of 12 bits over 12-bit pages cover 48-bit addresses.
const FANOUT: usize = 4096;
const BITS: u32 = 12;
/// Pages under one middle entry.
const BLOCK_PAGES: usize = FANOUT;
/// First address the tree does not cover.
pub(crate) const ADDRESS_LIMIT: usize = 1 << 48;

/// Regions that a thread remembers.
const REMEMBERED: usize = 16;

type Root = [OnceLock<Box<[Middle]>>; FANOUT];

/// The regions of 16 MiB: those that cover it whole, and those of its pages.
#[derive(Default)]
struct Middle {
    whole: Chain,
    pages: OnceLock<Box<[Chain]>>,
}

/// Regions that share a page, newest first: 1 + the number of the first cell, or 0.
#[derive(Default)]
struct Chain(AtomicU32);

/// One region's place in a [`Chain`].
struct Cell {
    mapping: &'static Mapping,
    next: Chain,
}

static ROOT: Root = [const { OnceLock::new() }; FANOUT];

impl Chain {
    fn first(&self) -> Option<&'static Cell> {
        cells::get(self.0.load(Ordering::Acquire).checked_sub(1)?)
    }

    fn iter(&self) -> impl Iterator<Item = &'static Mapping> {
        std::iter::successors(self.first(), |cell| cell.next.first()).map(|cell| cell.mapping)
    }

    /// Puts `mapping` first and drops retired regions that it replaces. Writers are serialised by the caller; a
    /// reader sees the chain before or after. A chain that once had a cell is never empty again.
    fn insert(&self, mapping: &'static Mapping) {
        let mut kept = 0;
        let keep: Vec<_> = self.iter().filter(|other| other.is_live() || !other.overlaps(mapping)).collect();
        for other in keep.into_iter().rev() {
            kept = 1 + cells::push(Cell { mapping: other, next: Chain(AtomicU32::new(kept)) });
        }
        let first = 1 + cells::push(Cell { mapping, next: Chain(AtomicU32::new(kept)) });
        self.0.store(first, Ordering::Release);
    }
}

/// An append-only list of [`Cell`]s with stable addresses, so that an index is all a chain needs to hold.
mod cells {
    use super::Cell;
    use std::sync::{Mutex, OnceLock, PoisonError};

    const FIRST: usize = 64;
    /// Chunk `n` holds `FIRST << n` cells.
    static CHUNKS: [OnceLock<Box<[OnceLock<Cell>]>>; 26] = [const { OnceLock::new() }; 26];
    static LENGTH: Mutex<u32> = Mutex::new(0);

    fn place(index: u32) -> (usize, usize) {
        let biased = index as usize + FIRST;
        let chunk = (biased.ilog2() - FIRST.ilog2()) as usize;
        (chunk, biased - (FIRST << chunk))
    }

    pub(super) fn get(index: u32) -> Option<&'static Cell> {
        let (chunk, slot) = place(index);
        CHUNKS.get(chunk)?.get()?[slot].get()
    }

    pub(super) fn push(cell: Cell) -> u32 {
        let mut length = LENGTH.lock().unwrap_or_else(PoisonError::into_inner);
        let index = *length;
        let (chunk, slot) = place(index);
        let slots = CHUNKS[chunk].get_or_init(|| (0..FIRST << chunk).map(|_| OnceLock::new()).collect());
        let fresh = slots[slot].set(cell).is_ok();
        debug_assert!(fresh, "an index is handed out once");
        *length += 1;
        index
    }
}

fn split(address: usize) -> Option<(usize, usize, usize)> {
    let page = address / PAGE;
    let root = page >> (2 * BITS);
    (root < FANOUT).then_some((root, (page >> BITS) % FANOUT, page % FANOUT))
}

/// All regions, live and retired, whose pages include `address`, newest first.
fn at_page(address: usize) -> impl Iterator<Item = &'static Mapping> {
    let middle = split(address).and_then(|(root, middle, leaf)| Some((&ROOT[root].get()?[middle], leaf)));
    let whole = middle.and_then(|(middle, _)| middle.whole.first());
    let pages = middle.and_then(|(middle, leaf)| middle.pages.get()?[leaf].first());
    let cells = |first| std::iter::successors(first, |cell: &&'static Cell| cell.next.first());
    cells(pages).chain(cells(whole)).map(|cell| cell.mapping)
}

/// What the table knows about an address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lookup {
    /// A region answers here, or answered before it was retired.
    Region(&'static Mapping),
    /// Regions of several tests are here, this one among them and perhaps that one, and the thread belongs to none of them.
    Others(&'static Mapping, Option<&'static Mapping>),
    /// The page belongs to this region and perhaps others, but the address lies in none of them.
    Gap(&'static Mapping),
    /// Not an address of memtrap's.
    Foreign,
}

thread_local! {
    /// The regions that this thread has found last, by the lowest bits of the number of their page.
    static RECENT: [ThreadCell<Option<&'static Mapping>>; REMEMBERED] =
        const { [const { ThreadCell::new(None) }; REMEMBERED] };
}

/// The region at `address` if it is one that this thread has found before.
#[inline]
pub(crate) fn recent(address: usize) -> Option<&'static Mapping> {
    // A region that is alone at its addresses is the one as long as it lives and stays so.
    let last = RECENT.with(|recent| recent[address / PAGE % REMEMBERED].get());
    last.filter(|last| last.contains(address) && last.is_certain())
}

/// The region that answers the access as one piece, with the offset in it, if it is one that this thread has found before, and
/// alone at its addresses.
#[inline(always)]
pub(crate) fn recent_piece(address: usize, width: Width) -> Option<(&'static Mapping, usize)> {
    let last = RECENT.with(|recent| recent[address / PAGE % REMEMBERED].get())?;
    let offset = last.takes(address, width)?;
    last.is_alone().then_some((last, offset))
}

/// The region that answers the access as one piece, with the offset in it, if there is no doubt about it.
#[inline]
pub(crate) fn piece(address: usize, width: Width) -> Option<(&'static Mapping, usize)> {
    recent_piece(address, width).or_else(|| found_piece(address, width))
}

/// As [`piece`], whatever the thread has accessed lately.
#[cold]
fn found_piece(address: usize, width: Width) -> Option<(&'static Mapping, usize)> {
    match lookup(address) {
        Lookup::Region(mapping) if mapping.is_live() => Some((mapping, mapping.takes(address, width)?)),
        _ => None,
    }
}

/// The region that this thread has found last, if all of `length` bytes at `address` lie in it, with their offset.
#[cfg(trap)]
pub(crate) fn recent_range(address: usize, length: usize) -> Option<(&'static Mapping, usize)> {
    let mapping = recent(address)?;
    (length <= mapping.end() - address).then(|| (mapping, address - mapping.start()))
}

/// Finds the region at `address`. Lock-free.
pub(crate) fn lookup(address: usize) -> Lookup {
    if let Some(last) = recent(address) {
        return Lookup::Region(last);
    }
    let found = newest(address).map_or_else(|| search(address), Lookup::Region);
    if let Lookup::Region(mapping) = found {
        RECENT.with(|recent| recent[address / PAGE % REMEMBERED].set(Some(mapping)));
    }
    found
}

/// The region that was mapped last at the page of `address`, if there is no doubt that it is the one.
fn newest(address: usize) -> Option<&'static Mapping> {
    let (root, middle, leaf) = split(address)?;
    let middle = &ROOT[root].get()?[middle];
    let first = middle.pages.get().and_then(|pages| pages[leaf].first()).or_else(|| middle.whole.first())?;
    Some(first.mapping).filter(|mapping| mapping.contains(address) && mapping.is_certain())
}

#[cold]
fn search(address: usize) -> Lookup {
    let mut retired: Option<&'static Mapping> = None;
    let mut gap = None;
    // The thread's own, with how many of its buses come before; and those of others.
    let mut own: Option<(usize, &'static Mapping)> = None;
    let mut others = [None; 2];
    for mapping in at_page(address) {
        if !mapping.contains(address) {
            gap = gap.or(Some(mapping));
        } else if !mapping.is_live() {
            retired = retired.or(Some(mapping));
        } else if let Some(rank) = belonging::rank(mapping.bus_number()) {
            own = own.filter(|(before, _)| *before < rank).or(Some((rank, mapping)));
        } else if others[0].is_none() {
            others[0] = Some(mapping);
        } else {
            others[1] = Some(mapping);
        }
    }
    match (own, others) {
        (Some((_, mapping)), _) => Lookup::Region(mapping),
        (None, [Some(other), another]) => stranger(address, other, another, retired),
        (None, [None, _]) => match (retired, gap) {
            (Some(retired), _) => Lookup::Region(retired),
            (None, Some(neighbour)) => Lookup::Gap(neighbour),
            (None, None) => Lookup::Foreign,
        },
    }
}

/// What a thread means that belongs to none of the buses that have a region at `address`.
fn stranger(
    address: usize,
    other: &'static Mapping,
    another: Option<&'static Mapping>,
    retired: Option<&'static Mapping>,
) -> Lookup {
    // There is only one, and never was another.
    if another.is_none() && !other.is_shared() {
        return Lookup::Region(other);
    }
    if !belonging::is_none() {
        return match retired.filter(|retired| belonging::rank(retired.bus_number()).is_some()) {
            Some(retired) => Lookup::Region(retired),
            None => Lookup::Others(other, another),
        };
    }
    let here = || at_page(address).filter(|mapping| mapping.contains(address) && mapping.is_live());
    match belonging::adopt(here().map(Mapping::bus_number)) {
        Some(bus) => here().find(|mapping| mapping.bus_number() == bus).map_or(Lookup::Foreign, Lookup::Region),
        None if another.is_none() => Lookup::Region(other),
        None => Lookup::Others(other, another),
    }
}

/// Whether the page of `address` belongs to a region, live or retired. Lock-free and safe in a signal handler.
#[cfg(any(trap, test))]
pub(crate) fn is_claimed(address: usize) -> bool {
    at_page(address).next().is_some()
}

/// A live region that overlaps `size` bytes at `start` and is wanted. One that covers several pages may be asked for again.
pub(super) fn live_overlap(
    start: usize,
    size: usize,
    mut is_wanted: impl FnMut(&'static Mapping) -> bool,
) -> Option<&'static Mapping> {
    let end = start + size;
    let mut page = start - start % PAGE;
    while page < end {
        let (root, middle, _) = split(page)?;
        let Some(node) = ROOT[root].get() else {
            page = next_multiple(page, PAGE << (2 * BITS));
            continue;
        };
        let found = at_page(page)
            .find(|mapping| mapping.is_live() && mapping.overlaps_range(start, size) && is_wanted(mapping));
        if found.is_some() {
            return found;
        }
        page = if node[middle].pages.get().is_none() { next_multiple(page, PAGE << BITS) } else { page + PAGE };
    }
    None
}

fn next_multiple(address: usize, of: usize) -> usize {
    (address / of + 1) * of
}

/// Makes `mapping` findable. Callers hold the lock of [`mapping`](super::mapping) and have checked for overlaps.
pub(super) fn insert(mapping: &'static Mapping) {
    let first = mapping.start() / PAGE;
    let last = (mapping.end() - 1) / PAGE;
    let mut page = first;
    while page <= last {
        let (root, middle, leaf) = split(page * PAGE).expect("a mapping lies below ADDRESS_LIMIT");
        let node = ROOT[root].get_or_init(|| (0..FANOUT).map(|_| Middle::default()).collect());
        if leaf == 0 && last - page >= BLOCK_PAGES - 1 {
            node[middle].whole.insert(mapping);
            page += BLOCK_PAGES;
        } else {
            let pages = node[middle].pages.get_or_init(|| (0..FANOUT).map(|_| Chain::default()).collect());
            pages[leaf].insert(mapping);
            page += 1;
        }
    }
}

#[cfg(test)]
mod tests;
