//! `uart_16550`: the same model behind memory and behind ports.

use crate::traces;
use memtrap::{Bus, Ports, Region, Width, models::Uart16550 as Model, trace::Trace};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::{Arc, Mutex},
    time::Duration,
};
use uart_16550::{
    BaudRate, Config, Uart16550,
    backend::{Backend, MmioBackend},
    spec::registers::IER,
};

const GREETING: &[u8] = b"a greeting that is longer than the FIFO";
const LINE: u32 = 4;

/// The other end of the wire.
trait Wire {
    fn arrive(&self, bytes: &[u8]);
    fn sent(&self) -> Vec<u8>;
}

impl Wire for Region<Model> {
    fn arrive(&self, bytes: &[u8]) {
        self.stimulate(|uart, cx| uart.receive(bytes, cx));
    }

    fn sent(&self) -> Vec<u8> {
        self.device().sent().to_owned()
    }
}

impl Wire for Ports<Model> {
    fn arrive(&self, bytes: &[u8]) {
        self.stimulate(|uart, cx| uart.receive(bytes, cx));
    }

    fn sent(&self) -> Vec<u8> {
        self.device().sent().to_owned()
    }
}

fn config(interrupts: IER) -> Config {
    Config { baud_rate: BaudRate::Baud115200, interrupts, ..Config::default() }
}

/// A UART in memory, with registers four bytes apart.
fn memory(bus: &Bus, model: Model) -> (Region<Model>, Uart16550<MmioBackend>) {
    let model = model.with_stride(Width::U32).with_interrupt(LINE);
    let region = bus.map(model.size(), model).unwrap();
    let uart = driver(region.base().expose_provenance());
    (region, uart)
}

fn driver(address: usize) -> Uart16550<MmioBackend> {
    let base = NonNull::new(std::ptr::with_exposed_provenance_mut(address)).unwrap();
    // SAFETY: The registers are a region's, which traps every access.
    unsafe { Uart16550::new_mmio(base, 4) }.unwrap()
}

/// Has the driver initialise and test the device, send and receive.
fn talk<B: Backend + 'static>(bus: &Bus, mut uart: Uart16550<B>, wire: &impl Wire) {
    wire.arrive(b"stale");
    bus.clock().sleep(Duration::from_millis(1));
    let mut uart = bus.run(move || {
        uart.init(config(IER::empty())).unwrap();
        uart.test_loopback().unwrap();
        uart.check_connected().unwrap();
        uart.send_bytes_exact(GREETING);
        uart
    });
    bus.clock().sleep(Duration::from_millis(2));
    assert_eq!(wire.sent(), GREETING, "nothing of the loopback test went over the wire");

    wire.arrive(b"answer");
    let answer = bus.run(move || {
        let mut answer = [0; 6];
        uart.receive_bytes_exact(&mut answer);
        answer
    });
    assert_eq!(&answer, b"answer", "what came before the initialisation was discarded");
    // 54 characters at 86.8 us crossed the wire or the loop.
    assert!(bus.clock().now() > Duration::from_micros(54 * 86));
}

/// The accesses without what differs between memory and ports: the offset.
fn by_register(trace: &Trace) -> Vec<String> {
    traces::lines(trace, |access| {
        format!("{} {} {:#x}", access.direction, access.register().expect("a register"), access.value)
    })
}

fn talk_over_memory() -> Trace {
    let bus = Bus::new();
    let (region, uart) = memory(&bus, Model::new());
    talk(&bus, uart, &region);
    bus.trace()
}

fn talk_over_ports() -> Trace {
    let bus = Bus::new();
    let ports = bus.ports(0x3f8..=0x3ff, Model::new().with_interrupt(LINE)).unwrap();
    // SAFETY: The ports are simulated.
    let uart = unsafe { Uart16550::new_port(0x3f8) }.unwrap();
    talk(&bus, uart, &ports);
    bus.trace()
}

#[test]
fn memory_and_ports_are_the_same_device() {
    let (memory, ports) = (talk_over_memory(), talk_over_ports());
    assert_eq!(by_register(&memory), by_register(&ports));
    traces::keep(&ports);
}

#[test]
fn receives_in_its_interrupt_handler() {
    let bus = Bus::new();
    let (region, mut uart) = memory(&bus, Model::new());
    let address = region.base().expose_provenance();
    bus.run(move || uart.init(config(IER::DATA_READY)).unwrap());
    let received = Arc::new(Mutex::new(Vec::new()));
    let buffer = Arc::clone(&received);
    bus.on_interrupt(LINE, move || {
        let mut uart = driver(address);
        while let Ok(byte) = uart.try_receive_byte() {
            buffer.lock().unwrap().push(byte);
        }
    });
    region.arrive(GREETING);
    bus.clock().sleep(Duration::from_millis(10));
    assert_eq!(*received.lock().unwrap(), GREETING);
    // The trigger level is 14 bytes, so 39 take two interrupts, and one more when the line falls silent.
    assert_eq!(bus.interrupts_served(LINE), 3);
    traces::keep(&bus.trace());
}

#[test]
fn a_device_without_a_clock_ends_in_a_report() {
    let bus = Bus::new();
    let (_region, mut uart) = memory(&bus, Model::new().with_clock(0));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        bus.run(move || {
            uart.init(config(IER::empty())).unwrap();
            uart.test_loopback().unwrap();
        });
    }));
    let report = *panic.expect_err("nothing comes back").downcast::<String>().unwrap();
    assert!(report.contains("uart16550.lsr never changed"), "{report}");
    assert!(report.contains("receive_bytes_exact") || report.contains("uart_16550"), "{report}");
}
