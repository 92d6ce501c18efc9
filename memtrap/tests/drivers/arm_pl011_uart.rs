//! `arm-pl011-uart`, with the model of the example: what its own tests, which run on plain memory, cannot see.

use crate::traces;
use block::{Pl011, pl011::Reg};
use memtrap::{
    Bus, Simulation,
    models::pl011::{self as block, Pl011Uart},
    trace::{read, write},
};
use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};
use wire::Wire;

#[path = "../../examples/pl011/published.rs"]
pub mod published;
#[path = "../../examples/pl011/wire.rs"]
pub mod wire;

const BAUD_RATE: u32 = 115_200;
const CLOCK: u32 = 24_000_000;

fn uart(depth: usize, reads_per_byte: usize) -> Simulation<Pl011, Wire> {
    Pl011::simulate(Wire::new(depth, reads_per_byte)).expect("there is address space for a page")
}

#[test]
fn it_waits_for_room_in_the_fifo() {
    let sim = uart(2, 5);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    driver.write_str("back-pressure").unwrap();
    while driver.is_busy() {}
    assert_eq!(sim.model().sent, b"back-pressure");
    assert!(sim.model().full > 0);
    // 24 MHz / 16 / 115,200 = 13 + 1/64.
    let trace = sim.trace();
    assert_eq!((trace.values(write(Reg::Ibrd)), trace.values(write(Reg::Fbrd))), (vec![13], vec![1]));
    traces::keep(&trace);
}

#[test]
fn it_takes_what_has_arrived_and_no_more() {
    let sim = uart(4, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    sim.stimulate(|wire, regs, cx| wire.arrive(regs, cx, b"abc"));
    assert_eq!(published::drain(&mut driver), b"abc");
    assert_eq!(published::drain(&mut driver), b"");
    assert_eq!(sim.trace().count(read(Reg::Dr)), 3, "an empty FIFO is not read");
    traces::keep(&sim.trace());
}

#[test]
fn an_overrun_is_an_error_of_the_last_byte() {
    let sim = uart(2, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    sim.stimulate(|wire, regs, cx| wire.arrive(regs, cx, b"abc"));
    assert_eq!(driver.read_word().unwrap(), Some(b'a'));
    assert!(driver.read_word().is_err());
    traces::keep(&sim.trace());
}

#[test]
fn characters_take_the_time_that_it_has_set() {
    let bus = Bus::new();
    let sim = bus.simulate::<Pl011, _>(Pl011Uart::new().with_clock(CLOCK)).unwrap();
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    let text = "sixteen and sixteen and a little more than that";
    let before = bus.clock().now();
    driver.write_str(text).unwrap();
    while driver.is_busy() {}
    assert_eq!(sim.model().sent(), text.as_bytes());
    let on_the_wire = Duration::from_secs(10) * text.len() as u32 / BAUD_RATE;
    let passed = bus.clock().now() - before;
    assert!(passed > on_the_wire.mul_f64(0.999) && passed < on_the_wire.mul_f64(1.05), "{passed:?}, {on_the_wire:?}");

    sim.stimulate(|uart, _, cx| uart.receive(b"ok", cx));
    assert_eq!(published::drain(&mut driver), b"");
    let character = sim.model().character_time().unwrap();
    bus.clock().sleep(2 * character);
    assert_eq!(published::drain(&mut driver), b"ok");
    traces::keep(&sim.trace());
}

#[test]
fn a_wire_that_carries_nothing_ends_in_a_report() {
    let sim = uart(2, usize::MAX);
    let address = sim.base().expose_provenance();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        sim.bus().run(move || {
            let registers = std::ptr::with_exposed_provenance_mut(address);
            published::uart(registers, BAUD_RATE, CLOCK).write_str("abc").unwrap();
        });
    }));
    let report = *panic.expect_err("the FIFO stays full").downcast::<String>().unwrap();
    assert!(report.contains("pl011.fr never changed") && report.contains("arm_pl011_uart"), "{report}");
}
