//! A driver in C, in the style of a vendor's device header: compiled with every optimisation level it behaves the same
//! and leaves the same trace.
//!
//! Three things may differ, here as on hardware, because neither C nor the ABI fixes them:
//! - in which pieces, in which order and how often `memcpy` reads a byte. Those reads are compared as the set of bytes
//!   they touch, which is why `memcpy` is for memory and not for registers;
//! - in which order the copy of a struct writes its words: clang stores the second half first, unless it has a register for
//!   the whole. Writes of one copy are compared in the order of their addresses;
//! - from compiler to compiler, with which width a bit-field is accessed. So a trace is compared with that of the same
//!   compiler, and behaviour with all.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod compiler;
mod controller;
mod mailbox;

use compiler::{Compiler, Driver};
use controller::{Controller, MEMORY, SIZE};
use mailbox::{Mailbox, Message};
use memtrap::{
    Bus,
    trace::{Direction, Trace},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

const LEVELS: [&[&str]; 6] = [&["-O0"], &["-O1"], &["-O2"], &["-O3"], &["-Os"], &["-O2", "-march=native"]];

/// The compiler that Rust links with.
fn cc() -> Compiler {
    Compiler::find("cc").expect("a C compiler `cc`, which Rust itself needs to link, is installed")
}

fn message(id: u32, data: &[u8]) -> Message {
    let mut message = Message { id, length: u16::try_from(data.len()).unwrap(), flags: 0x55aa, ..Message::default() };
    message.data[..data.len()].copy_from_slice(data);
    message
}

/// Lets the driver do everything it can, checks what comes of it and returns the trace.
fn exercise(driver: Driver) -> Trace {
    let bus = Bus::new();
    let region = bus.map(SIZE, Controller::default()).unwrap();
    let mailbox = Mailbox::new(driver, region.base());
    let sent = [message(0x1234_5678, b"in the first slot"), message(7, b"thirteen byte"), message(8, b"")];

    let received = bus.run(move || {
        assert_eq!(mailbox.init(25), 0);
        for (slot, message) in [0, 1, 0].into_iter().zip(&sent) {
            assert_eq!(mailbox.send(slot, message), 0);
        }
        mailbox.raise_priority();
        mailbox.raise_priority();
        assert_eq!(mailbox.receive(), Some(sent[0]));
        assert_eq!((mailbox.take_sent(), mailbox.take_sent()), (3, 0));
        (mailbox.receive_data(), mailbox.receive_data(), mailbox.receive())
    });

    assert_eq!(received, (Some(b"thirteen byte".to_vec()), Some(Vec::new()), None));
    assert_eq!(region.device().wire, sent);
    // Divider 25, priority 2, loopback, enabled.
    assert_eq!(region.device().control, 0x0002_1903);
    assert!(bus.clock().now() > Duration::from_millis(1) + 3 * Duration::from_micros(25 * 32));
    bus.trace()
}

/// The trace as far as the compiler has to keep it.
fn fixed(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    let mut read = BTreeSet::new();
    let mut written = BTreeMap::new();
    for event in trace.accesses() {
        let (direction, access) = (event.direction, event.access);
        let line = format!("{direction} {:#x} of {:#x} in {} bytes", event.value, access.offset, access.width.bytes());
        if access.offset >= MEMORY {
            match direction {
                Direction::Read => read.extend(access.offset..access.offset + access.width.bytes()),
                Direction::Write => assert_eq!(written.insert(access.offset, line), None, "a word is written once"),
            }
            continue;
        }
        if !read.is_empty() {
            lines.push(format!("copy {read:x?}"));
            read.clear();
        }
        lines.extend(std::mem::take(&mut written).into_values());
        lines.push(line);
    }
    lines
}

/// Checks all levels of one compiler.
fn all_levels(compiler: &Compiler) {
    let mut first = None;
    for flags in LEVELS {
        let trace = exercise(compiler.load(flags));
        let lines = fixed(&trace);
        say(&format!("{} {}: {} accesses", compiler.version, flags.join(" "), trace.accesses().count()));
        assert_eq!(&lines, first.get_or_insert(lines.clone()), "{flags:?} differs from {:?}:\n{trace}", LEVELS[0]);
    }
}

/// Writes a line that the test harness does not keep to itself.
fn say(line: &str) {
    writeln!(io::stdout(), "c_driver: {line}").expect("standard output is open");
}

#[test]
fn every_level_of_cc_behaves_alike() {
    all_levels(&cc());
}

#[test]
fn every_level_of_clang_behaves_alike() {
    match Compiler::find("clang") {
        Some(clang) => all_levels(&clang),
        None => say("NOT TESTED with clang, which is not installed"),
    }
}

#[test]
fn a_report_names_the_c_function_and_its_line() {
    let before = include_str!("mailbox.c").split("while (!(mailbox->EVENTS").next().unwrap();
    let poll = format!("mailbox.c:{}", before.lines().count());
    // Both first: the resolver lists the loaded libraries once, when it makes its first report.
    for driver in [["-O0"], ["-O2"]].map(|flags| cc().load(&flags)) {
        let bus = Bus::new();
        bus.set_poll_budget(100);
        let region = bus.map(SIZE, Controller::broken()).unwrap();
        let mailbox = Mailbox::new(driver, region.base());
        let panic = catch_unwind(AssertUnwindSafe(|| {
            bus.run(move || {
                mailbox.init(1);
                mailbox.send(0, &message(1, b"never arrives"))
            })
        }));
        let report = *panic.expect_err("the driver polls in vain").downcast::<String>().unwrap();
        assert!(report.contains("mailbox.EVENTS never changed"), "{report}");
        assert!(report.contains("mailbox_send") && report.contains(&poll), "{report}");
    }
}
