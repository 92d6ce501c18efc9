//! What all peripherals of the chip have in common (RP2040 data sheet, section 2.1.2): three aliases of their registers
//! in which a write flips, sets or clears bits.

use memtrap::{Access, BusError, Context, Device, Width, map::RegisterMap};

/// Size of the registers with their aliases, in bytes.
pub(crate) const SIZE: usize = 0x4000;
const WINDOW: usize = 0x1000;

/// A peripheral of 32-bit registers.
pub(crate) trait Peripheral: Send + 'static {
    /// Its name, with no registers: a trace gives the offset.
    fn map(&self) -> &'static RegisterMap;

    /// What a register reads as.
    fn value(&self, offset: usize) -> u32;

    /// A register was read.
    fn taken(&mut self, _offset: usize, _cx: &mut Context<'_>) {}

    /// Carries out a write.
    fn write(&mut self, offset: usize, value: u32, cx: &mut Context<'_>);

    /// An event of the peripheral's is due.
    fn event(&mut self, _cx: &mut Context<'_>) {}
}

/// A peripheral behind its aliases.
#[derive(Debug)]
pub(crate) struct Aliased<P>(P);

impl<P> Aliased<P> {
    pub(crate) fn new(peripheral: P) -> Self {
        Self(peripheral)
    }

    pub(crate) fn inner(&self) -> &P {
        &self.0
    }

    pub(crate) fn inner_mut(&mut self) -> &mut P {
        &mut self.0
    }
}

impl<P: Peripheral> Device for Aliased<P> {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        if access.width != Width::U32 {
            return Err(BusError::Width { expected: Width::U32 });
        }
        let offset = access.offset % WINDOW;
        let value = self.0.value(offset);
        // Reading an alias has no effect.
        if access.offset == offset {
            self.0.taken(offset, cx);
        }
        Ok(u64::from(value))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if access.width != Width::U32 {
            return Err(BusError::Width { expected: Width::U32 });
        }
        let offset = access.offset % WINDOW;
        let operand = value as u32;
        let before = self.0.value(offset);
        let value = match access.offset / WINDOW {
            0 => operand,
            1 => before ^ operand,
            2 => before | operand,
            _ => before & !operand,
        };
        self.0.write(offset, value, cx);
        Ok(())
    }

    fn event(&mut self, _event: u64, cx: &mut Context<'_>) {
        self.0.event(cx);
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(self.0.map())
    }
}

/// A map that gives a peripheral its name.
macro_rules! named {
    ($name:literal) => {{
        static MAP: memtrap::map::RegisterMap =
            memtrap::map::RegisterMap::new($name, $crate::rp2040::aliased::SIZE, memtrap::Width::U32, &[]);
        &MAP
    }};
}
pub(crate) use named;
