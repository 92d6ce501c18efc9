//! What the typed door says when something goes wrong: always a panic at the driver's line, with a report.

use memtrap::{Access, Bus, BusError, Context, Device, RegisterValue, Simulation, simulated};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
};

/// A block with one register of each access.
#[simulated(size = 0x100, width = 32)]
pub struct Block {
    #[reg(0x00, rw)]
    pub control: u32,
    #[reg(0x04, ro)]
    pub status: u32,
    #[reg(0x08, wo)]
    pub command: u32,
    #[reg(0x10, rw)]
    pub many: [u32; 2],
}

/// The same device as its driver's author declared it: with mistakes.
#[simulated(size = 0x200, width = 32)]
pub struct Mistaken {
    #[reg(0x00, rw)]
    pub control: u16,
    #[reg(0x04, rw)]
    pub status: u32,
    #[reg(0x08, rw)]
    pub command: u32,
    #[reg(0x40, rw)]
    pub absent: u32,
    #[reg(0x100, rw)]
    pub outside: u32,
}

/// Fails in the ways a model can.
#[derive(Default)]
struct Faulty {
    reentrant: Option<Block>,
}

impl block::Model for Faulty {
    fn write_control(&mut self, regs: &mut block::State, value: u32, cx: &mut Context<'_>) {
        match value {
            1 => panic!("the model gave up"),
            2 => cx.fail("control must not be 2"),
            3 => {
                let regs = self.reentrant.as_ref().expect("given by the test");
                let _ = regs.status().read();
            }
            _ => regs.control = value,
        }
    }
}

/// A driver that uses the mistaken declaration on the real device.
fn mistaken(sim: &Simulation<Block, Faulty>) -> Mistaken {
    // SAFETY: The addresses of a simulation stay reserved; an access outside the region is reported.
    unsafe { Mistaken::new(sim.base()) }
}

/// The text of the panic in `work`, and the line it came from.
#[track_caller]
fn panic_of<R>(work: impl FnOnce() -> R) -> (String, u32) {
    let (sender, receiver) = mpsc::channel();
    let sender = AssertUnwindSafe(sender);
    let thread = std::thread::current().id();
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread {
            let line = info.location().expect("a panic has a location").line();
            sender.send(line).expect("the test waits for it");
        } else {
            previous(info);
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(work));
    drop(std::panic::take_hook());
    let payload = result.err().expect("the access fails");
    let text = payload.downcast::<String>().map_or_else(
        |payload| (*payload.downcast::<&str>().expect("a panic message is text")).to_owned(),
        |text| *text,
    );
    (text, receiver.recv().expect("the hook ran"))
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "expected `{part}` in:\n{text}");
    }
}

/// All in one test: the panic hook belongs to the process.
#[test]
fn failures_are_reported_at_the_line_of_the_access() {
    let sim = Block::simulate(Faulty::default()).unwrap();
    let mut regs = sim.regs();

    // A read-only, a write-only, a too narrow, an absent and an outside register.
    let mut wrong = mistaken(&sim);
    let (text, line) = panic_of(|| wrong.status().write(1));
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["write of block.status refused", "read-only", "typed_failures.rs", "`rw`"]);
    let (text, _) = panic_of(|| wrong.command().read());
    assert_contains(&text, &["read of block.command refused", "write-only"]);
    let (text, _) = panic_of(|| wrong.control().write(1));
    assert_contains(&text, &["write of block.control refused", "4 bytes"]);
    let (text, _) = panic_of(|| wrong.absent().read());
    assert_contains(&text, &["block+0x040", "no register is mapped", "nearest register is `many`"]);
    let (text, line) = panic_of(|| wrong.outside().read());
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["where no region is mapped", "0x0 bytes behind the region block"]);

    // The model panics: the panic unwinds from the accessor, and the device can be used again.
    let (text, _) = panic_of(|| regs.control().write(1));
    assert_eq!(text, "the model gave up");
    regs.control().write(9);
    assert_eq!(regs.control().read(), 9);

    // The model fails the test.
    let (text, line) = panic_of(|| regs.control().write(2));
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["the model of `block` failed the test: control must not be 2", "typed_failures.rs"]);

    // The model accesses its own registers.
    // SAFETY: As in `mistaken`.
    sim.model().reentrant = Some(unsafe { Block::new(sim.base()) });
    let (text, _) = panic_of(|| regs.control().write(3));
    assert_contains(&text, &["read of block.status", "while its model answers another access on this thread"]);

    // The test holds the model while the driver runs.
    let guard = sim.model();
    let (text, _) = panic_of(|| regs.status().read());
    assert_contains(&text, &["while the test holds its model", "drop the guard"]);
    let (text, _) = panic_of(|| sim.state());
    assert_contains(&text, &["already holds the device `block`"]);
    drop(guard);

    // There is one handle.
    let (text, line) = panic_of(|| sim.regs());
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["the handle of `block` was taken already", "pass it on", "`base()`"]);

    // An index outside an array.
    let (text, line) = panic_of(|| regs.many().at(2).read());
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["out of range"]);

    // An access after the simulation.
    drop(sim);
    let (text, line) = panic_of(|| regs.status().read());
    assert_eq!(line, line!() - 1);
    assert_contains(&text, &["read of block.status, whose simulation was dropped before", "keep the `Simulation`"]);
}

/// A device model without a declaration, which accesses another one through its handle.
struct Bridge {
    behind: Block,
}

impl Device for Bridge {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(self.behind.control().read().into_bits().into())
    }

    fn write(&mut self, _access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = u32::try_from(value).map_err(|_| BusError::refused("the bridge is 32 bits wide"))?;
        self.behind.control().write(value);
        Ok(())
    }
}

#[test]
fn a_model_may_access_another_device() {
    let bus = Bus::new();
    let behind = bus.simulate::<Block, _>(Faulty::default()).unwrap();
    let bridge = bus.map(0x100, Bridge { behind: behind.regs() }).unwrap();
    // SAFETY: As in `mistaken`.
    let mut front = unsafe { Block::new(bridge.base()) };
    front.control().write(77);
    assert_eq!(front.control().read(), 77);
    assert_eq!(behind.state().control, 77);
    assert_eq!(bus.trace().accesses().count(), 4);
}
