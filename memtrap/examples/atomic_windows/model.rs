//! The chip behind the reset controller: a peripheral takes a while to come out of its reset.

use super::block::{Peripherals, resets};
use memtrap::Context;
use std::time::Duration;

/// How long it takes.
const DELAY: Duration = Duration::from_micros(2);

/// All peripherals, on one clock.
#[derive(Debug, Default)]
pub struct Chip {
    /// Those on the way out of their reset.
    coming: u32,
}

impl resets::Model for Chip {
    /// Whichever window has changed the register: what is in reset is not done, and what is not will be.
    fn drive(&mut self, regs: &mut resets::State, cx: &mut Context<'_>) {
        let reset = regs.reset.bits();
        let done = regs.reset_done.bits() & !reset;
        regs.reset_done = Peripherals::from_bits(done);
        let coming = !reset & !done & Peripherals::new().with_dma(true).with_io_bank0(true).with_uart0(true).bits();
        for bit in 0..32 {
            match (self.coming >> bit & 1, coming >> bit & 1) {
                (0, 1) => cx.after(DELAY, bit),
                (1, 0) => cx.cancel(bit),
                _ => {}
            }
        }
        self.coming = coming;
    }

    fn event(&mut self, regs: &mut resets::State, bit: u64, _cx: &mut Context<'_>) {
        regs.reset_done = Peripherals::from_bits(regs.reset_done.bits() | 1 << bit);
    }
}
