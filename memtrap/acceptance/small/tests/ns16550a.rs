//! `ns16550a`: bytes through the model of the 16550.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Bus, models::Uart16550};
use ns16550a::{Divisor, Uart, UartConfig};
use std::{fmt::Write as _, time::Duration};

#[test]
fn it_sends_and_receives() {
    let bus = Bus::new();
    let region = bus.map(8, Uart16550::new()).unwrap();
    let mut uart = Uart::new(region.base().expose_provenance());
    bus.run(move || {
        uart.init(UartConfig::default(), Divisor::BAUD115200);
        write!(uart, "{} bytes that wait for the FIFO", 31).unwrap();
    });
    bus.clock().sleep(Duration::from_millis(4));
    assert_eq!(region.device().sent(), b"31 bytes that wait for the FIFO");

    assert_eq!(uart.get(), None);
    region.stimulate(|uart, cx| uart.receive(b"ok", cx));
    bus.clock().sleep(Duration::from_millis(1));
    assert_eq!([uart.get(), uart.get(), uart.get()], [Some(b'o'), Some(b'k'), None]);
    traces::keep(&bus.trace());
}

#[test]
fn a_slow_line_takes_its_time() {
    let bus = Bus::new();
    let region = bus.map(8, Uart16550::new()).unwrap();
    let uart = Uart::new(region.base().expose_provenance());
    uart.init(UartConfig::default(), Divisor::BAUD300);
    assert_eq!(uart.put(b'x'), Some(b'x'));
    bus.clock().sleep(Duration::from_millis(33));
    assert_eq!(region.device().sent(), b"");
    bus.clock().sleep(Duration::from_millis(1));
    assert_eq!(region.device().sent(), b"x");
    traces::keep(&bus.trace());
}
