//! Events and resets reach the models of declared blocks.

use memtrap::{Context, simulated};
use std::time::Duration;

/// A one-shot timer.
#[simulated(size = 0x10, width = 32)]
pub struct Timer {
    /// Microseconds until the timer runs out; a write starts it.
    #[reg(0x0, rw, reset = 5)]
    pub load: u32,
    /// 1 when the timer has run out.
    #[reg(0x4, ro)]
    pub status: u32,
}

#[derive(Default)]
struct Model {
    resets: u32,
}

impl timer::Model for Model {
    fn write_load(&mut self, regs: &mut timer::State, value: u32, cx: &mut Context<'_>) {
        regs.load = value;
        cx.after(Duration::from_micros(value.into()), 1);
    }

    fn event(&mut self, regs: &mut timer::State, event: u64, cx: &mut Context<'_>) {
        assert_eq!(event, 1);
        assert!(cx.access().is_none());
        regs.status = 1;
    }

    fn reset(&mut self, regs: &mut timer::State, _cx: &mut Context<'_>) {
        *regs = timer::State::default();
        self.resets += 1;
    }
}

#[test]
fn a_scheduled_event_changes_a_register() {
    let sim = Timer::simulate(Model::default()).unwrap();
    let mut regs = sim.regs();
    regs.load().write(100);
    assert_eq!(regs.status().read(), 0);
    sim.bus().clock().sleep(Duration::from_micros(100));
    assert_eq!(regs.status().read(), 1);
}

#[test]
fn a_driver_that_polls_a_typed_register_is_not_kept_waiting() {
    let sim = Timer::simulate(Model::default()).unwrap();
    let mut regs = sim.regs();
    regs.load().write(3_000_000);
    while regs.status().read() == 0 {}
    assert!(sim.bus().clock().now() >= Duration::from_secs(3));
}

#[test]
fn a_reset_restores_the_declared_values() {
    let sim = Timer::simulate(Model::default()).unwrap();
    let mut regs = sim.regs();
    regs.load().write(1);
    sim.reset();
    assert_eq!(regs.load().read(), 5);
    assert_eq!(sim.model().resets, 1);
    assert!(sim.trace().to_string().contains("reset"));
}
