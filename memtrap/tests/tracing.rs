//! What a trace records reaches a subscriber of the `tracing` crate, while it happens.
#![cfg(feature = "tracing")]

use memtrap::{Context, simulated};
use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// A UART.
#[simulated(size = 0x100, width = 32)]
pub struct Uart {
    #[reg(0x00, rw)]
    pub dr: u32,
    #[reg(0x18, ro, reset = 0x90)]
    pub fr: u32,
}

/// Remarks and interrupts on each byte.
struct Chatty;

impl uart::Model for Chatty {
    fn write_dr(&mut self, _regs: &mut uart::State, value: u32, cx: &mut Context<'_>) {
        cx.note(format!("sends {value:#x}"));
        cx.pulse(3);
    }
}

/// Keeps each event as a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

#[test]
fn accesses_remarks_and_interrupts_are_events() {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let sim = Uart::simulate(Chatty).unwrap();
        let mut regs = sim.regs();
        regs.fr().read();
        regs.dr().write(0x41);
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        {
            let flags = sim.base().wrapping_add(0x18).cast::<u32>();
            // SAFETY: The access is trapped.
            assert_eq!(unsafe { flags.read_volatile() }, 0x90);
        }
    });
    let expected = [
        "TRACE memtrap sequence=1 time_ns=100 register=\"uart.fr\" direction=\"read\" width=4 value=144",
        "DEBUG memtrap message=sends 0x41 sequence=2 time_ns=200 region=\"uart\"",
        "TRACE memtrap message=interrupt time_ns=200 region=\"uart\" line=3 change=pulsed",
        "TRACE memtrap sequence=2 time_ns=200 register=\"uart.dr\" direction=\"write\" width=4 value=65",
        "TRACE memtrap sequence=3 time_ns=300 register=\"uart.fr\" direction=\"read\" width=4 value=144",
    ];
    let expected = &expected[..if cfg!(all(target_os = "linux", target_arch = "x86_64")) { 5 } else { 4 }];
    assert_eq!(*lines.0.lock().unwrap(), expected);
}

#[test]
fn a_refused_access_is_a_warning() {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let sim = Uart::simulate(Chatty).unwrap();
        let other = sim.bus().map(4, Refuses).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| read(&other)));
        assert!(panic.is_err());
    });
    let lines = lines.0.lock().unwrap();
    assert!(lines[0].starts_with("WARN memtrap sequence=1 time_ns=100 register=\"refuses+0x000\""), "{lines:#?}");
    assert!(lines[0].ends_with("error=the register is write-only"), "{lines:#?}");
}

/// A device that answers no read.
struct Refuses;

impl memtrap::Device for Refuses {
    fn read(&mut self, _: memtrap::Access, _: &mut Context<'_>) -> Result<u64, memtrap::BusError> {
        Err(memtrap::BusError::WriteOnly)
    }

    fn write(&mut self, _: memtrap::Access, _: u64, _: &mut Context<'_>) -> Result<(), memtrap::BusError> {
        Ok(())
    }
}

#[simulated(size = 0x4, width = 32)]
struct Word {
    #[reg(0x0, ro)]
    word: u32,
}

fn read(region: &memtrap::Region<Refuses>) {
    // SAFETY: The address is that of a region of four bytes.
    let handle = unsafe { Word::new(region.base()) };
    handle.word().read();
}
