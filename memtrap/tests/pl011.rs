//! A driver from the registry, which knows nothing of memtrap, and one on the typed handle, against the same simulated
//! UART: the example's model and drivers.
//!
//! What is asserted here, the driver's own tests cannot: they run against plain memory, in which each byte that is sent
//! overwrites the one before, a FIFO never fills, and a read takes nothing away.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../examples/pl011/console.rs"]
pub mod console;
#[path = "../examples/pl011/published.rs"]
pub mod published;
#[path = "../examples/pl011/wire.rs"]
pub mod wire;

use block::{Control, Data, Flags, Interrupts, Pl011, pl011::Reg};
use console::Console;
use memtrap::{
    Simulation,
    models::pl011 as block,
    trace::{Direction, read, write},
};
use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};
use wire::{IRQ, Wire};

const BAUD_RATE: u32 = 115_200;
const CLOCK: u32 = 24_000_000;

fn uart(depth: usize, reads_per_byte: usize) -> Simulation<Pl011, Wire> {
    Pl011::simulate(Wire::new(depth, reads_per_byte)).expect("there is address space for a page")
}

/// The published driver sends `text` and waits until it is on the wire.
fn send(sim: &Simulation<Pl011, Wire>, text: &str) {
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    driver.write_str(text).expect("the driver does not fail");
    while driver.is_busy() {}
}

/// Bytes arrive on the wire.
fn arrive(sim: &Simulation<Pl011, Wire>, bytes: &[u8]) {
    sim.stimulate(|wire, regs, cx| wire.arrive(regs, cx, bytes));
}

#[test]
fn the_bytes_of_hello_go_over_the_wire() {
    let sim = uart(32, 1);
    send(&sim, "hello");
    assert_eq!(sim.model().sent, b"hello");
    assert_eq!(sim.trace().values(write(Reg::Dr)), b"hello".map(u64::from));
}

#[test]
fn the_driver_waits_while_the_fifo_is_full() {
    let sim = uart(2, 5);
    send(&sim, "back-pressure");
    assert_eq!(sim.model().sent, b"back-pressure");
    // The first two bytes find room at once. Each of the other eleven waits for the wire, four of the five reads that a
    // byte takes to leave; and once more the FIFO is full, when all is written.
    assert_eq!(sim.model().full, 12 * 4);
    let trace = sim.trace();
    let mut flags = Flags::new();
    for access in trace.accesses() {
        match (access.register(), access.direction) {
            (Some("fr"), _) => flags = Flags::from_bits(access.value.try_into().expect("the register has 32 bits")),
            (Some("dr"), Direction::Write) => {
                assert!(!flags.tx_full(), "written although full: #{}", access.access.sequence);
            }
            _ => {}
        }
    }
}

#[test]
fn a_read_takes_from_the_fifo() {
    let sim = uart(32, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    assert_eq!(driver.read_word(), Ok(None));
    arrive(&sim, b"abc");
    assert_eq!(driver.read_word(), Ok(Some(b'a')));
    assert_eq!(driver.read_word(), Ok(Some(b'b')));
    assert_eq!(driver.read_word(), Ok(Some(b'c')));
    assert_eq!(driver.read_word(), Ok(None));
    // One read a byte: a driver that looked twice would lose every other one.
    assert_eq!(sim.trace().values(read(Reg::Dr)), b"abc".map(u64::from));
}

#[test]
fn an_overrun_reaches_the_driver_as_an_error() {
    let sim = uart(2, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    arrive(&sim, b"abc");
    assert_eq!(driver.read_word(), Ok(Some(b'a')));
    assert_eq!(driver.read_word(), Err(arm_pl011_uart::Error::Overrun));
}

#[test]
fn the_line_is_set_up_while_the_uart_is_off() {
    let sim = uart(32, 1);
    let _driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    let on = Control::new().with_uart(true).with_transmit(true).with_receive(true);
    sim.trace().assert_order([
        write(Reg::Cr).of(0_u32),
        write(Reg::Ibrd).of(13_u32),
        write(Reg::Fbrd).of(1_u32),
        write(Reg::LcrH),
        write(Reg::Cr).of(on.bits()),
    ]);
    assert_eq!(sim.state().cr, on);
}

#[test]
fn the_driver_recognises_the_device() {
    let sim = uart(32, 1);
    let identification = published::uart(sim.base(), BAUD_RATE, CLOCK).read_identification();
    assert!(identification.is_valid(), "{identification:?}");
    assert_eq!(identification.revision_number, 3, "r1p5");
}

#[test]
fn an_interrupt_is_masked_and_cleared() {
    let sim = uart(32, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    sim.state().ris = Interrupts::new().with_receive(true).with_transmit(true);
    let (receive, transmit) = (arm_pl011_uart::Interrupts::RXI, arm_pl011_uart::Interrupts::TXI);
    driver.set_interrupt_masks(receive);
    assert_eq!(driver.raw_interrupt_status(), receive | transmit);
    assert_eq!(driver.masked_interrupt_status(), receive);
    driver.clear_interrupts(receive);
    assert_eq!(driver.raw_interrupt_status(), transmit);
    assert!(driver.masked_interrupt_status().is_empty());
}

#[test]
fn bytes_that_arrive_interrupt_at_the_level_and_after_a_silence() {
    let sim = uart(8, 1);
    let mut console = Console::new(sim.regs(), BAUD_RATE, CLOCK);
    console.listen();
    let received = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&received);
    sim.bus().on_interrupt(IRQ, move || taken.lock().expect("nobody panics").push(console.interrupted()));
    for byte in b"interrupt!" {
        arrive(&sim, &[*byte]);
    }
    assert_eq!(*received.lock().unwrap(), [b"inte", b"rrup"], "the FIFO was half full twice");
    assert_eq!(sim.state().dr.to_driver.len(), 2);
    sim.bus().clock().sleep(Duration::from_millis(1));
    assert_eq!(received.lock().unwrap().last().unwrap(), b"t!", "and then there was a silence");
    assert_eq!(sim.bus().interrupts_served(IRQ), 3);
    assert_eq!(sim.state().ris, Interrupts::new());
}

#[test]
fn the_transmit_interrupt_comes_when_the_fifo_runs_low() {
    let sim = uart(8, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    driver.set_interrupt_masks(arm_pl011_uart::Interrupts::TXI);
    for byte in b"12345" {
        driver.write_word(*byte);
    }
    assert!(!sim.bus().is_interrupt_pending(IRQ), "there is more than half");
    while driver.is_busy() {}
    assert!(sim.bus().is_interrupt_pending(IRQ));
    driver.clear_interrupts(arm_pl011_uart::Interrupts::TXI);
    assert!(!sim.bus().is_interrupt_pending(IRQ));
}

#[test]
fn both_doors_lead_to_the_same_device_and_leave_the_same_trace() {
    let trapped = uart(4, 3);
    send(&trapped, "hello");
    arrive(&trapped, b"ok");
    let mut driver = published::uart(trapped.base(), BAUD_RATE, CLOCK);
    assert_eq!(published::drain(&mut driver), b"ok");

    let typed = uart(4, 3);
    let mut console = Console::new(typed.regs(), BAUD_RATE, CLOCK);
    console.write_str("hello").expect("the driver does not fail");
    console.flush();
    arrive(&typed, b"ok");
    let mut console = Console::new(console.into_regs(), BAUD_RATE, CLOCK);
    assert_eq!(std::iter::from_fn(|| console.get()).collect::<Vec<_>>(), b"ok");

    assert_eq!(trapped.model().sent, typed.model().sent);
    assert_eq!(trapped.trace().to_string(), typed.trace().to_string());
}

/// The trace is the same text in debug and in release, and through whichever door.
#[test]
fn the_trace_is_the_same_in_every_build() {
    let sim = uart(2, 2);
    send(&sim, "hey");
    assert_eq!(sim.trace().to_string(), include_str!("pl011/trace.txt"));
}

#[test]
fn one_device_can_be_used_through_both_doors() {
    let sim = uart(32, 1);
    let mut regs = sim.regs();
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    driver.write_word(b'a');
    regs.dr().write(Data::new().with_data(b'b'));
    driver.write_word(b'c');
    while regs.fr().read().busy() {}
    assert_eq!(sim.model().sent, b"abc");
}

#[test]
fn a_driver_finds_the_device_at_its_own_address() {
    // Where QEMU's `virt` machine has its first UART.
    const ADDRESS: usize = 0x0900_0000;
    let sim = Pl011::simulate_at(ADDRESS, Wire::new(32, 1)).expect("the address is free");
    let mut driver = published::uart(std::ptr::with_exposed_provenance_mut(ADDRESS), BAUD_RATE, CLOCK);
    driver.write_str("here").expect("the driver does not fail");
    while driver.is_busy() {}
    assert_eq!(sim.model().sent, b"here");
}

#[test]
fn there_is_one_handle() {
    let sim = uart(32, 1);
    let _regs = sim.regs();
    let panic = catch_unwind(AssertUnwindSafe(|| sim.regs())).expect_err("the second handle is refused");
    let message = panic.downcast::<String>().expect("the message is a string");
    assert!(message.starts_with("memtrap: the handle of `pl011` was taken already"), "{message}");
}

#[test]
fn a_driver_that_ignores_the_flags_fails_its_test() {
    let sim = uart(1, 1);
    let mut driver = published::uart(sim.base(), BAUD_RATE, CLOCK);
    driver.write_word(b'a');
    driver.write_word(b'b');
    let panic = catch_unwind(AssertUnwindSafe(|| drop(sim.model()))).expect_err("the report is raised");
    let report = panic.downcast::<String>().expect("a report is a string");
    assert!(report.contains("the driver wrote to a full transmit FIFO: the byte is lost"), "{report}");
    assert!(report.contains("arm_pl011_uart::Uart::write_word (arm-pl011-uart-0.5.1/src/lib.rs:"), "{report}");
}
