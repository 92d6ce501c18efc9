//! Two drivers of the reset controller, for code that is interrupted by code which uses it as well.

use super::block::{Peripherals, Resets};

/// A peripheral that can be reset.
#[derive(Clone, Copy, Debug)]
pub enum Peripheral {
    /// Direct memory access.
    Dma,
    /// The first UART.
    Uart0,
}

impl Peripheral {
    fn bit(self) -> Peripherals {
        match self {
            Self::Dma => Peripherals::new().with_dma(true),
            Self::Uart0 => Peripherals::new().with_uart0(true),
        }
    }
}

/// What both drivers offer.
pub trait Subsystem {
    /// The driver on these registers.
    fn new(regs: Resets) -> Self;
    /// Puts a peripheral into reset.
    fn assert(&mut self, peripheral: Peripheral);
    /// Takes a peripheral out of reset, and waits until it is.
    fn release(&mut self, peripheral: Peripheral);
}

/// Reads, modifies and writes.
#[derive(Debug)]
pub struct Careless(Resets);

impl Subsystem for Careless {
    fn new(regs: Resets) -> Self {
        Self(regs)
    }

    fn assert(&mut self, peripheral: Peripheral) {
        self.0.reset().modify(|reset| Peripherals::from_bits(reset.bits() | peripheral.bit().bits()));
    }

    fn release(&mut self, peripheral: Peripheral) {
        self.0.reset().modify(|reset| Peripherals::from_bits(reset.bits() & !peripheral.bit().bits()));
        wait(&self.0, peripheral);
    }
}

/// Writes to the windows: each change is one access, and no other bit takes part in it.
#[derive(Debug)]
pub struct Careful(Resets);

impl Subsystem for Careful {
    fn new(regs: Resets) -> Self {
        Self(regs)
    }

    fn assert(&mut self, peripheral: Peripheral) {
        self.0.reset().set_bits(peripheral.bit());
    }

    fn release(&mut self, peripheral: Peripheral) {
        self.0.reset().clear_bits(peripheral.bit());
        wait(&self.0, peripheral);
    }
}

fn wait(regs: &Resets, peripheral: Peripheral) {
    while regs.reset_done().read().bits() & peripheral.bit().bits() == 0 {}
}
