//! The report of a mistake that is easily made: a driver fills a UART that it has not enabled. It waits for room in the
//! transmit FIFO, which never drains.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Bus, Context, register, simulated};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// The part of a PL011 that matters here (Arm DDI 0183G, 3.3).
#[simulated(size = 0x1000, width = 32)]
pub struct Pl011 {
    /// Data.
    #[reg(0x000, rw)]
    pub dr: u32,
    /// Flags.
    #[reg(0x018, ro, reset = 0x90)]
    pub fr: Flags,
    /// Integer part of the baud rate divisor.
    #[reg(0x024, rw)]
    pub ibrd: u32,
    /// Control.
    #[reg(0x030, rw, reset = 0x300)]
    pub cr: Control,
}

/// Flags.
#[register(u32)]
pub struct Flags {
    /// Something is being sent.
    #[bits(3)]
    pub busy: bool,
    /// The receive FIFO is empty.
    #[bits(4)]
    pub rxfe: bool,
    /// The transmit FIFO is full.
    #[bits(5)]
    pub txff: bool,
    /// The transmit FIFO is empty.
    #[bits(7)]
    pub txfe: bool,
}

/// Control.
#[register(u32)]
pub struct Control {
    /// The UART is enabled.
    #[bits(0)]
    pub uarten: bool,
    /// The transmitter is enabled.
    #[bits(8)]
    pub txe: bool,
    /// The receiver is enabled.
    #[bits(9)]
    pub rxe: bool,
}

/// A transmit FIFO of two bytes that drains while the UART is enabled.
#[derive(Debug, Default)]
struct Fifo {
    bytes: VecDeque<u8>,
    sent: Vec<u8>,
}

const SENT: u64 = 1;

impl pl011::Model for Fifo {
    fn write_dr(&mut self, regs: &mut pl011::State, value: u32, cx: &mut Context<'_>) {
        self.bytes.push_back(value as u8);
        regs.fr = regs.fr.with_txfe(false).with_txff(self.bytes.len() >= 2);
        if regs.cr.uarten() {
            cx.after(Duration::from_micros(87), SENT);
        } else {
            cx.note("! UARTEN=0: the transmitter is disabled");
        }
    }

    fn event(&mut self, regs: &mut pl011::State, _event: u64, _cx: &mut Context<'_>) {
        self.sent.extend(self.bytes.pop_front());
        regs.fr = regs.fr.with_txff(false).with_txfe(self.bytes.is_empty());
    }

    fn describe(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

/// The driver, on raw pointers.
mod my_uart {
    pub(crate) struct MyUart(pub(crate) usize);

    impl MyUart {
        fn register(&self, offset: usize) -> *mut u32 {
            std::ptr::with_exposed_provenance_mut(self.0 + offset)
        }

        /// Forgets UARTEN.
        #[inline(never)]
        pub(crate) fn init(&self) {
            // SAFETY: The registers of a UART.
            unsafe { self.register(0x24).write_volatile(13) };
            // SAFETY: The registers of a UART.
            unsafe { self.register(0x30).write_volatile(0x300) };
        }

        #[inline(never)]
        pub(crate) fn write_byte(&self, byte: u8) {
            // SAFETY: The registers of a UART.
            while unsafe { self.register(0x18).read_volatile() } & 0x20 != 0 {}
            // SAFETY: The registers of a UART.
            unsafe { self.register(0x00).write_volatile(u32::from(byte)) };
        }

        #[inline(never)]
        pub(crate) fn write_all(&self, text: &[u8]) {
            text.iter().for_each(|byte| self.write_byte(*byte));
        }
    }
}

#[inline(never)]
fn drive(base: usize) {
    let uart = my_uart::MyUart(base);
    uart.init();
    uart.write_all(b"hello");
}

/// `report` with the lines of this file as `:N`, and without what depends on the build: the test's own closure, which the
/// compiler may merge with what calls it, and the profile.
fn stable(report: &str) -> String {
    let mut stable = String::new();
    for line in report.lines() {
        let command = "  rerun     cargo test -p memtrap --test worked_example the_report_of_a_uart_that_was_not_enabled -- --exact";
        let line = line.replace(" --release", "");
        match line.split_once("worked_example.rs:") {
            Some(_) if line.contains("_not_enabled::{{closure}}") => continue,
            Some((before, behind)) => {
                stable +=
                    &format!("{before}worked_example.rs:N{}", behind.trim_start_matches(|c: char| c.is_ascii_digit()));
            }
            None if line.contains(" rerun ") => {
                assert_eq!(line, command);
                continue;
            }
            None => stable += &line,
        }
        stable.push('\n');
    }
    stable
}

#[test]
fn the_report_of_a_uart_that_was_not_enabled() {
    let bus = Bus::new();
    let uart = bus.simulate_at::<Pl011, _>(0x0900_0000, Fifo::default()).expect("the address is free");
    let base = uart.base().expose_provenance();
    let panic = catch_unwind(AssertUnwindSafe(|| bus.run(move || drive(base)))).expect_err("the driver waits for ever");
    let report = panic.downcast::<String>().expect("a report is a string");
    assert_eq!(stable(&report), include_str!("worked_example/report.txt"), "{report}");
    // On a handle the driver would be ended in the same way.
    assert_eq!(uart.model().sent, b"");
}
