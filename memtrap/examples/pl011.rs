//! Two drivers, one simulated UART.
//!
//! A worked block: FIFOs, interrupts and the three registers of their status, all declared in
//! `src/models/pl011/block.rs`. The model in `pl011/wire.rs` has what no declaration can say: a wire, and when the
//! interrupts are raised. (A complete one, in which characters take their time, is
//! `memtrap::models::pl011::Pl011Uart`.)
//!
//! The first driver is the crate `arm-pl011-uart`, exactly as published: it accesses the registers through raw
//! pointers, and every access is trapped. The second is written on the handle that `#[simulated]` makes of the register
//! block. Both talk to the same model, and leave the same trace.
//!
//! Run it with `cargo run --example pl011`.

#[path = "pl011/console.rs"]
pub mod console;
#[path = "pl011/published.rs"]
pub mod published;
#[path = "pl011/wire.rs"]
pub mod wire;

use block::{Pl011, pl011};
use console::Console;
use memtrap::{Simulation, models::pl011 as block, trace};
use std::{
    error::Error,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};
use wire::{IRQ, Wire};

const BAUD_RATE: u32 = 115_200;
const CLOCK: u32 = 24_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    // A FIFO of four bytes and a slow wire, so that the drivers have to wait.
    let sim = Pl011::simulate(Wire::new(4, 3))?;
    let mut uart = published::uart(sim.base(), BAUD_RATE, CLOCK);
    uart.write_str("hello, wire\n")?;
    while uart.is_busy() {}
    sim.stimulate(|wire, regs, cx| wire.arrive(regs, cx, b"ok"));
    let received = published::drain(&mut uart);
    report("arm-pl011-uart 0.5.1, unmodified: every access is trapped", &sim, &received);
    println!("{}", sim.trace());

    let other = Pl011::simulate(Wire::new(4, 3))?;
    let mut console = Console::new(other.regs(), BAUD_RATE, CLOCK);
    console.write_str("hello, wire\n")?;
    console.flush();
    other.stimulate(|wire, regs, cx| wire.arrive(regs, cx, b"ok"));
    let received: Vec<u8> = std::iter::from_fn(|| console.get()).collect();
    let _uart = console.into_regs();
    report("a driver on the typed handle: every access is a call", &other, &received);

    let same = sim.trace().to_string() == other.trace().to_string();
    interrupts()?;
    println!("The traces of the two drivers are {}.", if same { "the same, access for access" } else { "different" });
    if same { Ok(()) } else { Err("the drivers do the same, so the traces should be the same".into()) }
}

/// Bytes arrive one after the other, and the handler takes them: when the FIFO is half full, and when no more come.
fn interrupts() -> Result<(), Box<dyn Error>> {
    let sim = Pl011::simulate(Wire::new(8, 3))?;
    let mut console = Console::new(sim.regs(), BAUD_RATE, CLOCK);
    console.listen();
    sim.bus().clear_trace();
    let received = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&received);
    sim.bus().on_interrupt(IRQ, move || taken.lock().expect("nobody panicked").push(console.interrupted()));
    for byte in b"interrupt!" {
        sim.stimulate(|wire, regs, cx| wire.arrive(regs, cx, &[*byte]));
    }
    sim.bus().clock().sleep(Duration::from_millis(1));
    println!("the same driver, by interrupts\n");
    for bytes in received.lock().expect("nobody panicked").iter() {
        println!("  received  {:?}", String::from_utf8_lossy(bytes));
    }
    println!("\n{}", sim.trace());
    Ok(())
}

fn report(driver: &str, sim: &Simulation<Pl011, Wire>, received: &[u8]) {
    let trace = sim.trace();
    println!("{driver}\n");
    println!("  sent      {:?}", String::from_utf8_lossy(&sim.model().sent));
    println!("  received  {:?}", String::from_utf8_lossy(received));
    println!("  accesses  {}", trace.accesses().count());
    println!(
        "  waited    {} of {} reads of the flags found the FIFO full\n",
        sim.model().full,
        trace.count(trace::read(pl011::Reg::Fr))
    );
}
