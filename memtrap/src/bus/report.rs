//! The text of a report: what was accessed, by whom, why it failed, what happened before, and what would mend it.

use super::{
    access::CodeLocation,
    core::Core,
    held::{self, Holder},
    mapping::Mapping,
    poll::InVain,
    ports::Shown,
    session::{Failure, Fault},
};
use crate::{
    error::BusError,
    map::{RegisterMap, Width},
    run::ThisTest,
    script::Unexpected,
    trace::{self, AccessEvent, Direction, Trace, symbol},
};
use std::fmt::Write as _;

/// Lines of the trace that a report shows.
const HISTORY: usize = 6;

/// A device refused an access, its model failed the test, or the driver polls it in vain. `model` is what the model says of
/// its state.
pub(super) fn fault(fault: &Fault, bus: &Core, model: Option<&str>) -> String {
    let Fault { mapping, registers, access, direction, value, failure } = fault;
    let place = mapping.describe_access(*registers, access.offset, access.width, *direction);
    let headline = match failure {
        Failure::Refused(error) => format!("{direction} of {place} refused: {error}"),
        Failure::Failed(reason) => format!("the model of `{}` failed the test: {reason}", mapping.name()),
        Failure::Unexpected(_) => format!("unexpected {direction} of {place} = {value:#x}"),
        Failure::InVain(InVain::Poll(reads)) => format!("poll stuck after {reads} reads: {place} never changed"),
        Failure::InVain(InVain::Circle { places, reads }) => {
            format!("poll stuck after {reads} reads: none of these changed: {}", places.join(", "))
        }
        Failure::InVain(InVain::Accesses(accesses)) => {
            format!("the driver does not end: it has made {accesses} accesses")
        }
    };
    let mut report = Report::of_bus(&headline, bus);
    report.line(
        "access",
        &format!(
            "{direction} of {} bytes at {place} ({}), access #{} at {:?}",
            access.width.bytes(),
            Shown(mapping.start() + access.offset),
            access.sequence,
            access.time,
        ),
    );
    let (direction, access, value, registers) = (*direction, *access, *value, *registers);
    report.line("value", &trace::value(&AccessEvent { direction, access, value, registers, error: None }).to_string());
    report.from(access.location);
    if let Failure::InVain(InVain::Poll(_) | InVain::Circle { .. }) = failure {
        report.line("waiting", &awaited(bus));
    }
    if let Failure::Unexpected(unexpected) = failure {
        let Unexpected { expected, differs } = &**unexpected;
        report.line("expected", expected);
        if let Some(differs) = differs {
            report.line("differs", differs);
        }
    }
    report.history(&bus.trace());
    if let Some(model) = model {
        report.line("model", model);
    }
    if let Some(hint) = hint(mapping, access.offset, failure) {
        report.line("hint", &hint);
    }
    report.rerun(&bus.test)
}

/// What could still change a register that a driver polls.
fn awaited(bus: &Core) -> String {
    match bus.schedule.next() {
        Some(due) => format!("the next event is due at {due:?}; none of those before has changed it"),
        None => "no event is scheduled: nothing will change it".to_owned(),
    }
}

/// A model failed the test while it handled an event.
pub(super) fn event_failed(mapping: &Mapping, event: u64, reason: &str, bus: &Core) -> String {
    let headline = format!("the model of `{}` failed the test: {reason}", mapping.name());
    let mut report = Report::of_bus(&headline, bus);
    report.line("event", &format!("{event}, due at {:?}", bus.schedule.now()));
    report.history(&bus.trace());
    report.rerun(&bus.test)
}

/// A model failed the test while it handled what the test did to it.
pub(super) fn stimulus_failed(mapping: &Mapping, reason: &str, bus: &Core) -> String {
    let mut report = Report::of_bus(&format!("the model of `{}` failed the test: {reason}", mapping.name()), bus);
    report.history(&bus.trace());
    report.rerun(&bus.test)
}

/// The driver has made fewer accesses than a script expects.
pub(crate) fn script_incomplete(expected: &str, bus: &Core) -> String {
    let mut report = Report::of_bus("the driver ended before the script did", bus);
    report.line("expected", expected);
    report.history(&bus.trace());
    report.rerun(&bus.test)
}

/// A model or an interrupt handler panicked between two instructions of the driver.
#[cfg(trap)]
pub(super) fn interrupted(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic_message(panic);
    Report::new(&format!("an interrupt handler or a model's event panicked between two accesses: {message}")).0
}

/// What a device is said to have answered whose model panicked with `payload`.
#[cold]
pub(super) fn model_panicked(payload: &(dyn std::any::Any + Send)) -> BusError {
    BusError::refused(format!("the device model panicked: {}", panic_message(payload)))
}

/// The message of a panic.
pub(super) fn panic_message(payload: &(dyn std::any::Any + Send)) -> &str {
    let message = payload.downcast_ref::<String>().map(String::as_str);
    message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}

/// The handler of a line runs again and again.
pub(super) fn interrupt_storm(line: u32, calls: u32, bus: &Core) -> String {
    let headline = format!("interrupt {line} is still raised after its handler ran {calls} times");
    let mut report = Report::of_bus(&headline, bus);
    report.history(&bus.trace());
    report.line("hint", "the handler must make the device lower the line, or the model pulse it instead of raising it");
    report.rerun(&bus.test)
}

fn hint(mapping: &Mapping, offset: usize, failure: &Failure) -> Option<String> {
    match failure {
        Failure::Refused(BusError::Unmapped) => {
            let nearest = mapping.registers()?.nearest(offset)?;
            Some(format!(
                "the nearest register is `{}` at +{:#05x}; if the offset is right, declare a register there",
                nearest.name, nearest.offset
            ))
        }
        Failure::Refused(BusError::ReadOnly) => {
            Some("declare the register `rw` if the hardware accepts the write; `set_violation_policy` permits one that it ignores".to_owned())
        }
        Failure::Refused(BusError::WriteOnly) => {
            Some("declare the register `rw` if the hardware answers reads; `set_violation_policy` permits one that it ignores".to_owned())
        }
        Failure::Refused(BusError::Width { expected }) => Some(format!(
            "the driver's access is narrower than the register or does not start where it does; on the hardware use \
             an access of {} bytes; `set_violation_policy` permits others",
            expected.bytes()
        )),
        Failure::Refused(BusError::ReadModifyWrite) => Some(
            "write only what shall act, without reading: of bits that are cleared by writing one, ones to those that shall be \
             cleared and zeros to the others; `set_violation_policy` permits the access"
                .to_owned(),
        ),
        Failure::Refused(BusError::ReservedBits { .. }) => Some(
            "make the value with `new`, `modify` or `write_with`, which know the reserved bits; `set_violation_policy` permits \
             the access"
                .to_owned(),
        ),
        Failure::InVain(InVain::Accesses(_)) => Some(
            "it repeats itself with accesses that change, as the last ones here: let the model give it what it waits for; \
             `Bus::set_access_budget` sets how many accesses a driver may make"
                .to_owned(),
        ),
        Failure::InVain(_) => Some(
            "the driver waits for a value that the model will not give: let the model change the register; if each \
             read does change the device (a FIFO), say so with `Context::progress`; `Bus::set_poll_budget` sets the limit"
                .to_owned(),
        ),
        Failure::Refused(_) | Failure::Failed(_) | Failure::Unexpected(_) => None,
    }
}

/// The region was retired before the access.
pub(crate) fn retired(
    mapping: &Mapping,
    address: usize,
    bytes: usize,
    direction: Direction,
    location: CodeLocation,
) -> String {
    let place = mapping.describe(address - mapping.start());
    let mut report = Report::new(&format!("{direction} of {place}, whose simulation was dropped before"));
    report.line("access", &format!("{direction} of {bytes} bytes at {place} ({})", Shown(address)));
    report.from(location);
    report.line("hint", "keep the `Simulation` or `Region` alive for as long as the driver runs");
    report.0
}

/// The thread that makes the access holds the device already.
pub(crate) fn reentered(
    mapping: &Mapping,
    holder: Holder,
    address: usize,
    bytes: usize,
    direction: Direction,
    location: CodeLocation,
) -> String {
    let place = mapping.describe(address - mapping.start());
    let (what, hint) = match holder {
        Holder::Access => (
            "while its model answers another access on this thread".to_owned(),
            "a model uses its own state instead of its registers; other devices it may access",
        ),
        Holder::Guard => (
            "while the test holds its model on this thread".to_owned(),
            "drop the guard that `model()`, `state()` or `device()` returned before the driver runs",
        ),
        Holder::Others => (
            format!("while this thread holds {} other devices", held::DEPTH),
            "models may access each other, and a test may hold guards, only so deep",
        ),
    };
    let mut report = Report::new(&format!("{direction} of {place} {what}"));
    report.line("access", &format!("{direction} of {bytes} bytes at {place} ({})", Shown(address)));
    report.from(location);
    report.line("hint", hint);
    report.0
}

/// Devices of several tests are at the address, and the thread belongs to none of them.
pub(crate) fn ambiguous(
    address: usize,
    bytes: usize,
    direction: Direction,
    location: CodeLocation,
    one: &Mapping,
    other: Option<&Mapping>,
) -> String {
    let whose = |mapping: &Mapping| {
        let test = mapping.mapped_by().map_or("a thread without a name".to_owned(), |name| format!("`{name}`"));
        format!("`{}` of {test}", mapping.name())
    };
    let headline = match other {
        Some(other) => format!(
            "{direction} of {bytes} bytes at {}, where {} and {} are, by a thread that belongs to neither",
            Shown(address),
            whose(one),
            whose(other)
        ),
        None => format!(
            "{direction} of {bytes} bytes at {}, where {} is, by a thread of another test",
            Shown(address),
            whose(one)
        ),
    };
    let mut report = Report::new(&headline);
    report.from(location);
    report.line("hint", "say whose thread it is with `Bus::enter`, or start it after its test has mapped the device");
    report.0
}

/// No region answers at the address, though its page is memtrap's.
pub(crate) fn unmapped(
    address: usize,
    bytes: usize,
    direction: Direction,
    location: CodeLocation,
    neighbour: Option<&Mapping>,
) -> String {
    let mut report =
        Report::new(&format!("{direction} of {bytes} bytes at {}, where no region is mapped", Shown(address)));
    report.from(location);
    if let Some(neighbour) = neighbour {
        let distance = if address < neighbour.start() {
            format!("{:#x} bytes before", neighbour.start() - address)
        } else {
            format!("{:#x} bytes behind", address - neighbour.end())
        };
        report.line("hint", &format!("the address is {distance} the region {neighbour:?}"));
    }
    report.0
}

/// The trap engine does not know how to carry out the driver's instruction.
#[cfg(trap)]
pub(crate) fn not_carried_out(reason: &str, location: CodeLocation) -> String {
    let mut report = Report::new("an instruction of the driver cannot be carried out");
    report.line("why", reason);
    report.from(location);
    report.line("hint", "the fault goes to the handler that was there before memtrap; please report the instruction");
    report.0
}

impl Mapping {
    /// `region.register`, `region.register[3]` or `region+0x123`.
    pub(crate) fn describe(&self, offset: usize) -> String {
        trace::place(self.name(), self.registers(), offset)
    }

    /// The same, of several registers at one offset the one that the access is about.
    fn describe_access(
        &self,
        registers: Option<&'static RegisterMap>,
        offset: usize,
        width: Width,
        direction: Direction,
    ) -> String {
        match registers.and_then(|map| Some((map, direction.find(map, offset, width)?))) {
            Some((map, place)) => trace::named_place(self.name(), &map.registers[place.register], place),
            None => self.describe(offset),
        }
    }
}

struct Report(String);

impl Report {
    fn new(headline: &str) -> Self {
        Self(format!("memtrap: {headline}"))
    }

    /// A report with the name of the test whose bus it is.
    fn of_bus(headline: &str, bus: &Core) -> Self {
        let mut report = Self::new(headline);
        if let Some(test) = bus.test.name() {
            report.line("test", test);
        }
        report
    }

    /// How to run the test again, which ends the report.
    fn rerun(mut self, test: &ThisTest) -> String {
        if let Some(command) = test.command() {
            self.line("rerun", &command);
        }
        self.0
    }

    fn line(&mut self, label: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let label = if number == 0 { label } else { "" };
            write!(self.0, "\n  {label:<8}  {line}").expect("a String takes any text");
        }
    }

    /// The driver's code that made the access.
    fn from(&mut self, location: CodeLocation) {
        match location {
            CodeLocation::Source(location) => self.line("from", &location.to_string()),
            CodeLocation::Instruction(address) => self.line("from", &symbol::path(address)),
        }
    }

    fn history(&mut self, trace: &Trace) {
        if trace.events().is_empty() {
            return self.line("last", "(there was no access)");
        }
        self.line("last", trace.last_lines(HISTORY).to_string().trim_end());
    }
}

#[cfg(test)]
mod tests;
