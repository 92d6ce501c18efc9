//! Blocks of byte registers that lie further apart than they are wide.
//!
//! The offsets of a declared block are constants, but a chip of this kind is wired to its bus in one way or another: a board
//! has its registers 1, 2, 4 or 8 bytes apart. So the block is declared as the data sheet has it, and this is the wiring.

use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::{Register, RegisterMap, View, Width},
    model::{RegisterFile, Simulated},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// The device of a block whose registers are bytes, with registers that start a width apart, and answer to accesses of up to
/// that width, of which the low byte counts.
#[derive(Debug)]
pub(super) struct Strided<B: Simulated<M>, M> {
    pub(super) file: RegisterFile<B, M>,
    pub(super) stride: Width,
}

impl<B: Simulated<M>, M> Strided<B, M> {
    /// Registers next to each other.
    pub(super) fn new(model: M) -> Self {
        Self { file: RegisterFile::new(model), stride: Width::U8 }
    }

    /// Size of the region in bytes.
    pub(super) fn size(&self) -> usize {
        B::MAP.size * self.stride.bytes()
    }

    /// The access that the block sees.
    fn narrowed(&self, access: Access) -> Result<Access, BusError> {
        let stride = self.stride.bytes();
        if !access.offset.is_multiple_of(stride) {
            return Err(BusError::Unmapped);
        }
        Ok(Access { offset: access.offset / stride, width: Width::U8, ..access })
    }
}

impl<B: Simulated<M>, M: Send + 'static> Device for Strided<B, M> {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let access = self.narrowed(access)?;
        self.file.read(access, cx)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let access = self.narrowed(access)?;
        self.file.write(access, value & Width::U8.mask(), cx)
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        self.file.event(event, cx);
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        self.file.reset(cx);
    }

    fn describe(&self) -> Option<String> {
        self.file.describe()
    }

    fn bus_width(&self) -> Width {
        self.stride
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(apart(B::MAP, self.stride))
    }

    fn bank(&self) -> u8 {
        self.file.bank()
    }
}

/// The map of a block with registers this far apart. Made once for each, since the records of regions are permanent.
fn apart(map: &'static RegisterMap, stride: Width) -> &'static RegisterMap {
    static MAPS: Mutex<BTreeMap<(usize, Width), &'static RegisterMap>> = Mutex::new(BTreeMap::new());
    if stride == Width::U8 {
        return map;
    }
    let mut maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    maps.entry(((&raw const *map).addr(), stride)).or_insert_with(|| {
        let view = |view: &View| View { map: scaled(&view.map, stride), ..*view };
        let views: Vec<_> = map.views.iter().map(view).collect();
        Box::leak(Box::new(scaled(map, stride).with_views(views.leak())))
    })
}

fn scaled(map: &RegisterMap, stride: Width) -> RegisterMap {
    let register = |register: &Register| Register {
        offset: register.offset * stride.bytes(),
        stride: register.stride * stride.bytes(),
        width: stride,
        ..*register
    };
    let registers: Vec<_> = map.registers.iter().map(register).collect();
    RegisterMap::new(map.name, map.size * stride.bytes(), stride, registers.leak())
}
