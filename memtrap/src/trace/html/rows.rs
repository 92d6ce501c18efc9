//! The marks on the lanes.

use super::{
    super::{
        Trace,
        event::{AccessEvent, Direction, Event, EventKind, LineChange},
        json::Json,
        render, symbol,
    },
    Lanes,
};
use crate::bus::CodeLocation;
use std::collections::HashMap;

/// Everything that is drawn on the lanes, oldest first.
pub(super) struct Rows<'t> {
    pub(super) rows: Vec<Row<'t>>,
    /// The driver's source lines, each once.
    pub(super) sources: Vec<String>,
}

/// One mark: an event, or several equal accesses in a row.
pub(super) struct Row<'t> {
    lane: usize,
    first: &'t Event,
    /// Time of the last of the run.
    until: u64,
    count: usize,
    source: Option<usize>,
}

pub(super) fn rows<'t>(trace: &'t Trace, lanes: &Lanes<'_>) -> Rows<'t> {
    let mut sources = Sources::default();
    let rows = render::runs(&trace.events)
        .filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            Some(Row {
                lane: lanes.of(first),
                first,
                until: nanoseconds(last),
                count: run.len(),
                source: sources.of(first),
            })
        })
        .collect();
    Rows { rows, sources: sources.lines }
}

/// The driver's source lines, and the numbers of those that were asked for.
#[derive(Default)]
struct Sources {
    lines: Vec<String>,
    known: HashMap<CodeLocation, Option<usize>>,
}

impl Sources {
    fn of(&mut self, event: &Event) -> Option<usize> {
        let EventKind::Access(AccessEvent { access, .. }) = &event.kind else { return None };
        let Self { lines, known } = self;
        *known.entry(access.location).or_insert_with(|| {
            let line = match access.location {
                CodeLocation::Source(location) => Some(format!("{}:{}", location.file(), location.line())),
                CodeLocation::Instruction(address) => symbol::driver(address),
            }?;
            let number = lines.iter().position(|other| *other == line).unwrap_or_else(|| {
                lines.push(line);
                lines.len() - 1
            });
            Some(number)
        })
    }
}

fn nanoseconds(event: &Event) -> u64 {
    u64::try_from(event.time.as_nanos()).unwrap_or(u64::MAX)
}

impl Row<'_> {
    /// Writes the mark with short names: there are thousands of them.
    ///
    /// | member | |
    /// |---|---|
    /// | `l`, `t`, `n` | lane, time in ns, number of the access |
    /// | `k` | `r`, `w`: an access; `e`: an event; `.`: a remark; `%`: a fault; `0`: a reset; `<`, `>`: the device read, wrote memory; `+`, `-`, `^`, `(`, `)`: a line was raised, lowered, pulsed, its handler called and left |
    /// | `v` | value of an access, in hexadecimal |
    /// | `c`, `u` | number of equal accesses and time of the last of them |
    /// | `s` | number of the driver's source line |
    /// | `a` | bytes of the register before those of the access, and bytes of the access, if it is not all of the register |
    /// | `m` | `rmw`, `locked` |
    /// | `x` | a remark, a fault, an error, a number |
    pub(super) fn write(&self, json: &mut Json) {
        json.key("l").size(self.lane);
        json.key("t").number(nanoseconds(self.first));
        if self.first.sequence > 0 {
            json.key("n").number(self.first.sequence);
        }
        json.key("k").string(match &self.first.kind {
            EventKind::Access(AccessEvent { direction: Direction::Read, .. }) => "r",
            EventKind::Access(AccessEvent { direction: Direction::Write, .. }) => "w",
            EventKind::Note(_) => ".",
            EventKind::Reset => "0",
            EventKind::Event(_) => "e",
            EventKind::Fault(_) => "%",
            EventKind::Dma { direction: Direction::Read, .. } => "<",
            EventKind::Dma { direction: Direction::Write, .. } => ">",
            EventKind::Interrupt { change, .. } => match change {
                LineChange::Raised => "+",
                LineChange::Lowered => "-",
                LineChange::Pulsed => "^",
                LineChange::Entered => "(",
                LineChange::Left => ")",
            },
        });
        match &self.first.kind {
            EventKind::Access(access) => self.write_access(json, access),
            EventKind::Note(text) | EventKind::Fault(text) => json.key("x").string(text),
            EventKind::Event(number) => json.key("x").string(number),
            EventKind::Dma { length, .. } => json.key("x").string(length),
            EventKind::Interrupt { .. } => {
                if !self.first.region.is_empty() {
                    json.key("x").string(self.first.region);
                }
            }
            EventKind::Reset => {}
        }
    }

    fn write_access(&self, json: &mut Json, event: &AccessEvent) {
        let access = event.access;
        let digits = 2 * access.width.bytes();
        json.key("v").string(format_args!("{:0digits$x}", event.value));
        if self.count > 1 {
            json.key("c").size(self.count);
            json.key("u").number(self.until);
        }
        if let Some(source) = self.source {
            json.key("s").size(source);
        }
        let whole = |(register, place): (&crate::map::Register, crate::map::Place)| {
            place.within == 0 && register.width == access.width
        };
        if !event.place().is_some_and(whole) {
            let within = event.place().map_or(0, |(_, place)| place.within);
            json.key("a").array(|json| {
                json.size(within);
                json.size(access.width.bytes());
            });
        }
        match (access.read_modify_write, access.locked) {
            (_, true) => json.key("m").string("locked"),
            (true, false) => json.key("m").string("rmw"),
            (false, false) => {}
        }
        if let Some(error) = &event.error {
            json.key("x").string(error);
        }
    }
}
