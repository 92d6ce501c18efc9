//! A platform-level interrupt controller ("RISC-V Platform-Level Interrupt Controller Specification" 1.0.0), with one
//! context, 32 sources and 3 bits of priority.

use memtrap::{Access, Bus, BusError, Context, Device, Region};

/// The bus's line for the hart's external interrupt.
pub(crate) const EXTERNAL: u32 = 11;

#[derive(Default)]
pub(crate) struct Model {
    priority: [u32; 32],
    levels: u32,
    pending: u32,
    claimed: u32,
    enabled: u32,
    threshold: u32,
}

impl Model {
    pub(crate) fn map(bus: &Bus) -> Region<Self> {
        bus.map(0x400_0000, Self::default()).unwrap()
    }

    /// A source's line changes.
    pub(crate) fn set_level(&mut self, source: usize, high: bool, cx: &mut Context<'_>) {
        self.levels = self.levels & !(1 << source) | u32::from(high) << source;
        self.gate();
        self.drive(cx);
    }

    /// The gateways forward a request that is not being handled already (section 1.2).
    fn gate(&mut self) {
        self.pending |= self.levels & !self.claimed;
    }

    fn best(&self) -> usize {
        let candidates = (1..32).filter(|source| self.pending & self.enabled & 1 << source != 0);
        let allowed = candidates.filter(|source| self.priority[*source] > self.threshold);
        // Among equals the lowest source.
        allowed.max_by_key(|source| (self.priority[*source], std::cmp::Reverse(*source))).unwrap_or(0)
    }

    fn drive(&self, cx: &mut Context<'_>) {
        if self.best() > 0 { cx.raise(EXTERNAL) } else { cx.lower(EXTERNAL) }
    }
}

impl Device for Model {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let value = match access.offset {
            offset @ 0..0x80 => self.priority[offset / 4],
            0x1000 => self.pending,
            0x2000 => self.enabled,
            0x20_0000 => self.threshold,
            0x20_0004 => {
                let source = self.best();
                self.pending &= !(1 << source);
                self.claimed |= 1 << source & !1;
                source as u32
            }
            _ => return Err(BusError::Unmapped),
        };
        self.drive(cx);
        Ok(value.into())
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u32;
        match access.offset {
            offset @ 4..0x80 => self.priority[offset / 4] = value & 7,
            0x2000 => self.enabled = value & !1,
            0x20_0000 => self.threshold = value & 7,
            0x20_0004 => {
                self.claimed &= !(1 << value);
                self.gate();
            }
            _ => return Err(BusError::Unmapped),
        }
        self.drive(cx);
        Ok(())
    }
}
