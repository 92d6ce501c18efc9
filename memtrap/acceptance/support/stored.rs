//! A peripheral that keeps what is written: as much as a driver needs of one whose behaviour is not what is tested.

use memtrap::{Access, Bus, BusError, Context, Device, Region, Width, map::RegisterMap};
use std::time::Duration;

/// A bit that follows another one after a while, as a ready flag does its enable bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Follow {
    pub(crate) offset: usize,
    /// The bits that the driver sets, and those that follow them.
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// How long it takes.
const DELAY: Duration = Duration::from_micros(5);

#[derive(Debug)]
pub(crate) struct Stored {
    map: &'static RegisterMap,
    bytes: Vec<u8>,
    follows: Vec<Follow>,
    /// Bits that only the hardware changes.
    status: Vec<(usize, u32)>,
}

impl Stored {
    pub(crate) fn new(name: &'static str, size: usize) -> Self {
        let map = RegisterMap::new(name, size, Width::U32, &[]);
        Self { map: Box::leak(Box::new(map)), bytes: vec![0; size], follows: Vec::new(), status: Vec::new() }
    }

    /// The value after reset of one register.
    pub(crate) fn reset(mut self, offset: usize, value: u32) -> Self {
        self.set(offset, value);
        self
    }

    pub(crate) fn follow(mut self, offset: usize, from: u32, to: u32) -> Self {
        self.follows.push(Follow { offset, from, to });
        self.status.push((offset, to));
        self
    }

    pub(crate) fn at(self, bus: &Bus, address: usize) -> Region<Self> {
        let size = self.bytes.len();
        bus.map_at(address, size, self).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn value(&self, offset: usize) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|at| self.bytes[offset + at]))
    }

    pub(crate) fn set(&mut self, offset: usize, value: u32) {
        self.bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
    }
}

impl Device for Stored {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        let byte = |at| if at < access.width.bytes() { self.bytes[access.offset + at] } else { 0 };
        Ok(u64::from_le_bytes(std::array::from_fn(byte)))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let register = access.offset & !3;
        let before = self.value(register);
        let width = access.width.bytes();
        self.bytes[access.offset..access.offset + width].copy_from_slice(&value.to_le_bytes()[..width]);
        for (_, mask) in self.status.iter().filter(|(offset, _)| *offset == register).copied().collect::<Vec<_>>() {
            self.set(register, self.value(register) & !mask | before & mask);
        }
        if self.follows.iter().any(|follow| follow.offset == register) {
            cx.after(DELAY, register as u64);
        }
        Ok(())
    }

    fn event(&mut self, register: u64, _: &mut Context<'_>) {
        for follow in self.follows.clone().iter().filter(|follow| follow.offset as u64 == register) {
            let value = self.value(follow.offset);
            let bits = (value & follow.from) >> follow.from.trailing_zeros() << follow.to.trailing_zeros();
            self.set(follow.offset, value & !follow.to | bits);
        }
    }

    fn bus_width(&self) -> Width {
        Width::U32
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(self.map)
    }
}
