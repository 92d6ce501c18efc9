//! `arm-pl061`: pins, and interrupts on their edges and levels.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use arm_pl061::{InterruptTrigger, PL061, UniqueMmioPointer};
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::ptr::NonNull;

/// The PrimeCell GPIO (ARM DDI 0190B, chapter 3).
#[derive(Default)]
struct Pl061 {
    outputs: u8,
    inputs: u8,
    direction: u8,
    level_sensitive: u8,
    both_edges: u8,
    high_or_rising: u8,
    enabled: u8,
    latched: u8,
}

impl Pl061 {
    fn pins(&self) -> u8 {
        self.outputs & self.direction | self.inputs & !self.direction
    }

    fn raw(&self) -> u8 {
        let level = !(self.pins() ^ self.high_or_rising) & self.level_sensitive;
        self.latched | level
    }

    /// The pins see other levels.
    fn set_inputs(&mut self, inputs: u8) {
        let before = self.pins();
        self.inputs = inputs;
        let (rising, falling) = (!before & self.pins(), before & !self.pins());
        let edges =
            rising & (self.high_or_rising | self.both_edges) | falling & (!self.high_or_rising | self.both_edges);
        self.latched |= edges & !self.level_sensitive;
    }
}

impl Device for Pl061 {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from(match access.offset {
            // The address bits 9 to 2 are a mask (section 3.3.1).
            offset @ 0..0x400 => self.pins() & (offset >> 2) as u8,
            0x400 => self.direction,
            0x404 => self.level_sensitive,
            0x408 => self.both_edges,
            0x40c => self.high_or_rising,
            0x410 => self.enabled,
            0x414 => self.raw(),
            0x418 => self.raw() & self.enabled,
            0xfe0 => 0x61,
            0xfe4 => 0x10,
            0xfe8 => 0x04,
            0xfec => 0x00,
            _ => return Err(BusError::Unmapped),
        }))
    }

    fn write(&mut self, access: Access, value: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u8;
        match access.offset {
            offset @ 0..0x400 => {
                let mask = (offset >> 2) as u8;
                self.outputs = self.outputs & !mask | value & mask;
            }
            0x400 => self.direction = value,
            0x404 => self.level_sensitive = value,
            0x408 => self.both_edges = value,
            0x40c => self.high_or_rising = value,
            0x410 => self.enabled = value,
            0x41c => self.latched &= !value,
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }
}

fn gpio() -> (Region<Pl061>, PL061<'static>) {
    let region = Bus::new().map(0x1000, Pl061::default()).unwrap();
    let registers = NonNull::new(region.base()).unwrap().cast();
    // SAFETY: The registers are a region's, which traps every access; nobody else has a pointer to them.
    let registers = unsafe { UniqueMmioPointer::new(registers) };
    (region, PL061::new(registers))
}

#[test]
fn a_pin_changes_and_its_neighbours_do_not() {
    let (region, mut gpio) = gpio();
    assert!(gpio.read_identification().is_valid());
    for pin in [1, 3] {
        gpio.config().into_output(pin).unwrap();
        gpio.pin_set(pin, true).unwrap();
    }
    region.device().set_inputs(0b1000_0001);
    gpio.pin_set(1, false).unwrap();
    assert_eq!(gpio.read_all(), 0b1000_1001);
    assert!(gpio.pin_is_high(7).unwrap() && gpio.pin_is_low(1).unwrap());
    assert!(gpio.pin_set(8, true).is_err());
    traces::keep(&region.trace());
}

#[test]
fn edges_are_remembered_and_levels_are_not() {
    let (region, mut gpio) = gpio();
    gpio.config().set_interrupt_config(0, InterruptTrigger::RisingEdge).unwrap();
    gpio.config().set_interrupt_config(1, InterruptTrigger::BothEdges).unwrap();
    gpio.config().set_interrupt_config(2, InterruptTrigger::LowLevel).unwrap();
    for pin in 0..3 {
        gpio.config().enable_interrupt(pin, true).unwrap();
    }
    let pending = |gpio: &PL061<'_>| [0, 1, 2].map(|pin| gpio.is_interrupt_pending(pin).unwrap());
    region.device().set_inputs(0b111);
    assert_eq!(pending(&gpio), [true, true, false]);
    for pin in 0..3 {
        gpio.config().clear_interrupt_flag(pin).unwrap();
    }
    region.device().set_inputs(0b000);
    assert_eq!(pending(&gpio), [false, true, true]);
    traces::keep(&region.trace());
}
