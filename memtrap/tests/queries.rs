//! Questions to the trace of a driver that uses two devices, one through each door.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no outcomes are compared here")]
mod doors;
#[path = "support/uart.rs"]
mod support;

use doors::Door;
use memtrap::{
    Bus, Simulation, Width, simulated,
    trace::{Direction, Trace, any_access, first, last, never, once, order, read, times, write},
};

use support::{Plain, Uart, uart};

/// A reset controller with the same name for its control register.
#[simulated(size = 0x10, width = 32)]
pub struct Resets {
    #[reg(0x0, rw)]
    pub cr: u32,
}

impl resets::Model for Plain {}

/// Takes the UART out of reset, enables it and sends a text.
fn drive(door: Door, uart: &Simulation<Uart, Plain>, resets: &Simulation<Resets, Plain>) -> Trace {
    let write = |base, offset, value| door.write(base, offset, Width::U32, value);
    write(resets.base(), 0, 1);
    write(uart.base(), uart::CR_OFFSET, 0x301);
    for byte in *b"hi" {
        while door.read(uart.base(), uart::FR_OFFSET, Width::U32) & 0x20 != 0 {}
        write(uart.base(), uart::DR_OFFSET, byte.into());
    }
    uart.trace()
}

fn traces() -> impl Iterator<Item = Trace> {
    Door::ALL.iter().map(|door| {
        let bus = Bus::new();
        let uart = bus.simulate::<Uart, _>(Plain).unwrap();
        let resets = bus.simulate::<Resets, _>(Plain).unwrap();
        drive(*door, &uart, &resets)
    })
}

#[test]
fn values_are_selected_by_register() {
    for trace in traces() {
        assert_eq!(trace.writes(uart::Reg::Dr).bytes(), b"hi");
        assert_eq!(trace.reads(uart::Reg::Fr).values(), [0x90, 0x90]);
        assert_eq!(trace.writes("uart.cr").values(), [0x301]);
        assert_eq!(trace.writes("resets.cr").values(), [1]);
        assert_eq!(trace.writes("cr").len(), 2, "of either device");
        assert!(trace.select(any_access()).iter().all(|access| access.error.is_none()));
    }
}

#[test]
fn several_devices_are_in_one_order() {
    for trace in traces() {
        trace.assert(first(write("resets.cr")).precedes(first(write("uart.cr"))));
        trace.assert(last(read("fr")).precedes(last(write("dr"))));
        trace.assert(order([write("resets.cr").of(1), write("uart.cr").with_set(1), read("fr"), write("dr").of(b'h')]));
        trace.assert(once(write("uart.cr").with_bits(0x301, 0x301)));
        trace.assert(never(read("dr")));
        trace.assert(times(read("fr").with_clear(0x20), 2));
    }
}

#[test]
fn a_trace_is_cut_by_region_and_by_phase() {
    for trace in traces() {
        assert_eq!(trace.region("resets").accesses().count(), 1);
        let enabled = trace.after(first(write("uart.cr")));
        assert_eq!(enabled.accesses().next().map(|access| access.direction), Some(Direction::Read));
        assert_eq!(enabled.before(first(write("dr"))).accesses().count(), 1);
    }
}

#[test]
fn either_door_gives_the_same_text() {
    let texts: Vec<_> = traces().map(|trace| trace.to_string()).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    let json: Vec<_> = traces().map(|trace| trace.to_json()).collect();
    assert!(json.iter().all(|text| *text == json[0]), "{json:#?}");
    assert!(json[0].contains("\"region\":\"uart\",\"direction\":\"write\",\"register\":\"dr\""), "{}", json[0]);
}

#[cfg(feature = "vcd")]
#[test]
fn either_door_gives_the_same_waveform() {
    let dumps = traces().map(|trace| {
        let mut dump = Vec::new();
        trace.write_vcd(&mut dump).unwrap();
        String::from_utf8(dump).unwrap()
    });
    let dumps: Vec<_> = dumps.collect();
    assert!(dumps.iter().all(|dump| *dump == dumps[0]), "{dumps:#?}");
    assert!(dumps[0].contains("$scope module uart $end"), "{}", dumps[0]);
}

#[test]
fn the_report_of_a_wrong_claim_shows_the_accesses_and_not_the_whole_trace() {
    for trace in traces() {
        let claim = first(write("dr")).precedes(first(write("uart.cr")));
        let panic = std::panic::catch_unwind(|| trace.assert(claim)).unwrap_err();
        assert_eq!(
            panic.downcast_ref::<String>().unwrap(),
            "memtrap: expected the first write of `dr` before the first write of `uart.cr`, but it comes later\n\
             \x20 #1     W resets.cr  0x00000001\n\
             > #2     W uart.cr    0x00000301\n\
             \x20 #3     R uart.fr    0x00000090\n\
             > #4     W uart.dr    0x00000068\n\
             \x20 #5     R uart.fr    0x00000090\n\
             \x20 #6     W uart.dr    0x00000069\n"
        );
    }
}

/// Line control of a UART.
#[memtrap::register(u32)]
pub struct LineControl {
    #[bits(4)]
    pub fifo: bool,
    #[bits(5..=6)]
    pub word_length: u8,
}

/// A block whose register has fields.
#[simulated(size = 0x10, width = 32)]
pub struct Line {
    #[reg(0x0, rw)]
    pub control: LineControl,
    #[reg(0x4, rw)]
    pub other: u32,
}

impl line::Model for Plain {}

fn line_control() -> Simulation<Line, Plain> {
    let sim = Line::simulate(Plain).unwrap();
    sim.regs().control().write(LineControl::default().with_fifo(true).with_word_length(3));
    sim
}

#[test]
fn fields_are_asked_for_by_name() {
    let trace = line_control().trace();
    trace.assert(once(write("control").with_field("fifo", true).with_field("word_length", 3)));
    trace.assert(never(write("control").with_field("word_length", 2)));
    trace.assert(once(any_access().with_field("fifo", 1)));
    assert!(trace.to_json().contains("\"value\":\"0x00000070\",\"fields\":{\"fifo\":1,\"word_length\":3}"));
}

#[test]
#[should_panic(expected = "no write of `control` {fifos=0x1} can have a field `fifos`: there are fifo, word_length")]
fn a_field_that_does_not_exist_is_a_mistake() {
    line_control().trace().assert(never(write("control").with_field("fifos", 1)));
}

#[test]
fn a_script_names_the_fields_that_differ() {
    let sim = Line::simulate(Plain).unwrap();
    let script = sim.bus().expect(write("control").with_field("fifo", true).with_field("word_length", 2));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sim.regs().control().write(LineControl::default().with_fifo(true).with_word_length(3));
    }));
    drop(script);
    let panic = panic.unwrap_err();
    let report = panic.downcast_ref::<String>().unwrap();
    assert!(report.contains("\n  differs   in the bits 0x20; word_length is 0x3, expected 0x2\n"), "{report}");
}
