//! Room for pads where a site's jump can reach them.

use super::{
    super::pages::code,
    ranges::{self, Ranges},
    record::{self, Record},
};
use crate::bus::table::PAGE;
use std::{
    ops::Range,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Size of a chunk's code in bytes. A pad may start anywhere in the first page.
const CODE: usize = 2 * PAGE;
/// Records of a chunk; the first place holds the ranges.
pub(super) const RECORDS: usize = PAGE / size_of::<Record>() - 1;
/// Pads are put near the site, in steps of this, if they may be anywhere.
const STEP: usize = 16 << 20;
/// Places that are tried for a new chunk.
const TRIES: usize = 64;
/// First address that a program may map, by default.
const LOWEST: usize = 0x1_0000;
/// End of user space with four-level page tables.
const HIGHEST: usize = (1 << 47) - PAGE;

/// A range of code pages and the data page behind them, if it is for pads.
pub(super) struct Chunk {
    code: Range<usize>,
    /// What is taken, in ascending order.
    used: Vec<Range<usize>>,
    /// Records that are taken; `None` in a chunk without a data page.
    records: Option<usize>,
}

/// Room for one pad.
pub(super) struct Place {
    /// Where the pad starts.
    pub(super) start: usize,
    /// The address of the ranges the pad compares with: [`ranges::COUNT`] pairs of start and length.
    pub(super) ranges: usize,
    pub(super) record: *mut Record,
}

/// All chunks.
#[derive(Default)]
pub(super) struct Space {
    chunks: Vec<Chunk>,
}

/// The addresses a pad may start at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window(pub(super) Range<usize>);

impl Window {
    /// The window of a jump of five bytes at `site` whose last bytes are `fixed`, and the others free.
    ///
    /// Empty if it lies outside of the address space.
    pub(super) fn of_jump(site: usize, fixed: &[u8]) -> Self {
        const JUMP: usize = 5;
        /// What may lie between a pad's start and what it refers to, beside the distance of the jump itself.
        const MARGIN: i64 = 1 << 16;
        let next = (site + JUMP) as i64;
        let free = 4 - fixed.len();
        let mut low = [0; 4];
        low[free..].copy_from_slice(fixed);
        let (first, length) = match free {
            4 => (i64::from(i32::MIN) + MARGIN, (1_i64 << 32) - 2 * MARGIN),
            _ => (i64::from(i32::from_le_bytes(low)), 1_i64 << (8 * free)),
        };
        let start = (next + first).clamp(LOWEST as i64, HIGHEST as i64);
        let end = (next + first + length).clamp(LOWEST as i64, HIGHEST as i64);
        Self(start as usize..end as usize)
    }

    /// The addresses that are in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        let start = self.0.start.max(other.0.start);
        Self(start..self.0.end.min(other.0.end).max(start))
    }

    /// Whether it is not much larger than a pad.
    pub(super) fn is_small(&self) -> bool {
        self.0.len() <= 256
    }
}

impl Space {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// Room for a pad of `size` bytes that starts in `window`, near `site` if it can choose.
    pub(super) fn take(&mut self, window: &Window, size: usize, site: usize, ranges: &Ranges) -> Option<Place> {
        let place = |chunk: &mut Chunk| chunk.take(window, size);
        if let Some(place) = self.chunks.iter_mut().find_map(place) {
            return Some(place);
        }
        place(self.add(window, site, ranges)?)
    }

    /// Room for code of `size` bytes that is no pad and starts in `window`, which is small. It has pages of its own, and no more of
    /// them than it must: the windows of other sites are next to it, if the same instruction follows them.
    pub(super) fn take_code(&mut self, window: &Window, size: usize) -> Option<usize> {
        let place = |chunk: &mut Chunk| chunk.take_code(window, size);
        if let Some(start) = self.chunks.iter_mut().find_map(place) {
            return Some(start);
        }
        let Window(Range { start, end }) = *window;
        let pages = start - start % PAGE..(end + size - 1).next_multiple_of(PAGE);
        let ways = [pages.clone(), pages.start..pages.start + PAGE, pages.end - PAGE..pages.end];
        ways.into_iter().filter(|pages| !window.0.is_empty() && is_for_programs(pages)).find_map(|code| {
            code::map_pad(code.start, code.len(), 0).ok()?;
            self.chunks.push(Chunk { code, used: Vec::new(), records: None });
            self.chunks.last_mut().and_then(place)
        })
    }

    /// Maps a chunk in which a pad may start in `window`.
    fn add(&mut self, window: &Window, site: usize, ranges: &Ranges) -> Option<&mut Chunk> {
        let start = candidates(window, site).find(|start| map(*start).is_some())?;
        let chunk = Chunk { code: start..start + CODE, used: Vec::new(), records: Some(0) };
        chunk.set_ranges(ranges);
        self.chunks.push(chunk);
        self.chunks.last_mut()
    }

    /// Has all pads compare with these ranges.
    pub(super) fn set_ranges(&self, ranges: &Ranges) {
        self.chunks.iter().for_each(|chunk| chunk.set_ranges(ranges));
    }
}

/// Page addresses at which a chunk would have room for a pad that starts in `window`.
fn candidates(window: &Window, site: usize) -> impl Iterator<Item = usize> {
    let Window(window) = window.clone();
    let pages = window.start / PAGE..window.end.div_ceil(PAGE);
    let anywhere = window.len() > 2 * TRIES * STEP;
    let step = (pages.len() / TRIES).max(1);
    let candidates = (0..TRIES.min(pages.len())).map(move |number| {
        if anywhere {
            // Below the site first: behind a program lies its heap, which grows.
            let distance = (1 + number / 2) * STEP;
            let from = site - site % PAGE;
            return if number % 2 == 0 { from.saturating_sub(distance) } else { from + distance };
        }
        (pages.start + number * step) * PAGE
    });
    candidates.filter(move |page| page + CODE > window.start && *page < window.end)
}

/// Whether a program may map these addresses.
fn is_for_programs(pages: &Range<usize>) -> bool {
    pages.start >= LOWEST && pages.end <= HIGHEST
}

/// Maps a chunk at `start`.
fn map(start: usize) -> Option<()> {
    if !is_for_programs(&(start..start + CODE + PAGE)) {
        return None;
    }
    code::map_pad(start, CODE, PAGE).ok()?;
    let records = ptr::with_exposed_provenance_mut::<Record>(start + CODE).wrapping_add(1);
    let published = (start..start + CODE).step_by(PAGE).all(|page| record::publish(page, records));
    published.then_some(())
}

impl Chunk {
    /// Room for a pad of `size` bytes that starts in `window`.
    fn take(&mut self, window: &Window, size: usize) -> Option<Place> {
        let taken = self.records.filter(|taken| *taken < RECORDS)?;
        let start = self.take_code(window, size)?;
        let data = self.code.end;
        let record = ptr::with_exposed_provenance_mut::<Record>(data).wrapping_add(1 + taken);
        self.records = Some(taken + 1);
        Some(Place { start, ranges: data, record })
    }

    /// Room for `size` bytes that start in `window`.
    fn take_code(&mut self, Window(window): &Window, size: usize) -> Option<usize> {
        if window.end <= self.code.start || self.code.end <= window.start {
            return None;
        }
        let mut start = window.start.max(self.code.start);
        let mut position = 0;
        for used in &self.used {
            if start + size <= used.start {
                break;
            }
            start = start.max(used.end);
            position += 1;
        }
        if start >= window.end || start + size > self.code.end {
            return None;
        }
        self.used.insert(position, start..start + size);
        Some(start)
    }

    fn set_ranges(&self, ranges: &Ranges) {
        if self.records.is_none() {
            return;
        }
        let words = ptr::with_exposed_provenance_mut::<AtomicUsize>(self.code.end);
        // SAFETY: The data page starts with so many words, which are only used as atomics, by this function and by the
        // pads' loads. It is never unmapped.
        let words = unsafe { std::slice::from_raw_parts(words, 2 * ranges::COUNT) };
        for (pair, range) in words.chunks_exact(2).zip(&ranges.0) {
            // A pad that sees one but not yet the other takes the wrong way, which is the longer one, not a wrong one.
            pair[0].store(range.start, Ordering::Relaxed);
            pair[1].store(range.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunk, PAGE, RECORDS, Space, Window};

    #[test]
    fn a_window_is_what_the_fixed_bytes_leave() {
        let site = 0x5555_5555_0000;
        let Window(two_free) = Window::of_jump(site, &[0x34, 0x12]);
        assert_eq!(two_free, site + 5 + 0x1234_0000..site + 5 + 0x1235_0000);
        let Window(none_free) = Window::of_jump(site, &[1, 2, 3, 4]);
        assert_eq!(none_free, site + 5 + 0x0403_0201..site + 5 + 0x0403_0202);
        let Window(backwards) = Window::of_jump(site, &[0xff]);
        assert_eq!(backwards, site + 5 - 0x100_0000..site + 5);
        let Window(both) = Window::of_jump(site, &[]).and(&Window::of_jump(site + 0x7000_0000, &[]));
        assert!(both.start > site - 0x1000_0000 && both.end > site + 0x7000_0000);
        let Window(below_everything) = Window::of_jump(0x40_0000, &[0, 0x80]);
        assert!(below_everything.is_empty());
        let Window(all) = Window::of_jump(site, &[]);
        assert!(all.len() > 0xfff0_0000 && all.contains(&site));
    }

    #[test]
    fn pads_of_a_chunk_do_not_overlap() {
        let mut chunk = Chunk { code: 0x10_0000..0x10_2000, used: Vec::new(), records: Some(0) };
        let mut starts = |window, size| chunk.take(&Window(window), size).map(|place| place.start);
        assert_eq!(starts(0..usize::MAX, 0x100), Some(0x10_0000));
        assert_eq!(starts(0x10_0180..0x10_0190, 0x100), Some(0x10_0180));
        assert_eq!(starts(0..usize::MAX, 0x80), Some(0x10_0100), "between the two");
        assert_eq!(starts(0x10_0200..0x10_0280, 0x10), None, "taken");
        assert_eq!(starts(0x10_1ff8..0x10_1fff, 0x10), None, "the pad would not end in the chunk");
        assert_eq!(starts(0..0x10_0000, 0x10), None);
        while starts(0..usize::MAX, 1).is_some() {}
        assert_eq!(chunk.records, Some(RECORDS));
    }

    #[test]
    fn jumps_to_neighbouring_pages_find_room() {
        const FREE: usize = 0x2000_0000_0000;
        let mut space = Space::new();
        for start in [0x4e, 2 * PAGE + 0x4e, PAGE + 0x4e, 4 * PAGE - 3, 3 * PAGE + 0x4e, 0x4e] {
            let window = Window(FREE + start..FREE + start + 0x100);
            let found = space.take_code(&window, 5).expect("there is room");
            assert!(window.0.contains(&found), "{found:#x} {window:x?}");
        }
        assert_eq!(space.take_code(&Window(5..5), 5), None);
        assert_eq!(space.take_code(&Window(0x10..0x20), 5), None, "no program may be there");
    }
}
