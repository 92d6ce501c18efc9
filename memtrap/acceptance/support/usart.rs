//! The USART of the STM32F1 and F4 (RM0008, section 27; RM0368, section 19), asynchronous, with one stop bit.

use memtrap::{Access, Bus, BusError, Context, Device, Region, Width, map::RegisterMap};
use std::{collections::VecDeque, time::Duration};

const TXE: u32 = 1 << 7;
const TC: u32 = 1 << 6;
const RXNE: u32 = 1 << 5;
const ORE: u32 = 1 << 3;

#[derive(Debug, Default)]
pub(crate) struct Usart {
    clock: u32,
    divisor: u32,
    control: [u32; 4],
    overrun: bool,
    holding: Option<u8>,
    shifting: Option<u8>,
    received: Option<u8>,
    arriving: VecDeque<u8>,
    sent: Vec<u8>,
}

impl Usart {
    /// One whose bus runs at so many hertz.
    pub(crate) fn at(bus: &Bus, address: usize, clock: u32) -> Region<Self> {
        bus.map_at(address, 0x20, Self { clock, ..Self::default() }).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn sent(&self) -> &[u8] {
        &self.sent
    }

    pub(crate) fn baud_rate(&self) -> u32 {
        self.clock / self.divisor
    }

    /// Bytes come from the other end.
    pub(crate) fn receive(&mut self, bytes: &[u8], cx: &mut Context<'_>) {
        if self.arriving.is_empty() {
            cx.after(self.character(), 1);
        }
        self.arriving.extend(bytes);
    }

    fn character(&self) -> Duration {
        let bits = if self.control[0] & 1 << 12 != 0 { 11 } else { 10 };
        Duration::from_nanos(bits * 1_000_000_000 * u64::from(self.divisor.max(1)) / u64::from(self.clock))
    }

    fn shift(&mut self, cx: &mut Context<'_>) {
        // UE and TE.
        let is_enabled = self.control[0] & 1 << 13 != 0 && self.control[0] & 1 << 3 != 0;
        if self.shifting.is_none() && is_enabled {
            self.shifting = self.holding.take();
            if self.shifting.is_some() {
                cx.after(self.character(), 0);
            }
        }
    }
}

impl Device for Usart {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from(match access.offset {
            0x00 => {
                let flag = |set, bit| if set { bit } else { 0 };
                flag(self.holding.is_none(), TXE)
                    | flag(self.holding.is_none() && self.shifting.is_none(), TC)
                    | flag(self.received.is_some(), RXNE)
                    | flag(self.overrun, ORE)
            }
            0x04 => {
                cx.progress();
                self.overrun = false;
                self.received.take().unwrap_or(0).into()
            }
            0x08 => self.divisor,
            offset @ 0x0c..0x1c => self.control[offset / 4 - 3],
            _ => return Err(BusError::Unmapped),
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u32;
        match access.offset {
            0x00 => {}
            0x04 if self.holding.is_some() => cx.fail("a byte is lost: the data register is full"),
            0x04 => self.holding = Some(value as u8),
            0x08 => self.divisor = value,
            offset @ 0x0c..0x1c => self.control[offset / 4 - 3] = value,
            _ => return Err(BusError::Unmapped),
        }
        self.shift(cx);
        Ok(())
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        if event == 0 {
            self.sent.extend(self.shifting.take());
            return self.shift(cx);
        }
        if let Some(byte) = self.arriving.pop_front() {
            // UE and RE.
            if self.control[0] & 1 << 13 != 0 && self.control[0] & 1 << 2 != 0 {
                self.overrun |= self.received.is_some();
                self.received.get_or_insert(byte);
            }
        }
        if !self.arriving.is_empty() {
            cx.after(self.character(), 1);
        }
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        static MAP: RegisterMap = RegisterMap::new("usart1", 0x20, Width::U32, &[]);
        Some(&MAP)
    }
}
