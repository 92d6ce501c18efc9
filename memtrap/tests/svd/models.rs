//! Models on top of the stored registers.

use crate::{
    message,
    pointer::{read, write},
    simulated,
};
use memtrap::{Access, BusError, Context, Device};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

const UART0: usize = 0x4000_4000;

#[memtrap::test]
fn single_registers_get_a_life() {
    let (bus, sim) = simulated();
    let line = sim.interrupt("UART0_IRQ");
    assert_eq!(line, 20);
    sim.on_write("UART0.THR", move |value, registers, cx| {
        registers.set("STATUS", registers.get("STATUS") | 1);
        registers.set("RBR", value + 1);
        cx.raise(line);
    });
    let mut reads = 0;
    sim.on_read("UART0.RBR", move |value, registers, _cx| {
        reads += 1;
        registers.set("STATUS", registers.get("STATUS") & !1);
        value + reads
    });
    sim.on_read("UART0.ID", |_, registers, _cx| 10 + registers.element() as u64);
    write(UART0, 0x40u32);
    assert!(bus.is_interrupt_pending(20));
    assert_eq!(sim.value("UART0.STATUS") & 1, 1);
    assert_eq!([read::<u32>(UART0), read::<u32>(UART0)], [0x42, 0x43]);
    assert_eq!(sim.value("UART0.STATUS") & 1, 0);
    assert_eq!(read::<u8>(UART0 + 0x18), 12);
    assert_eq!(read::<u32>(UART0 + 0x1000), 0x7e, "UART1 has none");
}

/// Knows the first register only.
#[derive(Debug, Default)]
struct Loop {
    sent: Vec<u8>,
    events: u32,
}

impl Device for Loop {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        match access.offset {
            0 => Ok(u64::from(self.sent.pop().unwrap_or(0))),
            _ => Err(BusError::Unmapped),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0 => {
                self.sent.push(value as u8);
                cx.after(Duration::from_micros(1), 0);
                Ok(())
            }
            _ => Err(BusError::Unmapped),
        }
    }

    fn event(&mut self, _event: u64, _cx: &mut Context<'_>) {
        self.events += 1;
    }
}

#[memtrap::test]
fn a_model_takes_the_place_of_a_peripheral() {
    let (bus, mut sim) = simulated();
    write(UART0 + 0x20, 3u32);
    let uart = sim.attach("UART0", Loop::default()).unwrap();
    assert_eq!(uart.name(), "UART0");
    write(UART0, 0x41u32);
    write(UART0, 0x42u32);
    assert_eq!(uart.device().sent, [0x41, 0x42]);
    assert_eq!(read::<u32>(UART0), 0x42);
    assert_eq!(read::<u32>(UART0 + 0x20), 3, "what the model does not know is stored, as before");
    assert_eq!(uart.device().stored().get("LEVEL_TX"), 3);
    bus.clock().sleep(Duration::from_micros(2));
    assert_eq!(uart.device().events, 2);
    assert_eq!(
        bus.trace().tail(3).to_string().lines().last(),
        Some("       @ UART0           event 0"),
        "{}",
        bus.trace()
    );
    assert!(bus.trace().to_string().contains("W UART0.THR       0x00000042\n"), "{}", bus.trace());
    let report = message(|| _ = sim.value("UART0.MODE"));
    assert!(report.contains("a model is attached"), "{report}");
}

#[memtrap::test]
fn a_peripheral_can_be_replaced() {
    let (bus, mut sim) = simulated();
    sim.remove("UART0");
    let own = bus.map_at(UART0, 0x1000, Loop::default()).unwrap();
    write(UART0, 0x43u32);
    assert_eq!(own.device().sent, [0x43]);
}

#[memtrap::test]
fn interrupts_have_names() {
    let (bus, sim) = simulated();
    let served = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&served);
    bus.on_interrupt(sim.interrupt("UART1_IRQ"), move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    sim.on_write("UART1.PLAIN", |_, _, cx| cx.pulse(21));
    write(UART0 + 0x100c, 1u32);
    assert_eq!(served.load(Ordering::Relaxed), 1);
    let names: Vec<_> = sim.chip().interrupts().iter().map(|i| (&*i.name, i.number, &*i.peripheral)).collect();
    assert_eq!(names, [("UART0_IRQ", 20, "UART0"), ("UART1_IRQ", 21, "UART1")]);
}
