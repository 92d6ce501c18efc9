//! Registers that share an offset: told apart by the direction of the access, or by a field; through both doors.

use memtrap::{register, simulated, trace};

/// Line control of a 16550.
#[register(u8)]
pub struct LineControl {
    #[bits(0..=1)]
    pub word_length: u8,
    /// Divisor latch access.
    #[bits(7)]
    pub dlab: bool,
}

/// The registers of a 16550 UART that share their offsets.
#[simulated(size = 0x8, width = 8)]
pub struct Uart {
    #[reg(0x0, ro, read = pop)]
    pub rbr: u8,
    #[reg(0x0, wo, write = push, overlaps(rbr))]
    pub thr: u8,
    #[reg(0x0, rw, overlaps(rbr, thr), when = lcr.dlab)]
    pub dll: u8,
    #[reg(0x1, rw)]
    pub ier: u8,
    #[reg(0x1, rw, overlaps(ier), when = lcr.dlab)]
    pub dlm: u8,
    #[reg(0x2, ro, reset = 1)]
    pub iir: u8,
    #[reg(0x2, wo, overlaps(iir))]
    pub fcr: u8,
    #[reg(0x3, rw)]
    pub lcr: LineControl,
}

struct Plain;
impl uart::Model for Plain {}

fn set_divisor(uart: &mut Uart) {
    uart.lcr().modify(|lcr| lcr.with_dlab(true));
    uart.dll().write(0x1a);
    uart.dlm().write(0x01);
    uart.lcr().modify(|lcr| lcr.with_dlab(false));
    uart.ier().write(0x05);
    uart.thr().write(b'x');
    uart.fcr().write(0x07);
}

const DIVISOR: &str = "#1     R uart.lcr  0x00\n\
                       #2     W uart.lcr  0x80  {dlab}\n\
                       #3     W uart.dll  0x1a\n\
                       #4     W uart.dlm  0x01\n\
                       #5     R uart.lcr  0x80  {dlab}\n\
                       #6     W uart.lcr  0x00\n\
                       #7     W uart.ier  0x05\n\
                       #8     W uart.thr  0x78\n\
                       #9     W uart.fcr  0x07\n";

#[test]
fn an_access_reaches_the_register_that_is_there() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut uart = sim.regs();
    set_divisor(&mut uart);
    let state = sim.state().clone();
    assert_eq!((state.dll, state.dlm, state.ier, state.fcr), (0x1a, 0x01, 0x05, 0x07));
    assert_eq!(state.thr.from_driver, [b'x']);
    sim.state().rbr.to_driver.push_back(b'y');
    assert_eq!(uart.rbr().read(), b'y');
    assert_eq!(uart.iir().read(), 1);
    assert!(sim.trace().to_string().starts_with(DIVISOR), "{}", sim.trace());
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn the_trapped_door_is_told_apart_in_the_same_way() {
    let sim = Uart::simulate(Plain).unwrap();
    let at = |offset: usize| sim.base().wrapping_add(offset);
    // SAFETY: The region is live; what the address reaches is the model.
    let write = |offset: usize, value: u8| unsafe { at(offset).write_volatile(value) };
    // SAFETY: As above.
    let read = |offset: usize| unsafe { at(offset).read_volatile() };
    write(3, read(3) | 0x80);
    write(0, 0x1a);
    write(1, 0x01);
    write(3, read(3) & 0x7f);
    write(1, 0x05);
    write(0, b'x');
    write(2, 0x07);
    assert_eq!(sim.trace().to_string(), DIVISOR);
    let typed = Uart::simulate(Plain).unwrap();
    set_divisor(&mut typed.regs());
    assert_eq!(*typed.state(), *sim.state());
}

#[test]
fn scripts_and_questions_know_which_register_was_meant() {
    let sim = Uart::simulate(Plain).unwrap();
    let script = sim.bus().expect(memtrap::seq![
        memtrap::script::Step::from(trace::write("lcr").with_field("dlab", true)),
        memtrap::script::Step::from(trace::write("dll").of(0x1au8)),
    ]);
    let mut uart = sim.regs();
    uart.lcr().write(LineControl::new().with_dlab(true));
    uart.dll().write(0x1a);
    drop(script);
    let trace = sim.trace();
    assert_eq!((trace.count(trace::write("thr")), trace.count(trace::write("dll"))), (0, 1));
    let coverage = sim.bus().coverage();
    let touched: Vec<_> = coverage.registers().filter(|register| register.is_touched()).map(|r| r.register).collect();
    assert_eq!(touched, ["dll", "lcr"]);
    assert_eq!(coverage.registers().count(), 8);
}

/// A status that is read where a command is written, and a window that is open while the status says so.
#[simulated(size = 0x10)]
pub struct Mailbox {
    #[reg(0x0, ro, reset = 0)]
    pub status: Status,
    #[reg(0x0, wo, overlaps(status))]
    pub command: u32,
    #[reg(0x4, rw)]
    pub word: u32,
    #[reg(0x4, rw, overlaps(word), when = !status.busy)]
    pub half: [u16; 2],
}

/// Status of the mailbox.
#[register(u32)]
pub struct Status {
    #[bits(0)]
    pub busy: bool,
}

impl mailbox::Model for Plain {}

#[test]
fn a_condition_can_be_that_a_field_is_clear() {
    let sim = Mailbox::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.half().at(1).write(0x1234);
    regs.command().write(9);
    sim.state().status = Status::new().with_busy(true);
    regs.word().write(5);
    assert_eq!(regs.status().read(), Status::new().with_busy(true));
    let state = sim.state();
    assert_eq!((state.half, state.word, state.command), ([0, 0x1234], 5, 9));
}

#[test]
fn a_report_names_the_register_that_is_there() {
    let sim = Mailbox::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| regs.word().write(1)));
    let report = *refused.unwrap_err().downcast::<String>().unwrap();
    assert!(report.contains("write of mailbox.half[0] refused"), "{report}");
}
