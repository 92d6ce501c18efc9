//! A trace as JSON.

use super::{
    Trace,
    event::{AccessEvent, Event, EventKind, TracedRegion},
    json::Json,
};

/// Version of the schema. It changes when a member changes its meaning or goes; members may be added.
const VERSION: u64 = 1;

impl Trace {
    /// The trace as JSON, one event a line.
    ///
    /// | member | what it is |
    /// |---|---|
    /// | `format`, `version` | `"memtrap-trace"`, 1; the version changes when a member changes its meaning or goes |
    /// | `dropped` | number of events that are missing at the beginning |
    /// | `regions` | list of `name`, `size` in bytes, and `registers` if the device names them: `name`, `offset` and `width` in bytes, `access` (`ro`, `wo`, `rw`), `count` and `stride` in bytes for an array |
    /// | `events` | list of events, oldest first |
    ///
    /// Every event has `kind` and `time_ns`, the virtual time since the bus was made; `region`, if it belongs to one; and
    /// `sequence`, the number of its access, if it belongs to one. By kind:
    ///
    /// | `kind` | members |
    /// |---|---|
    /// | `access` | `direction` (`read`, `write`), `offset` and `width` in bytes, `value` as hexadecimal text, `fields` with the values of those that are not zero, `register` and `element` if there are such, `rmw` and `locked` if the instruction was a read-modify-write and had a `LOCK` prefix, `error` if the device refused |
    /// | `interrupt` | `line`, `change` |
    /// | `event` | `event`, the model's number for it |
    /// | `dma` | `direction` (`read`: the device read memory), `length` in bytes |
    /// | `note` | `text` |
    /// | `fault` | `text`: what an injected fault did to the access |
    /// | `reset` | none |
    ///
    /// As the text of a trace, it is free of addresses.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.object(|json| {
            json.key("format").string("memtrap-trace");
            json.key("version").number(VERSION);
            json.key("dropped").number(self.dropped + self.left_out);
            json.key("regions").array(|json| {
                self.regions.iter().for_each(|entry| {
                    json.line();
                    json.object(|json| region(json, entry));
                });
            });
            json.key("events").array(|json| {
                self.events.iter().for_each(|entry| {
                    json.line();
                    json.object(|json| event(json, entry));
                });
            });
        });
        json.finish()
    }
}

fn region(json: &mut Json, region: &TracedRegion) {
    json.key("name").string(region.name);
    json.key("size").size(region.size);
    let Some(map) = region.registers else { return };
    json.key("registers").array(|json| {
        for register in map.registers {
            json.object(|json| {
                json.key("name").string(register.name);
                json.key("offset").size(register.offset);
                json.key("width").size(register.width.bytes());
                json.key("access").string(match (register.access.is_readable(), register.access.is_writable()) {
                    (true, false) => "ro",
                    (false, true) => "wo",
                    _ => "rw",
                });
                if let Some(count) = register.count {
                    json.key("count").size(count);
                    json.key("stride").size(register.stride);
                }
            });
        }
    });
}

fn event(json: &mut Json, event: &Event) {
    json.key("kind").string(match &event.kind {
        EventKind::Access(_) => "access",
        EventKind::Note(_) => "note",
        EventKind::Fault(_) => "fault",
        EventKind::Event(_) => "event",
        EventKind::Reset => "reset",
        EventKind::Dma { .. } => "dma",
        EventKind::Interrupt { .. } => "interrupt",
    });
    if event.sequence > 0 {
        json.key("sequence").number(event.sequence);
    }
    json.key("time_ns").number(u64::try_from(event.time.as_nanos()).unwrap_or(u64::MAX));
    if !event.region.is_empty() {
        json.key("region").string(event.region);
    }
    match &event.kind {
        EventKind::Access(event) => access(json, event),
        EventKind::Note(text) | EventKind::Fault(text) => json.key("text").string(text),
        EventKind::Event(number) => json.key("event").number(*number),
        EventKind::Reset => {}
        EventKind::Dma { direction, length, .. } => {
            json.key("direction").string(direction);
            json.key("length").size(*length);
        }
        EventKind::Interrupt { line, change } => {
            json.key("line").number(*line);
            json.key("change").string(change);
        }
    }
}

fn access(json: &mut Json, event: &AccessEvent) {
    let access = event.access;
    json.key("direction").string(event.direction);
    if let Some((register, place)) = event.place() {
        json.key("register").string(register.name);
        if register.count.is_some() {
            json.key("element").size(place.element);
        }
    }
    json.key("offset").size(access.offset);
    json.key("width").size(access.width.bytes());
    let digits = 2 + 2 * access.width.bytes();
    json.key("value").string(format_args!("{:#0digits$x}", event.value));
    if event.fields().next().is_some() {
        json.key("fields").object(|json| event.fields().for_each(|(field, value)| json.key(field.name).number(value)));
    }
    if access.read_modify_write {
        json.key("rmw").boolean(true);
    }
    if access.locked {
        json.key("locked").boolean(true);
    }
    if let Some(error) = &event.error {
        json.key("error").string(error);
    }
}

#[cfg(test)]
mod tests;
