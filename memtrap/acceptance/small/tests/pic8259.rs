//! `pic8259`: two controllers that are initialised by a sequence of words, through ports.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Access, Bus, BusError, Context, Device};
use pic8259::ChainedPics;

/// An interrupt controller of the PC (Intel 231468-003, "8259A Programmable Interrupt Controller").
#[derive(Default)]
struct Pic {
    /// The initialisation word that is expected next at the data port.
    step: u32,
    vector: u8,
    cascade: u8,
    mode: u8,
    mask: u8,
    requested: u8,
    in_service: u8,
}

impl Pic {
    fn is_ready(&self) -> bool {
        self.step == 0 && self.mode & 1 != 0
    }

    /// The processor takes the most urgent interrupt: its vector.
    fn acknowledge(&mut self) -> Option<u8> {
        let candidates = self.requested & !self.mask;
        let line = candidates.trailing_zeros();
        if candidates == 0 || self.in_service.trailing_zeros() <= line {
            return None;
        }
        self.requested &= !(1 << line);
        self.in_service |= 1 << line;
        Some(self.vector + line as u8)
    }
}

impl Device for Pic {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(if access.offset == 1 { self.mask.into() } else { self.requested.into() })
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u8;
        match (access.offset, self.step) {
            (0, _) if value & 0x10 != 0 => *self = Self { step: 2, ..Self::default() },
            // A non-specific end of interrupt.
            (0, 0) if value == 0x20 => self.in_service &= self.in_service.wrapping_sub(1),
            (1, 0) => self.mask = value,
            (1, 2) => (self.vector, self.step) = (value & 0xf8, 3),
            (1, 3) => (self.cascade, self.step) = (value, 4),
            (1, 4) => (self.mode, self.step) = (value, 0),
            _ => cx.fail(format!("{value:#x} is no word that comes now")),
        }
        Ok(())
    }
}

/// The port that BIOSes show their progress at, and drivers wait with.
struct Wait;

impl Device for Wait {
    fn read(&mut self, _: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Err(BusError::WriteOnly)
    }

    fn write(&mut self, _: Access, _: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

#[memtrap::test]
fn both_controllers_are_remapped_and_serve_interrupts() {
    let bus = Bus::new();
    let first = bus.ports(0x20..=0x21, Pic { mask: 0xb8, ..Pic::default() }).unwrap();
    let second = bus.ports(0xa0..=0xa1, Pic { mask: 0x8e, ..Pic::default() }).unwrap();
    let _wait = bus.ports(0x80..=0x80, Wait).unwrap();
    // SAFETY: The ports are simulated; the offsets are multiples of 8.
    let mut pics = unsafe { ChainedPics::new(0x20, 0x28) };
    // SAFETY: As above.
    unsafe { pics.initialize() };
    assert!(first.device().is_ready() && second.device().is_ready());
    assert_eq!((first.device().vector, second.device().vector), (0x20, 0x28));
    assert_eq!((first.device().cascade, second.device().cascade), (4, 2));
    assert_eq!((first.device().mask, second.device().mask), (0xb8, 0x8e), "as before");

    // SAFETY: As above.
    unsafe { pics.write_masks(0b1111_1001, 0xef) };
    second.device().requested = 1 << 4;
    first.device().requested = 1 << 2 | 1 << 1;
    let mut served = Vec::new();
    while let Some(vector) = {
        let vector = first.device().acknowledge();
        // Line 2 of the first is the second.
        if vector == Some(0x22) { second.device().acknowledge() } else { vector }
    } {
        served.push(vector);
        // SAFETY: As above.
        unsafe { pics.notify_end_of_interrupt(vector) };
    }
    assert_eq!(served, [0x21, 0x2c]);
    assert_eq!((first.device().in_service, second.device().in_service), (0, 0));
    traces::keep(&bus.trace());
}
