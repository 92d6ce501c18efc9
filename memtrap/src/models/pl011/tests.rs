//! What the manual promises.

use super::{Control, Data, FifoLevel, FifoLevels, Interrupts, LineControl, Pl011, Pl011Uart};
use crate::{bus::Bus, model::Simulation};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

const LINE: u32 = 33;
/// Ten bits at 115,200 Bd: 24 MHz / 16 / (13 + 1/64), to the nanosecond.
const CHARACTER: Duration = Duration::from_nanos(86_770);

struct Fixture {
    sim: Simulation<Pl011, Pl011Uart>,
    regs: Pl011,
}

impl Fixture {
    /// Eight bits, no parity, one stop bit at 115,200 Bd, with the FIFOs enabled and this in the control register.
    fn new(uart: Pl011Uart, control: Control) -> Self {
        let mut fixture = Self::after_reset(uart);
        fixture.set_up(LineControl::new().with_word_length(3).with_fifos(true));
        fixture.regs.cr().write(control.with_uart(true));
        fixture
    }

    fn after_reset(uart: Pl011Uart) -> Self {
        let sim: Simulation<Pl011, _> = Bus::new().simulate(uart.with_interrupt(LINE)).unwrap();
        Self { regs: sim.regs(), sim }
    }

    fn enabled() -> Self {
        Self::new(Pl011Uart::new(), Control::new().with_transmit(true).with_receive(true))
    }

    fn set_up(&mut self, line: LineControl) {
        self.regs.ibrd().write(13);
        self.regs.fbrd().write(1);
        self.regs.lcr_h().write(line);
    }

    fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.regs.dr().write(Data::new().with_data(*byte));
        }
    }

    fn receive(&self, bytes: &[u8]) {
        self.sim.stimulate(|uart, _, cx| uart.receive(bytes, cx));
    }

    fn sleep(&self, characters: u32) {
        self.sim.bus().clock().sleep(CHARACTER * characters);
    }

    fn status(&mut self) -> Interrupts {
        self.regs.ris().read()
    }

    fn report(&mut self, work: impl FnOnce(&mut Self)) -> String {
        let panic = catch_unwind(AssertUnwindSafe(|| work(self))).expect_err("that is not permitted");
        *panic.downcast::<String>().unwrap()
    }
}

#[test]
fn characters_take_their_time() {
    let mut uart = Fixture::enabled();
    assert_eq!(uart.sim.model().character_time(), Some(CHARACTER));
    let before = uart.sim.bus().clock().now();
    uart.put(b"ab");
    assert!(uart.regs.fr().read().busy());
    while uart.regs.fr().read().busy() {}
    assert_eq!(uart.sim.model().sent(), b"ab");
    let passed = uart.sim.bus().clock().now() - before;
    assert!((2 * CHARACTER..3 * CHARACTER).contains(&passed), "{passed:?}");
}

#[test]
fn the_divisor_counts_once_line_control_is_written() {
    let mut uart = Fixture::after_reset(Pl011Uart::new().with_clock(16_000_000));
    uart.regs.ibrd().write(1);
    assert_eq!(uart.sim.model().character_time(), None);
    uart.regs.lcr_h().write(LineControl::new().with_word_length(2).with_parity(true).with_two_stop_bits(true));
    assert_eq!(uart.sim.model().character_time(), Some(Duration::from_micros(11)), "1 + 7 + 1 + 2 bits at 1 MBd");
    uart.regs.ibrd().write(0);
    uart.regs.lcr_h().write(LineControl::new());
    assert_eq!(uart.sim.model().character_time(), None, "a divisor of 0 is not valid");
}

#[test]
fn a_fifo_fills_and_a_full_one_loses_what_is_written() {
    let mut uart = Fixture::new(Pl011Uart::new().with_fifo_depth(4), Control::new().with_transmit(true));
    uart.put(b"abcde"); // one of them is in the shift register
    assert!(uart.regs.fr().read().tx_full());
    let report = uart.report(|uart| uart.put(b"f"));
    assert!(report.contains("full transmit FIFO"), "{report}");
    uart.sleep(1);
    assert!(!uart.regs.fr().read().tx_full());
}

#[test]
fn a_disabled_uart_keeps_what_it_is_given() {
    let mut uart = Fixture::new(Pl011Uart::new(), Control::new());
    uart.put(b"a");
    uart.receive(b"b");
    uart.sleep(2);
    assert_eq!(uart.sim.model().sent(), b"");
    assert!(uart.regs.fr().read().rx_empty());
    assert!(uart.sim.trace().to_string().contains("'b' is lost: the receiver is disabled"));
    uart.regs.cr().modify(|control| control.with_transmit(true));
    uart.sleep(1);
    assert_eq!(uart.sim.model().sent(), b"a");
}

#[test]
fn levels_of_the_fifos_interrupt() {
    let mut uart = Fixture::enabled();
    uart.regs.ifls().write(FifoLevels::new().with_receive(FifoLevel::Eighth).with_transmit(FifoLevel::Eighth));
    uart.regs.imsc().write(Interrupts::new().with_receive(true).with_transmit(true));
    uart.receive(b"abcd");
    uart.sleep(3);
    assert!(!uart.status().receive());
    uart.sleep(1);
    assert!(uart.status().receive() && uart.sim.bus().is_interrupt_pending(LINE));
    assert_eq!(uart.regs.dr().read().data(), b'a');
    assert!(!uart.status().receive() && !uart.sim.bus().is_interrupt_pending(LINE), "below its level again");

    uart.put(b"123456"); // five wait
    assert!(!uart.status().transmit());
    uart.sleep(1);
    assert!(uart.status().transmit() && uart.sim.bus().is_interrupt_pending(LINE));
    uart.put(b"7");
    assert!(!uart.status().transmit(), "above its level again");
}

#[test]
fn characters_that_nobody_fetches_time_out() {
    let mut uart = Fixture::enabled();
    uart.receive(b"a");
    uart.sleep(4); // 32 bits are 3.2 characters
    assert!(!uart.status().receive_timeout());
    uart.sleep(1);
    assert!(uart.status().receive_timeout());
    assert_eq!(uart.regs.dr().read().data(), b'a');
    assert!(!uart.status().receive_timeout());
}

#[test]
fn the_character_behind_a_lost_one_says_so() {
    let mut uart = Fixture::new(Pl011Uart::new().with_fifo_depth(2), Control::new().with_receive(true));
    uart.receive(b"abc");
    uart.sleep(3);
    assert!(uart.status().overrun_error() && uart.regs.fr().read().rx_full());
    assert_eq!(uart.regs.rsr_ecr().read(), 8);
    uart.regs.rsr_ecr().write(0);
    assert_eq!(uart.regs.dr().read(), Data::new().with_data(b'a'));
    uart.receive(b"d");
    uart.sleep(1);
    assert_eq!(uart.regs.dr().read(), Data::new().with_data(b'b'));
    assert_eq!(uart.regs.dr().read(), Data::new().with_data(b'd').with_overrun_error(true));
    assert_eq!(uart.regs.rsr_ecr().read(), 8);
    assert!(uart.status().overrun_error());
    uart.regs.icr().clear(Interrupts::new().with_overrun_error(true));
    assert!(!uart.status().overrun_error());
}

#[test]
fn errors_of_the_line_come_with_their_character() {
    let mut uart = Fixture::enabled();
    let broken = Data::new().with_break_error(true).with_framing_error(true);
    uart.sim.stimulate(|uart, _, cx| {
        uart.receive_character(broken, cx);
        uart.receive(b"a", cx);
    });
    uart.sleep(2);
    let errors = Interrupts::new().with_break_error(true).with_framing_error(true);
    assert_eq!(uart.status(), errors);
    assert_eq!(uart.regs.dr().read(), broken);
    assert_eq!(uart.regs.rsr_ecr().read(), 0b101);
    assert_eq!(uart.regs.dr().read().data(), b'a');
    assert_eq!(uart.regs.rsr_ecr().read(), 0);
}

#[test]
fn a_loop_receives_what_is_sent() {
    let all = Control::new().with_transmit(true).with_receive(true).with_loopback(true);
    let mut uart = Fixture::new(Pl011Uart::new(), all);
    uart.put(b"ab");
    uart.sleep(2);
    assert_eq!([uart.regs.dr().read().data(), uart.regs.dr().read().data()], *b"ab");
}

#[test]
fn the_line_is_not_changed_under_way() {
    let mut uart = Fixture::enabled();
    uart.regs.ibrd().write(1);
    uart.regs.fbrd().write(0);
    assert_eq!(uart.sim.model().character_time(), Some(CHARACTER));
    let trace = uart.sim.trace().to_string();
    assert_eq!(trace.matches("the divisor is written while the UART is enabled").count(), 2, "{trace}");
    let report = uart.report(|uart| uart.regs.lcr_h().write(LineControl::new()));
    assert!(report.contains("line control is written while the UART is enabled"), "{report}");
}

#[test]
fn switching_the_fifos_empties_them() {
    let mut uart = Fixture::enabled();
    uart.receive(b"abc");
    uart.sleep(3);
    uart.regs.cr().write(Control::new());
    uart.set_up(LineControl::new().with_word_length(3));
    assert!(uart.regs.fr().read().rx_empty());
    uart.regs.cr().write(Control::new().with_uart(true).with_receive(true));
    uart.receive(b"de");
    uart.sleep(1);
    assert!(uart.regs.fr().read().rx_full(), "a single character");
    assert!(uart.status().receive());
    uart.sleep(1);
    assert!(uart.status().overrun_error());
}

#[test]
fn a_reset_forgets_all_but_the_wire() {
    let mut uart = Fixture::enabled();
    uart.put(b"ab");
    uart.sleep(1);
    uart.receive(b"c");
    uart.sim.reset();
    uart.sleep(4);
    assert_eq!(uart.sim.model().sent(), b"a");
    assert_eq!((uart.regs.fr().read().bits(), uart.regs.cr().read().bits()), (0x90, 0x300));
}
