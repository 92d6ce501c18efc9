use super::super::{
    event::{Event, EventKind, LineChange},
    testing::{read, trace, with, write},
};
use crate::{
    map::{AccessKind, Field, Register, RegisterMap, Width},
    trace::Trace,
};
use std::time::Duration;
use vcd::{Command, Parser, ScopeItem, VarType};

/// The names of the signals with their widths, and the changes as text.
fn dump(trace: &Trace) -> (Vec<String>, Vec<String>) {
    let mut bytes = Vec::new();
    trace.write_vcd(&mut bytes).expect("a list of bytes can be written");
    let mut parser = Parser::new(bytes.as_slice());
    let header = parser.parse_header().expect("the header is well-formed");
    let mut names = std::collections::BTreeMap::new();
    let mut signals = Vec::new();
    for item in &header.items {
        let ScopeItem::Scope(scope) = item else { continue };
        for item in &scope.items {
            let ScopeItem::Var(signal) = item else { continue };
            let name = format!("{}.{}", scope.identifier, signal.reference);
            signals.push(format!("{name}:{}", if signal.var_type == VarType::Event { 0 } else { signal.size }));
            names.insert(signal.code, name);
        }
    }
    let changes = parser.map(|command| match command.expect("every command is well-formed") {
        Command::Timestamp(time) => format!("#{time}"),
        Command::ChangeScalar(id, value) => format!("{}={value}", names[&id]),
        Command::ChangeVector(id, value) => format!("{}={value}", names[&id]),
        other => format!("{other:?}"),
    });
    (signals, changes.collect())
}

fn line(time: u64, line: u32, change: LineChange) -> Event {
    Event { sequence: 0, time: Duration::from_nanos(time), region: "", kind: EventKind::Interrupt { line, change } }
}

#[test]
fn registers_are_buses_with_the_value_of_the_last_access() {
    let (signals, changes) = dump(&trace([
        with(write(1, 0x24, 0xa5), |access| access.access.width = Width::U8),
        read(2, 0x18, 0x90),
        with(read(3, 0x01, 0xff), |access| access.access.width = Width::U8),
        read(4, 0x80, 1),
    ]));
    assert_eq!(signals, ["uart.dr:32", "uart.fr:16", "uart.id_1:8", "uart.x080:32", "uart.reads:0", "uart.writes:0"]);
    assert_eq!(
        changes,
        [
            "#0",
            "#100",
            "uart.id_1=10100101",
            "uart.writes=1",
            "#200",
            "uart.fr=0000000010010000",
            "uart.reads=1",
            "#300",
            "uart.dr=xxxxxxxxxxxxxxxx11111111xxxxxxxx",
            "uart.reads=1",
            "#400",
            "uart.x080=00000000000000000000000000000001",
            "uart.reads=1",
        ]
    );
}

#[test]
fn fields_are_signals_behind_their_register() {
    static MAP: RegisterMap = RegisterMap::new("uart", 0x100, Width::U32, {
        const FIELDS: &[Field] = &[Field::new("enable", 0, 1, None), Field::new("level", 4, 3, None)];
        const REGISTERS: &[Register] =
            &[Register::new("cr", 0x00, Width::U32, AccessKind::ReadWrite, 0).array(2, 4).with_fields(FIELDS)];
        REGISTERS
    });
    let of_map = |event| with(event, |access| access.registers = Some(&MAP));
    let (signals, changes) = dump(&trace([
        of_map(write(1, 0x04, 0x51)),
        // Only the byte that holds both fields of the first element.
        of_map(with(read(2, 0x00, 0x20), |access| access.access.width = Width::U8)),
    ]));
    assert_eq!(
        signals[..6],
        [
            "uart.cr_0:32",
            "uart.cr_0_enable:1",
            "uart.cr_0_level:3",
            "uart.cr_1:32",
            "uart.cr_1_enable:1",
            "uart.cr_1_level:3"
        ]
    );
    let fields = changes.iter().filter(|change| change.contains("_enable=") || change.contains("_level="));
    let fields: Vec<_> = fields.map(|change| change.trim_start_matches("uart.")).collect();
    assert_eq!(fields, ["cr_1_enable=1", "cr_1_level=101", "cr_0_enable=0", "cr_0_level=010"]);
}

#[test]
fn an_interrupt_is_a_line_and_a_handler() {
    use LineChange::{Entered, Left, Lowered, Pulsed, Raised};
    let (signals, changes) = dump(&trace([
        line(10, 7, Raised),
        line(20, 7, Entered),
        line(30, 7, Lowered),
        line(40, 7, Left),
        line(50, 2, Pulsed),
        line(60, 2, Entered),
    ]));
    let names = ["interrupts.irq2:1", "interrupts.irq2_handler:1", "interrupts.irq7:1", "interrupts.irq7_handler:1"];
    assert_eq!(signals, names);
    let changes = changes.join(" ").replace("interrupts.", "");
    assert_eq!(
        changes,
        "#0 irq2=0 irq2_handler=0 irq7=0 irq7_handler=0 \
         #10 irq7=1 #20 irq7_handler=1 irq7=1 #30 irq7=0 #40 irq7_handler=0 irq7=0 \
         #50 irq2=1 #60 irq2_handler=1 irq2=0"
    );
}

#[test]
fn time_does_not_go_back() {
    let earlier = with(read(2, 0x18, 1), |access| access.access.time = Duration::ZERO);
    let earlier = Event { time: Duration::ZERO, ..earlier };
    let (_, changes) = dump(&trace([read(1, 0x18, 0), earlier]));
    let times: Vec<_> = changes.iter().filter(|change| change.starts_with('#')).collect();
    assert_eq!(times, ["#0", "#100"]);
}
