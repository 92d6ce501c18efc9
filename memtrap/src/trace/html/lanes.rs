//! The lanes of the time line, from top to bottom.

use super::super::{
    Trace,
    event::{AccessEvent, Event, EventKind, place},
    json::Json,
};
use crate::map::Register;
use std::collections::BTreeMap;

/// What a lane shows. In the order in which they are drawn: the regions as they were mapped, then the interrupt lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// By number.
    Region(usize, Part),
    /// An interrupt line and its handler.
    Line(u32),
}

/// A part of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The register whose first byte is at this offset.
    Register(usize),
    /// What the model did, and what was done to it.
    Model,
}

/// A lane.
struct Lane {
    /// Region, or nothing for an interrupt line.
    group: &'static str,
    /// What stands at its beginning.
    name: String,
    register: Option<&'static Register>,
}

/// All lanes.
pub(super) struct Lanes<'t> {
    trace: &'t Trace,
    lanes: BTreeMap<Subject, Lane>,
}

impl<'t> Lanes<'t> {
    pub(super) fn new(trace: &'t Trace) -> Self {
        let mut lanes = Self { trace, lanes: BTreeMap::new() };
        for event in &trace.events {
            let subject = lanes.subject(event);
            lanes.lanes.entry(subject).or_insert_with(|| lane(event));
        }
        lanes
    }

    /// The number of an event's lane, counted from 0.
    pub(super) fn of(&self, event: &Event) -> usize {
        self.lanes.range(..self.subject(event)).count()
    }

    fn subject(&self, event: &Event) -> Subject {
        // A region that nobody has declared to the trace comes last.
        let region = self.trace.regions.iter().position(|region| region.name == event.region);
        let region = region.unwrap_or(self.trace.regions.len());
        match &event.kind {
            EventKind::Access(access) => Subject::Region(region, Part::Register(start(access))),
            EventKind::Interrupt { line, .. } => Subject::Line(*line),
            _ => Subject::Region(region, Part::Model),
        }
    }

    pub(super) fn write(&self, json: &mut Json) {
        for Lane { group, name, register } in self.lanes.values() {
            json.line();
            json.object(|json| {
                json.key("group").string(group);
                json.key("name").string(name);
                let Some(register) = register else { return };
                json.key("bits").number(register.width.bits());
                json.key("fields").array(|json| {
                    for field in register.fields {
                        json.array(|json| {
                            json.string(field.name);
                            json.number(field.lsb);
                            json.number(field.bits);
                        });
                    }
                });
            });
        }
    }
}

/// Offset of the first byte of the register, or of the access where there is none.
fn start(access: &AccessEvent) -> usize {
    access.access.offset - access.place().map_or(0, |(_, place)| place.within)
}

fn lane(event: &Event) -> Lane {
    match &event.kind {
        EventKind::Access(access) => {
            // The name without that of the region, which is drawn once for all its lanes.
            let name = place("", access.registers, start(access));
            let register = access.place().map(|(register, _)| register);
            Lane { group: event.region, name: name.trim_start_matches('.').to_owned(), register }
        }
        EventKind::Interrupt { line, .. } => Lane { group: "", name: format!("irq {line}"), register: None },
        _ => Lane { group: event.region, name: "(model)".to_owned(), register: None },
    }
}
