//! Declared effects are carried out by default, through the typed door.

use memtrap::{Bus, Violation, ViolationPolicy, register, simulated};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Interrupts of a UART.
#[register(u32)]
pub struct Interrupts {
    #[bits(4)]
    pub receive: bool,
    #[bits(5)]
    pub transmit: bool,
}

/// Data of a UART.
#[register(u32)]
pub struct Data {
    #[bits(0..=7)]
    pub data: u8,
    #[bits(8, ro)]
    pub framing_error: bool,
}

/// An Arm PL011, as far as its registers have effects.
#[simulated(size = 0x1000)]
pub struct Pl011 {
    #[reg(0x000, rw, read = pop, write = push)]
    pub dr: Data,
    #[reg(0x004, rw, write = wc, reset = 0xf)]
    pub rsr: u32,
    #[reg(0x038, rw)]
    pub imsc: Interrupts,
    #[reg(0x03c, ro)]
    pub ris: Interrupts,
    #[reg(0x040, ro, value = ris & imsc)]
    pub mis: Interrupts,
    #[reg(0x044, wo, write = w1c, state = ris)]
    pub icr: Interrupts,
    #[reg(0xfe0, ro, constant = [0x11, 0x10, 0x34, 0x00])]
    pub periph_id: [u32; 4],
    #[reg(0xff0, ro, constant = 0xb105_f00d)]
    pub cell_id: u32,
}

struct Plain;
impl pl011::Model for Plain {}

#[test]
fn a_fifo_pops_what_the_test_gave_and_keeps_what_the_driver_wrote() {
    let sim = Pl011::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    for byte in *b"ab" {
        sim.state().dr.to_driver.push_back(Data::new().with_data(byte));
    }
    assert_eq!(regs.dr().read().data(), b'a');
    assert_eq!(regs.dr().read().data(), b'b');
    assert_eq!(regs.dr().read(), Data::new(), "an empty FIFO gives the reset value");
    regs.dr().write(Data::new().with_data(b'x'));
    regs.dr().write(Data::new().with_data(b'y'));
    let sent: Vec<_> = sim.state().dr.from_driver.iter().map(|data| data.data()).collect();
    assert_eq!(sent, b"xy");
}

#[test]
fn a_driver_that_pops_equal_elements_does_not_poll() {
    let sim = Pl011::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    sim.bus().set_poll_budget(4);
    sim.state().dr.to_driver.extend([Data::new(); 20]);
    for _ in 0..20 {
        regs.dr().read();
    }
    assert!(sim.state().dr.to_driver.is_empty());
}

#[test]
fn several_registers_are_views_of_one_state() {
    let sim = Pl011::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    sim.state().ris = Interrupts::new().with_receive(true).with_transmit(true);
    assert_eq!(regs.mis().read(), Interrupts::new(), "everything is masked");
    regs.imsc().modify(|mask| mask.with_transmit(true));
    assert_eq!(regs.mis().read(), Interrupts::new().with_transmit(true));
    assert_eq!(sim.state().mis(), Interrupts::new().with_transmit(true));
    regs.icr().clear(Interrupts::new().with_transmit(true));
    assert_eq!(regs.ris().read(), Interrupts::new().with_receive(true));
    assert_eq!(regs.mis().read(), Interrupts::new());
}

#[test]
fn any_write_clears_and_constants_stay() {
    let sim = Pl011::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    assert_eq!(regs.rsr().read(), 0xf);
    regs.rsr().write(0xffff_ffff);
    assert_eq!(regs.rsr().read(), 0);
    let ids: Vec<_> = (0..4).map(|index| regs.shared().periph_id().at(index).read()).collect();
    assert_eq!(ids, [0x11, 0x10, 0x34, 0x00]);
    assert_eq!(regs.cell_id().read(), 0xb105_f00d);
    assert_eq!(regs.cell_id().reset_value(), 0xb105_f00d);
}

/// Set and clear banks as a GIC has them: two windows on which interrupts are enabled.
#[simulated(size = 0x1000)]
pub struct Distributor {
    #[reg(0x100, rw, write = w1s)]
    pub isenabler: [u32; 2],
    #[reg(0x180, rw, write = w1c, state = isenabler)]
    pub icenabler: [u32; 2],
}

impl distributor::Model for Plain {}

#[test]
fn set_and_clear_banks_need_no_exclusive_handle() {
    let sim = Distributor::simulate(Plain).unwrap();
    let regs = sim.regs();
    regs.isenabler().at(1).set(0b0110);
    regs.isenabler().at(1).set(0b1000);
    assert_eq!(regs.icenabler().at(1).read(), 0b1110);
    regs.icenabler().at(1).clear(0b0010);
    assert_eq!(regs.isenabler().at(1).read(), 0b1100);
    assert_eq!(sim.state().isenabler, [0, 0b1100]);
}

/// The same banks as a driver declares them that does not know what they do.
#[simulated(size = 0x1000)]
pub struct PlainBanks {
    #[reg(0x100, rw)]
    pub isenabler: [u32; 2],
    #[reg(0x180, rw)]
    pub icenabler: [u32; 2],
}

/// Disables an interrupt as arm-gic 0.8.1 did: with a read-modify-write of the clear bank, which drops all others.
#[test]
fn the_read_modify_write_of_a_clear_bank_becomes_visible() {
    let sim = Distributor::simulate(Plain).unwrap();
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut wrong = unsafe { PlainBanks::new(sim.base()) };
    sim.state().isenabler = [0b1011, 0];
    let refused = catch_unwind(AssertUnwindSafe(|| wrong.icenabler().at(0).modify(|bits| bits | 0b0010)));
    let report = refused.unwrap_err().downcast::<String>().unwrap();
    assert!(
        report.starts_with("memtrap: write of distributor.icenabler[0] refused: the register has bits that act"),
        "{report}"
    );
    assert_eq!(sim.state().isenabler, [0b1011, 0]);

    // What would have happened on the hardware, as the default methods carry it out.
    sim.set_violation_policy(Violation::ReadModifyWrite, ViolationPolicy::Allow);
    wrong.icenabler().at(0).modify(|bits| bits | 0b0010);
    assert_eq!(sim.state().isenabler, [0, 0], "every interrupt was disabled, not only the second");

    sim.state().isenabler = [0b1011, 0];
    sim.regs().icenabler().at(0).clear(0b0010);
    assert_eq!(sim.state().isenabler, [0b1001, 0]);
}

/// A register whose fields have policies of their own.
#[register(u32)]
pub struct Status {
    #[bits(0)]
    pub enable: bool,
    #[bits(1, ro)]
    pub ready: bool,
    #[bits(2, w1c)]
    pub overrun: bool,
    #[bits(3, w0c)]
    pub underrun: bool,
    #[bits(4, w1)]
    pub locked: bool,
    #[bits(5, wo)]
    pub start: bool,
    #[bits(8..=15)]
    pub level: u8,
}

/// A register that is cleared by reading it, but for one field.
#[register(u16)]
pub struct Events {
    #[bits(0..=7, rc)]
    pub events: u8,
    #[bits(8)]
    pub keep: bool,
}

/// A device with both.
#[simulated(size = 0x10)]
pub struct Mixed {
    #[reg(0x0, rw, reset = 0x1f0e)]
    pub status: Status,
    #[reg(0x4, rw, read = fields, reset = 0x1ff)]
    pub events: Events,
    #[reg(0x6, ro, read = clear, reset = 0xabcd)]
    pub count: u16,
    #[reg(0x8, rw, write = once)]
    pub lock: [u32; 2],
}

impl mixed::Model for Plain {}

#[test]
fn fields_have_policies_of_their_own() {
    let sim = Mixed::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.status().modify(|status| {
        assert!(!status.overrun(), "a bit that acts on one reaches the closure as zero");
        assert!(status.underrun(), "a bit that acts on zero reaches it as one");
        status.with_enable(true).with_ready(false).with_locked(true).with_start(true)
    });
    let state = sim.state().status;
    assert_eq!(state.bits(), 0x1f3f, "ready, overrun and underrun are as before");
    assert!(!regs.status().read().start(), "a field that cannot be read reads as zero");
    regs.status().modify(|status| status.with_overrun(true).with_underrun(false).with_locked(false));
    let state = sim.state().status;
    assert!(!state.overrun() && !state.underrun());
    assert!(state.locked(), "only the first write counts");
    assert_eq!(state.level(), 0x1f);
}

#[test]
fn reads_clear_what_they_return() {
    let sim = Mixed::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    assert_eq!(regs.events().read().bits(), 0x1ff);
    assert_eq!(regs.events().read().bits(), 0x100);
    assert_eq!(regs.count().read(), 0xabcd);
    assert_eq!(regs.count().read(), 0);
}

#[test]
fn only_the_first_write_after_reset_counts() {
    let sim = Mixed::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.lock().at(0).write(1);
    regs.lock().at(0).write(2);
    regs.lock().at(1).write(3);
    assert_eq!(sim.state().lock, [1, 3]);
    sim.reset();
    assert_eq!(sim.state().lock, [0, 0]);
    regs.lock().at(0).write(4);
    assert_eq!(sim.state().lock, [4, 0]);
}

/// Every effect of writes on single bits.
#[simulated(size = 0x20)]
pub struct Bitwise {
    #[reg(0x00, rw, reset = 0b1100, write = w1c)]
    pub w1c: u32,
    #[reg(0x04, rw, reset = 0b1100, write = w1s)]
    pub w1s: u32,
    #[reg(0x08, rw, reset = 0b1100, write = w1t)]
    pub w1t: u32,
    #[reg(0x0c, rw, reset = 0b1100, write = w0c)]
    pub w0c: u32,
    #[reg(0x10, rw, reset = 0b1100, write = w0s)]
    pub w0s: u32,
    #[reg(0x14, rw, reset = 0b1100, write = w0t)]
    pub w0t: u32,
    #[reg(0x18, rw, reset = 0b1100, write = ws)]
    pub ws: u32,
}

impl bitwise::Model for Plain {}

#[test]
fn bits_act_as_declared_through_a_shared_handle() {
    let bus = Bus::new();
    let sim = bus.simulate::<Bitwise, _>(Plain).unwrap();
    let mut regs = sim.regs();
    regs.w1c().clear(0b1010);
    regs.w1s().set(0b1010);
    regs.w1t().toggle(0b1010);
    regs.w0c().write(0b1010);
    regs.w0s().write(!0b0010);
    regs.w0t().write(!0b1010);
    regs.ws().write(0);
    let state = sim.state().clone();
    assert_eq!(
        [state.w1c, state.w1s, state.w1t, state.w0c, state.w0s, state.w0t, state.ws],
        [0b0100, 0b1110, 0b0110, 0b1000, 0b1110, 0b0110, u32::MAX]
    );
    // `write_with` starts from what leaves every bit alone, not from the reset value.
    regs.w1c().write_with(|bits| bits | 0b0100);
    regs.w0c().write_with(|bits| bits);
    let state = sim.state().clone();
    assert_eq!((state.w1c, state.w0c), (0, 0b1000));
    assert_eq!(sim.trace().values(memtrap::trace::write("w0c")), [0b1010, 0xffff_ffff]);
}
