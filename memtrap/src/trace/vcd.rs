//! A trace as a value change dump, for a waveform viewer.

use super::{
    Trace,
    event::{AccessEvent, EventKind, LineChange},
};
use crate::map::Field;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};
use vcd::{IdCode, TimescaleUnit, Value, VarType, Writer};

impl Trace {
    /// Writes the trace as a value change dump, which GTKWave, Surfer and other waveform viewers open.
    ///
    /// Each region is a module. A register that was accessed is a vector of its width, with the value that was last read
    /// or written, and undefined before; an offset without a name is one of the width of its widest access. Each field of a
    /// register is a signal behind it: `cr_enable` is the field `enable` of `cr`. The events
    /// `reads` and `writes` mark the accesses themselves. The module `interrupts` has two wires for each line: the line,
    /// which a pulse holds until its handler is called, and whether the handler runs. The unit of time is 1 ns of the
    /// bus's virtual clock.
    ///
    /// Letters that a viewer would take for structure are replaced in names: `id[2]` of the region `uart.2` is `id_2` of
    /// `uart_2`.
    ///
    /// # Errors
    ///
    /// If `to` cannot be written.
    pub fn write_vcd(&self, to: impl Write) -> io::Result<()> {
        let mut writer = Writer::new(to);
        writer.timescale(1, TimescaleUnit::NS)?;
        let mut signals = Signals::declare(self, &mut writer)?;
        writer.enddefinitions()?;
        signals.write(self, &mut writer)?;
        writer.flush()
    }
}

/// A register of a region: the offset of its first byte stands for it.
type Place = (&'static str, usize);

/// The bits of a register that are known so far.
struct Bus {
    id: IdCode,
    width: u32,
    value: u64,
    known: u64,
    fields: Vec<FieldSignal>,
}

/// A field of a register.
struct FieldSignal {
    id: IdCode,
    lsb: u32,
    bits: u32,
}

/// What is known of a bus before it has a signal.
struct Declared {
    name: String,
    width: u32,
    fields: &'static [Field],
}

/// The level of an interrupt line and its handler.
struct Line {
    line: IdCode,
    handler: IdCode,
    level: bool,
    latched: bool,
}

/// The marks of a region's accesses.
struct Marks {
    reads: IdCode,
    writes: IdCode,
}

#[derive(Default)]
struct Signals {
    buses: BTreeMap<Place, Bus>,
    marks: BTreeMap<&'static str, Marks>,
    lines: BTreeMap<u32, Line>,
}

impl Signals {
    /// Writes the header.
    fn declare(trace: &Trace, writer: &mut Writer<impl Write>) -> io::Result<Self> {
        let mut signals = Self::default();
        // By region, so that each is one module.
        let mut regions: BTreeMap<&'static str, BTreeMap<usize, Declared>> = BTreeMap::new();
        for event in &trace.events {
            match &event.kind {
                EventKind::Access(access) => {
                    let (start, declared) = bus_of(access);
                    let width = declared.width;
                    let bus = regions.entry(event.region).or_default().entry(start).or_insert(declared);
                    bus.width = bus.width.max(width);
                }
                EventKind::Interrupt { line, .. } => {
                    let unknown = Line { line: IdCode::FIRST, handler: IdCode::FIRST, level: false, latched: false };
                    signals.lines.insert(*line, unknown);
                }
                _ => {}
            }
        }
        for (region, buses) in regions {
            writer.add_module(&identifier(region))?;
            for (start, Declared { name, width, fields }) in buses {
                let id = writer.add_wire(width, &identifier(&name))?;
                let declare = |Field { name: field, lsb, bits, .. }: &Field| {
                    let id = writer.add_wire(*bits, &identifier(&format!("{name}_{field}")))?;
                    Ok(FieldSignal { id, lsb: *lsb, bits: *bits })
                };
                let fields = fields.iter().map(declare).collect::<io::Result<_>>()?;
                signals.buses.insert((region, start), Bus { id, width, value: 0, known: 0, fields });
            }
            let reads = writer.add_var(VarType::Event, 1, "reads", None)?;
            let writes = writer.add_var(VarType::Event, 1, "writes", None)?;
            signals.marks.insert(region, Marks { reads, writes });
            writer.upscope()?;
        }
        if !signals.lines.is_empty() {
            writer.add_module("interrupts")?;
            for (number, line) in &mut signals.lines {
                line.line = writer.add_wire(1, &format!("irq{number}"))?;
                line.handler = writer.add_wire(1, &format!("irq{number}_handler"))?;
            }
            writer.upscope()?;
        }
        Ok(signals)
    }

    /// Writes the changes.
    fn write(&mut self, trace: &Trace, writer: &mut Writer<impl Write>) -> io::Result<()> {
        writer.timestamp(0)?;
        for line in self.lines.values() {
            writer.change_scalar(line.line, Value::V0)?;
            writer.change_scalar(line.handler, Value::V0)?;
        }
        let mut now = 0;
        for event in &trace.events {
            // Accesses of several threads are in the order in which they began.
            let time = u64::try_from(event.time.as_nanos()).unwrap_or(u64::MAX).max(now);
            if time > now {
                writer.timestamp(time)?;
                now = time;
            }
            match &event.kind {
                EventKind::Access(access) => self.access(event.region, access, writer)?,
                EventKind::Interrupt { line, change } => {
                    if let Some(line) = self.lines.get_mut(line) {
                        line.change(*change, writer)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn access(
        &mut self,
        region: &'static str,
        access: &AccessEvent,
        writer: &mut Writer<impl Write>,
    ) -> io::Result<()> {
        use super::event::Direction;
        let (start, ..) = bus_of(access);
        if let Some(bus) = self.buses.get_mut(&(region, start)) {
            let shift = 8 * (access.access.offset - start);
            let mask = access.access.width.mask() << shift;
            bus.value = bus.value & !mask | access.value << shift & mask;
            bus.known |= mask;
            writer.change_vector(bus.id, bus.bits(0, bus.width))?;
            for field in &bus.fields {
                writer.change_vector(field.id, bus.bits(field.lsb, field.bits))?;
            }
        }
        match (self.marks.get(region), access.direction) {
            (Some(marks), Direction::Read) => writer.change_scalar(marks.reads, Value::V1),
            (Some(marks), Direction::Write) => writer.change_scalar(marks.writes, Value::V1),
            (None, _) => Ok(()),
        }
    }
}

impl Bus {
    /// So many of its bits from `lsb` upwards, highest first.
    fn bits(&self, lsb: u32, bits: u32) -> impl Iterator<Item = Value> {
        (lsb..lsb + bits).rev().map(|bit| match (self.known >> bit & 1, self.value >> bit & 1) {
            (0, _) => Value::X,
            (_, 0) => Value::V0,
            _ => Value::V1,
        })
    }
}

impl Line {
    fn change(&mut self, change: LineChange, writer: &mut Writer<impl Write>) -> io::Result<()> {
        match change {
            LineChange::Raised => self.level = true,
            LineChange::Lowered => self.level = false,
            LineChange::Pulsed => self.latched = true,
            LineChange::Entered => {
                self.latched = false;
                writer.change_scalar(self.handler, Value::V1)?;
            }
            LineChange::Left => writer.change_scalar(self.handler, Value::V0)?,
        }
        writer.change_scalar(self.line, if self.level || self.latched { Value::V1 } else { Value::V0 })
    }
}

/// First byte of what an access is shown as, and its name, its width in bits and its fields.
fn bus_of(access: &AccessEvent) -> (usize, Declared) {
    let offset = access.access.offset;
    match access.place() {
        // An access that is wider than the register reaches into the next one, which has a signal of its own.
        Some((register, place)) => {
            let name = match register.count {
                Some(_) => format!("{}_{}", register.name, place.element),
                None => register.name.to_owned(),
            };
            let name = match place.alias {
                Some(alias) => format!("{name}_{}", alias.operation.name()),
                None => name,
            };
            (offset - place.within, Declared { name, width: register.width.bits(), fields: register.fields })
        }
        None => {
            let width = access.access.width.bits();
            (offset, Declared { name: format!("x{offset:03x}"), width, fields: &[] })
        }
    }
}

/// `name` with the letters that a viewer takes for structure replaced.
fn identifier(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests;
