//! The typed door: a driver on a handle reaches the device model, with no trap involved.

use memtrap::{
    Bus, CodeLocation, Context, RegisterValue, Width, simulated,
    trace::{self, Direction},
};

/// A small UART.
#[simulated(size = 0x1000, width = 32)]
pub struct Uart {
    /// Data.
    #[reg(0x000, rw)]
    pub dr: u32,
    /// Flags.
    #[reg(0x018, ro, reset = 0x90)]
    pub fr: Flags,
    #[reg(0x030, rw, reset = 0x300)]
    pub cr: u32,
    #[reg(0x044, wo)]
    pub icr: u32,
    #[reg(0x400, rw, reset = 0xa0)]
    pub priority: [u8; 8],
    #[reg(0x500, rw, stride = 0x10, reset = 0x1234)]
    pub channel: [u16; 3],
}

/// Flags of the UART.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flags(u32);

impl Flags {
    const TX_FULL: u32 = 0x20;
}

impl RegisterValue for Flags {
    type Bits = u32;

    fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    fn into_bits(self) -> u32 {
        self.0
    }
}

/// A model that keeps every default.
struct Plain;

impl uart::Model for Plain {}

/// A model whose transmitter holds one byte until the driver has polled three times.
#[derive(Default)]
struct Wire {
    sent: Vec<u8>,
    busy: u32,
}

impl uart::Model for Wire {
    fn write_dr(&mut self, regs: &mut uart::State, value: u32, cx: &mut Context<'_>) {
        self.sent.push(u8::try_from(value).expect("the driver sends bytes"));
        self.busy = 3;
        regs.fr = Flags(regs.fr.0 | Flags::TX_FULL);
        cx.note("transmitter full");
    }

    fn read_fr(&mut self, regs: &mut uart::State, _cx: &mut Context<'_>) -> Flags {
        if self.busy > 0 {
            self.busy -= 1;
        } else {
            regs.fr = Flags(regs.fr.0 & !Flags::TX_FULL);
        }
        regs.fr
    }
}

/// The driver under test: not generic, and it does not know that it is simulated.
struct Driver {
    regs: Uart,
}

impl Driver {
    fn put(&mut self, byte: u8) {
        while self.regs.fr().read().0 & Flags::TX_FULL != 0 {}
        self.regs.dr().write(byte.into());
    }
}

#[test]
fn a_driver_runs_against_a_model() {
    let sim = Uart::simulate(Wire::default()).unwrap();
    let mut driver = Driver { regs: sim.regs() };
    for byte in b"ok" {
        driver.put(*byte);
    }
    assert_eq!(sim.model().sent, b"ok");
    assert_eq!(
        sim.trace().to_string(),
        "\
#1     R uart.fr  0x00000090
#2     W uart.dr  0x0000006f
       . uart     transmitter full
#3     R uart.fr  0x000000b0  x 3
#6     R uart.fr  0x00000090
#7     W uart.dr  0x0000006b
       . uart     transmitter full
"
    );
}

#[test]
fn registers_start_at_their_reset_values() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    assert_eq!(regs.fr().read(), Flags(0x90));
    assert_eq!(regs.cr().read(), 0x300);
    assert_eq!(regs.dr().read(), 0);
    assert_eq!(regs.priority().at(7).read(), 0xa0);
    assert_eq!(regs.channel().at(2).read(), 0x1234);
    assert_eq!(regs.cr().reset_value(), 0x300);
    assert_eq!(*sim.state(), uart::State::default());
}

#[test]
fn stored_registers_keep_what_is_written() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.cr().write(1);
    regs.cr().modify(|cr| cr | 0x80);
    assert_eq!(regs.shared().cr().read(), 0x81);
    regs.cr().write_with(|cr| cr | 4);
    assert_eq!(sim.state().cr, 0x304);
    sim.state().fr = Flags(7);
    assert_eq!(regs.fr().read(), Flags(7));
    regs.icr().write(9);
    assert_eq!(sim.state().icr, 9);
}

#[test]
fn elements_of_arrays_are_separate() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    for (index, mut element) in regs.priority().iter().enumerate() {
        element.write(u8::try_from(index).unwrap());
    }
    regs.channel().at(1).write(0xffff);
    assert!(regs.channel().get(3).is_none());
    assert_eq!(sim.state().priority, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(sim.state().channel, [0x1234, 0xffff, 0x1234]);
    let trace = sim.trace();
    let last = trace.accesses().next_back().unwrap();
    assert_eq!((last.access.offset, last.access.width, last.direction), (0x510, Width::U16, Direction::Write));
    assert!(trace.to_string().ends_with("W uart.channel[1]   0xffff\n"), "{trace}");
}

#[test]
fn the_trace_knows_registers_by_name() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.cr().write(0x301);
    regs.dr().write(b'x'.into());
    let trace = sim.trace();
    trace.assert_order([trace::write(uart::Reg::Cr), trace::write(uart::Reg::Dr).of(b'x')]);
    assert_eq!(trace.count(trace::read(uart::Reg::Fr)), 0);
    assert_eq!(uart::Reg::Channel.offset(), 0x500);
    assert_eq!(uart::Reg::ALL.len(), 6);
    assert_eq!((uart::CR_OFFSET, uart::CR_RESET), (0x30, 0x300));
}

#[test]
fn an_access_knows_the_line_that_made_it() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    let line = line!() + 1;
    regs.cr().modify(|cr| cr);
    for access in sim.trace().accesses() {
        let CodeLocation::Source(location) = access.access.location else { panic!("came through the typed door") };
        assert_eq!((location.file(), location.line()), (file!(), line));
    }
}

#[test]
fn two_devices_share_a_bus() {
    let bus = Bus::new();
    let one = bus.simulate::<Uart, _>(Plain).unwrap();
    let two = bus.simulate::<Uart, _>(Plain).unwrap();
    let (mut first, mut second) = (one.regs(), two.regs());
    first.cr().write(1);
    second.cr().write(2);
    first.cr().write(3);
    assert_eq!((one.state().cr, two.state().cr), (3, 2));
    assert_eq!(
        bus.trace().to_string(),
        "\
#1     W uart.cr    0x00000001
#2     W uart.2.cr  0x00000002
#3     W uart.cr    0x00000003
"
    );
}

#[test]
fn a_device_answers_at_a_fixed_address() {
    let sim = Uart::simulate_at(0x2_0009_0000, Plain).unwrap();
    assert_eq!(sim.base().addr(), 0x2_0009_0000);
    let regs = sim.regs();
    assert_eq!(regs.fr().as_ptr().addr(), 0x2_0009_0018);
    assert_eq!(regs.fr().read(), Flags(0x90));
}

#[test]
fn a_handle_shows_its_address_and_reads_nothing() {
    let sim = Uart::simulate(Plain).unwrap();
    let regs = sim.regs();
    assert_eq!(format!("{regs:?}"), format!("Uart({:?})", sim.base()));
    assert_eq!(format!("{:?}", regs.shared()), format!("Shared({:?})", sim.base()));
    assert!(sim.trace().events().is_empty());
}

#[test]
fn state_shows_values_as_their_types_do() {
    assert_eq!(
        format!("{:?}", uart::State::default()),
        "State { dr: 0x00000000, fr: Flags(144), cr: 0x00000300, icr: 0x00000000, \
         priority: [0xa0, 0xa0, 0xa0, 0xa0, 0xa0, 0xa0, 0xa0, 0xa0], channel: [0x1234, 0x1234, 0x1234] }"
    );
}

#[test]
fn threads_share_a_view() {
    let sim = Uart::simulate(Plain).unwrap();
    let regs = sim.regs();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert_eq!(regs.shared().cr().read(), 0x300);
                }
            });
        }
    });
    assert_eq!(sim.trace().count(trace::read(uart::Reg::Cr)), 400);
}
