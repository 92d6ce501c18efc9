//! Windows in which a write sets, clears or inverts bits, through both doors.

use memtrap::{register, simulated, trace};

/// Control of a pin.
#[register(u32)]
pub struct Control {
    #[bits(0..=4)]
    pub function: u8,
    #[bits(8)]
    pub enable: bool,
    /// Cleared by writing one.
    #[bits(16, w1c)]
    pub event: bool,
}

/// A pin.
#[simulated(size = 0x8)]
pub struct Pin {
    #[reg(0x0, ro)]
    pub status: u32,
    #[reg(0x4, rw, reset = 0x1f)]
    pub control: Control,
}

/// A bank of pins, with windows as the RP2040 has them for its peripherals (data sheet, section 2.1.2).
#[simulated(size = 0x4000, alias(xor = 0x1000, set = 0x2000, clear = 0x3000))]
pub struct Bank {
    #[block(0x000)]
    pub pin: [Pin; 4],
    #[reg(0x0f0, rw, write = w1c)]
    pub raw: u32,
    #[reg(0x100, rw)]
    pub enable: [u32; 2],
    #[reg(0x108, ro, value = raw & 0xff)]
    pub low: u32,
}

struct Plain;
impl bank::Model for Plain {}

#[test]
fn one_write_changes_the_bits_that_are_one() {
    let sim = Bank::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.enable().at(1).write(0b1100);
    regs.enable().at(1).set_bits(0b0110);
    assert_eq!(sim.state().enable, [0, 0b1110]);
    regs.enable().at(1).clear_bits(0b0100);
    assert_eq!(sim.state().enable, [0, 0b1010]);
    regs.enable().at(1).toggle_bits(0b0011);
    assert_eq!(sim.state().enable, [0, 0b1001]);
    assert_eq!(regs.enable().at(1).read(), 0b1001);
    assert_eq!(
        sim.trace().to_string(),
        "#1     W bank.enable[1]        0x0000000c\n\
         #2     W bank.enable[1].set    0x00000006\n\
         #3     W bank.enable[1].clear  0x00000004\n\
         #4     W bank.enable[1].xor    0x00000003\n\
         #5     R bank.enable[1]        0x00000009\n"
    );
}

#[test]
fn a_shared_view_changes_bits_too() {
    let sim = Bank::simulate(Plain).unwrap();
    let regs = sim.regs();
    let (one, other) = (regs.shared(), regs.shared());
    one.enable().at(0).set_bits(1);
    other.enable().at(0).set_bits(2);
    assert_eq!(one.enable().at(0).read(), 3);
}

#[test]
fn fields_that_act_when_written_act_through_every_window() {
    let sim = Bank::simulate(Plain).unwrap();
    sim.state().raw = 0b111;
    let regs = sim.regs();
    regs.shared().raw().clear_bits(0b001);
    regs.shared().raw().set_bits(0b010);
    assert_eq!(sim.state().raw, 0b100);
}

/// A bank of pins in which each has windows of its own is not what hardware has: the windows reach the registers of nested
/// blocks.
#[test]
fn nested_blocks_are_in_the_windows() {
    let sim = Bank::simulate(Plain).unwrap();
    sim.state().pin[3].control = Control::new().with_event(true).with_function(3);
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut words = unsafe { Words::new(sim.base()) };
    words.word().at((0x2000 + 3 * 8 + 4) / 4).write(Control::new().with_enable(true).bits());
    let control = sim.state().pin[3].control;
    assert_eq!((control.function(), control.enable(), control.event()), (3, true, true));
    words.word().at((0x3000 + 3 * 8 + 4) / 4).write(0x1_0001);
    let control = sim.state().pin[3].control;
    assert_eq!((control.function(), control.enable(), control.event()), (2, true, false));
    let trace = sim.trace();
    assert_eq!(trace.count(trace::write("pin[3].control.set")), 1);
    assert_eq!(trace.count(trace::write("pin.control.clear")), 1);
    assert_eq!(trace.count(trace::write("pin[3].control")), 0, "only a write to the register itself");
}

/// The addresses of the bank.
#[simulated(size = 0x4000)]
pub struct Words {
    #[reg(0, rw)]
    pub word: [u32; 0x1000],
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn both_doors_do_the_same() {
    let typed = Bank::simulate(Plain).unwrap();
    let mut regs = typed.regs();
    regs.enable().at(0).set_bits(0xff);
    regs.enable().at(0).toggle_bits(0x0f);
    regs.enable().at(0).clear_bits(0x80);

    let trapped = Bank::simulate(Plain).unwrap();
    let at = |offset: usize| trapped.base().wrapping_add(offset).cast::<u32>();
    // SAFETY: The region is live; what the address reaches is the model.
    unsafe { at(0x2100).write_volatile(0xff) };
    // SAFETY: As above.
    unsafe { at(0x1100).write_volatile(0x0f) };
    // SAFETY: As above.
    unsafe { at(0x3100).write_volatile(0x80) };
    // SAFETY: As above.
    assert_eq!(unsafe { at(0x2100).read_volatile() }, 0x70, "a window reads as the register");
    assert_eq!(regs.enable().at(0).read(), 0x70);
    assert_eq!(*typed.state(), *trapped.state());
}

#[test]
fn a_window_of_a_read_only_register_refuses_writes() {
    let sim = Bank::simulate(Plain).unwrap();
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut words = unsafe { Words::new(sim.base()) };
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| words.word().at(0x2108 / 4).write(1)));
    let report = *refused.unwrap_err().downcast::<String>().unwrap();
    assert!(report.contains("write of bank.low.set refused"), "{report}");
}

/// A model sees what the register shall hold.
#[derive(Default)]
struct Recorder(Vec<u32>);

impl bank::Model for Recorder {
    fn write_enable(&mut self, regs: &mut bank::State, index: usize, value: u32, _cx: &mut memtrap::Context<'_>) {
        self.0.push(value);
        regs.enable[index] = value;
    }
}

#[test]
fn a_model_gets_the_value_that_a_plain_write_would_bring() {
    let sim = Bank::simulate(Recorder::default()).unwrap();
    let mut regs = sim.regs();
    regs.enable().at(0).set_bits(0b110);
    regs.enable().at(0).toggle_bits(0b011);
    assert_eq!(sim.model().0, [0b110, 0b101]);
}

#[test]
fn coverage_counts_the_register_and_the_bits_that_were_changed() {
    let sim = Bank::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.enable().at(0).set_bits(0b0110);
    regs.enable().at(0).clear_bits(0b0010);
    let coverage = sim.bus().coverage();
    let enable = coverage.registers().find(|register| register.register == "enable").unwrap();
    assert_eq!((enable.writes, enable.toggled), (2, 0b0010));
    assert_eq!(coverage.registers().count(), 4 * 2 + 3);
}
