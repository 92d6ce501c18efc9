//! Which bytes an instruction touches, found out without asking the decoder.
//!
//! The operand is slid across the edge of a page that is not mapped: the placements that fault tell where the bytes
//! end that the processor accesses. What a store writes is found by running it over two complementary contents: bytes
//! that are equal afterwards were written.

use crate::suite::{
    access_log,
    arena::{self, Arena, PAGE},
    device::{self, Entry},
    execute,
    generate::{self, Change, Instance},
    options::Door,
    random::Random,
    runner::Exit,
    xsave,
};
use iced_x86::{Mnemonic, OpAccess};
use std::{collections::BTreeSet, ops::Range};

/// Operands that are larger are not probed: they need an alignment that never meets an edge.
const LARGEST: usize = 128;
/// Mask bits that are probed one by one, at most.
const MASK_BITS: u32 = 4;

/// How far the oracle could look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) spans: usize,
    pub(crate) lanes: usize,
    pub(crate) stores: usize,
    /// Instances whose operand cannot be moved to an edge.
    pub(crate) unprobed: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.spans += other.spans;
        self.lanes += other.lanes;
        self.stores += other.stores;
        self.unprobed += other.unprobed;
    }
}

/// Violations in readable form. Runs natively; the windows may be open or closed.
pub(crate) fn violations(instance: &Instance, seed: u64, log: &[Entry], tally: &mut Tally) -> Vec<String> {
    let mut found = Vec::new();
    let Some(operand) = instance.operand.filter(|_| !asks_the_cache(instance)) else {
        tally.unprobed += 1;
        return found;
    };
    let prober = Prober { instance, seed };
    let relative = |entry: &Entry| {
        let start = entry.address.wrapping_sub(operand.address).cast_signed();
        start..start + entry.size as i64
    };
    let touched: BTreeSet<i64> = log.iter().flat_map(relative).collect();
    let in_device = |at: &i64| device::in_device(instance.arena, operand.address.wrapping_add_signed(*at));

    let access = access_log::operand_access(instance);
    if matches!(access, OpAccess::Write | OpAccess::CondWrite) || access_log::updates_header(instance) {
        let Some(written) = prober.written() else {
            tally.unprobed += 1;
            return found;
        };
        tally.stores += 1;
        let got: BTreeSet<i64> = log.iter().filter(|entry| entry.write).flat_map(relative).collect();
        let expected: BTreeSet<i64> = written.into_iter().filter(in_device).collect();
        // What is updated in the header depends on what was there.
        let header = xsave::XSTATE_BV as i64..xsave::XSTATE_BV as i64 + 64;
        let known = |at: &i64| !(access_log::updates_header(instance) && header.contains(at));
        difference(&mut found, "written", &expected, &got, known);
        return found;
    }

    let Some(span) = prober.span(None) else {
        tally.unprobed += 1;
        return found;
    };
    tally.spans += 1;
    let lanes = operand.mask.map(|(mask, lanes)| mask & (u64::MAX >> (64 - lanes)));
    let by_lane =
        lanes.filter(|mask| (1..=MASK_BITS).contains(&mask.count_ones())).map(|mask| prober.lanes(mask, &span));
    let expected: BTreeSet<i64> = match (lanes, by_lane) {
        (_, Some(Some(by_lane))) => {
            tally.lanes += 1;
            by_lane
        }
        // Too many lanes to probe: only the ends are known.
        (Some(_), _) => touched.range(span.start..span.end).copied().chain(ends(&span)).collect(),
        (None, _) => span.clone().collect(),
    };
    let expected: BTreeSet<i64> = expected.into_iter().filter(in_device).collect();
    difference(&mut found, "touched", &expected, &touched, |_| true);
    found
}

/// Says which bytes of the operand, among those that are `known`, only one of the two has.
fn difference(
    found: &mut Vec<String>,
    what: &str,
    processor: &BTreeSet<i64>,
    device: &BTreeSet<i64>,
    known: impl Fn(&i64) -> bool,
) {
    let native: Vec<i64> = processor.difference(device).copied().filter(&known).collect();
    let trapped: Vec<i64> = device.difference(processor).copied().filter(known).collect();
    if !native.is_empty() || !trapped.is_empty() {
        found.push(format!(
            "access log: bytes of the operand that are {what} natively only: {native:?}, on the device only: {trapped:?}"
        ));
    }
}

/// Instructions that fault as an access would, but only ask something of the cache: a device has none.
fn asks_the_cache(instance: &Instance) -> bool {
    matches!(instance.form.code.mnemonic(), Mnemonic::Clflush | Mnemonic::Clflushopt | Mnemonic::Clwb)
}

fn ends(span: &Range<i64>) -> impl Iterator<Item = i64> {
    [span.start, span.end - 1].into_iter().filter({
        let span = span.clone();
        move |at| span.contains(at)
    })
}

struct Prober<'a> {
    instance: &'a Instance,
    seed: u64,
}

impl Prober<'_> {
    /// The bytes from the first to the last that the processor touches, relative to the operand; `None` if the operand
    /// cannot be placed freely.
    fn span(&self, mask: Option<u64>) -> Option<Range<i64>> {
        let size = self.instance.operand?.size;
        if size > LARGEST {
            return None;
        }
        let probe = self.instance.arena.probe();
        // Each search is for the one place where the answer changes.
        // The decoder's idea of the size is not trusted: the processor may touch more.
        let end = first(0..2 * size + 8, |length| self.faults(probe.end - length as u64, mask).map(|faults| !faults))?;
        let start = first(0..end + 1, |before| self.faults(probe.start - before as u64, mask))?;
        let start = (start as i64 - 1).max(0);
        Some(if end == 0 { 0..0 } else { start..end as i64 })
    }

    /// The bytes that are touched with several mask bits set, out of what is touched with each of them alone; `None` if that
    /// cannot be found out.
    fn lanes(&self, mask: u64, whole: &Range<i64>) -> Option<BTreeSet<i64>> {
        let bits = (0..64).filter(|bit| mask & 1 << bit != 0);
        let alone: Option<Vec<Range<i64>>> = bits.map(|bit| self.span(Some(1 << bit))).collect();
        let together: BTreeSet<i64> = alone?.into_iter().flatten().collect();
        let same_ends = together.first() == Some(&whole.start) && together.last() == Some(&(whole.end - 1));
        // An expanding load reads as many elements as there are bits, from the start: alone, each reads the first.
        Some(if same_ends { together } else { whole.clone().collect() })
    }

    /// Whether the processor meets the unmapped page with the operand at `target`; `None` if it does not get so far.
    fn faults(&self, target: u64, mask: Option<u64>) -> Option<bool> {
        let (_, exit, _) = self.run(target, mask, false)?;
        let probe = self.instance.arena.probe();
        let Exit::Raised(raised) = exit else { return Some(false) };
        match raised.page_fault {
            Some(address) if (probe.start - PAGE..probe.start).contains(&address) => Some(true),
            Some(address) if (probe.end..probe.end + PAGE).contains(&address) => Some(true),
            _ if access_log::finished(self.instance, exit) => Some(false),
            // An arithmetic exception comes after the operand was read.
            None if raised.signal == libc::SIGFPE => Some(false),
            _ => None,
        }
    }

    /// The bytes of the operand that a store writes.
    fn written(&self) -> Option<BTreeSet<i64>> {
        let operand = self.instance.operand?;
        let probe = self.instance.arena.probe();
        // Somewhere in the middle, as aligned as the operand was.
        let target = probe.start + 512 + operand.address % 64;
        let (_, exit, plain) = self.run(target, None, false)?;
        let (_, _, complemented) = self.run(target, None, true)?;
        if matches!(exit, Exit::Raised(_)) {
            return None;
        }
        let start = (target - probe.start) as i64;
        let written = plain.iter().zip(&complemented).enumerate().filter(|(_, (a, b))| a == b);
        Some(written.map(|(at, _)| at as i64 - start).collect())
    }

    /// Runs the instance with its operand at `target` in the probe area; returns the area's contents afterwards.
    fn run(&self, target: u64, mask: Option<u64>, complement: bool) -> Option<(Arena, Exit, Vec<u8>)> {
        let change = Change { target: Some(target), mask };
        let moved = generate::instance(self.instance.form, self.seed, self.instance.index, change).ok()?;
        // Another attempt may have been drawn than the first time; then this is another instance.
        let same = moved.arena == self.instance.arena
            && moved.instruction.code() == self.instance.instruction.code()
            && moved.operand.map(|operand| operand.address) == Some(target);
        if !same {
            return None;
        }
        let probe = moved.arena.probe();
        let mut contents = vec![0; (probe.end - probe.start) as usize];
        Random::of(self.seed, 0, self.instance.index).fill(&mut contents);
        execute::patch(&mut contents, probe.start, &moved.memory);
        if complement {
            contents.iter_mut().for_each(|byte| *byte = !*byte);
        }
        arena::write(probe.start, &contents);
        execute::place(&moved, Door::Trapped);
        let (_, exit) = execute::run(&moved);
        arena::read(probe.start, &mut contents);
        Some((moved.arena, exit, contents))
    }
}

/// The first number in `range` for which `holds`, which is false up to some number and true from there on; its end if
/// there is none.
fn first(range: Range<usize>, holds: impl Fn(usize) -> Option<bool>) -> Option<usize> {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if holds(middle)? { end = middle } else { start = middle + 1 }
    }
    Some(start)
}
